import { PicketError } from "../../src-main/base/errors.ts";
import type { DocumentFiles } from "../platform/platform.ts";
import type { DocumentDesk } from "./documentDesk.svelte.ts";
import { downloadTask } from "./downloadTask.ts";
import type { DocumentEntry } from "./entry.ts";
import { previewKindOf } from "./previewKind.ts";

export type Preview =
  | { readonly kind: "text"; readonly text: string; readonly bytes: number; readonly isCut: boolean }
  | { readonly kind: "image" | "pdf"; readonly address: string }
  | { readonly kind: "none" };

/** So much of a text is shown: more would only be scrolled past. */
const mostText = 512 * 1024;
/** What comes over a socket has to be in memory whole. */
const mostInMemory = 16 * 1024 * 1024;

export interface LoadPreviewOptions {
  readonly desk: Pick<DocumentDesk, "request" | "client" | "isOwn">;
  readonly files: Pick<DocumentFiles, "fetchStart" | "inlineAddress">;
  readonly entry: Pick<DocumentEntry, "id" | "name" | "size">;
}

/** Fetches as much of a document as is shown of it. @throws {PicketError} */
export async function loadPreview({ desk, files, entry }: LoadPreviewOptions): Promise<Preview> {
  const kind = previewKindOf(entry.name);
  if (kind === undefined) return { kind: "none" };
  if (desk.isOwn) {
    const task = await downloadTask(desk, entry.id);
    if (kind !== "text") return { kind, address: files.inlineAddress(task) };
    return textPreview(entry.size === 0 ? new Uint8Array() : await files.fetchStart(task, mostText), entry.size);
  }
  if (entry.size > mostInMemory || kind === "pdf") return { kind: "none" };
  const bytes = await fetchWhole(desk, entry);
  if (kind === "text") return textPreview(bytes.subarray(0, mostText), entry.size);
  return { kind, address: dataAddress(bytes, entry.name) };
}

function textPreview(bytes: Uint8Array, size: number): Preview {
  // A character that the cut went through is left out; what is no text shows as question marks in boxes.
  const text = new TextDecoder().decode(bytes, { stream: bytes.length < size });
  return { kind: "text", text, bytes: bytes.length, isCut: bytes.length < size };
}

async function fetchWhole(
  { client }: LoadPreviewOptions["desk"],
  { id, size }: { readonly id: string; readonly size: number },
): Promise<Uint8Array> {
  const whole = new Uint8Array(size);
  await client.download({
    task: async () => (await client.request("get_document", { document_id: id })).task_data.task_id,
    target: {
      write(offset, bytes) {
        if (offset + bytes.length > whole.length) throw new PicketError("SIZE_MISMATCH");
        whole.set(bytes, offset);
      },
      read: async (offset, length) => whole.slice(offset, offset + length),
    },
  });
  return whole;
}

/** A picture inside its own address: nothing else can be loaded from it, and scripts in it do not run. */
function dataAddress(bytes: Uint8Array, name: string): string {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  const type = ending === "jpg" ? "jpeg" : ending;
  let binary = "";
  for (let offset = 0; offset < bytes.length; offset += 8192) {
    binary += String.fromCharCode(...bytes.subarray(offset, offset + 8192));
  }
  return `data:image/${type};base64,${btoa(binary)}`;
}
