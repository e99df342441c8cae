/** What was found out about a server: whether it knows more than version 3 asks for. */
export interface ServerTraits {
  /** Undefined until it was tried. */
  rawDownloads: boolean | undefined;
  resumedUploads: boolean | undefined;
}
