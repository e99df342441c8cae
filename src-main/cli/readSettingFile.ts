import { readFileSync } from "node:fs";
import { PicketError } from "../base/errors.ts";

/** The file that a setting names. @throws {PicketError} `CONFIG_INVALID`, with the setting and the reason */
export function readSettingFile(setting: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    const reason = (cause as NodeJS.ErrnoException).code ?? "unknown reason";
    throw new PicketError("CONFIG_INVALID", { message: `${setting}: ${file} cannot be read (${reason}).`, cause });
  }
}
