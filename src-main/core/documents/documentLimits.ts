/** How much people may keep, in bytes; 0: no limit but the disk. */
export interface DocumentLimits {
  readonly perUser: number;
  readonly perFile: number;
}
