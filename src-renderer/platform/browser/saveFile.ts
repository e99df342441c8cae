import type { FileToSave } from "../platform.ts";

/** The browser has taken the file from the link long before this, in milliseconds. */
const keepUrlFor = 60_000;

/** Hands a file to the browser's downloads. */
export function saveFile({ name, type, parts }: FileToSave): void {
  const url = URL.createObjectURL(new Blob([...parts], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), keepUrlFor);
}
