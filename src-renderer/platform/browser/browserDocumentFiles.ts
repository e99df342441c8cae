import { type ErrorCode, isErrorCode, PicketError } from "../../../src-main/base/errors.ts";
import { parseJson } from "../../../src-main/base/parseJson.ts";
import type { DocumentFiles, FileTarget } from "../platform.ts";
import { saveFile } from "./saveFile.ts";

/** What browsers that can write to files have, and the DOM's types do not know yet. */
interface PickingWindow {
  readonly showSaveFilePicker?: (options: { readonly suggestedName: string }) => Promise<FileSystemFileHandle>;
}

const offsetHeader = "upload-offset";
const pieceBytes = 1024 * 1024;

/** Documents by tickets over HTTP: docs/protocols/documents.md. */
export function browserDocumentFiles(): DocumentFiles {
  return {
    async heldOf(task, signal) {
      const response = await ask(uploadAddress(task, {}), { method: "HEAD", signal });
      if (!response.ok) throw errorOf(response.status, await response.text());
      const isComplete = response.headers.get("upload-complete") === "?1";
      return { held: heldIn(response.headers.get(offsetHeader)), isComplete };
    },
    send,
    async fetchFrom(task, { offset, length, signal }) {
      const headers = { range: `bytes=${offset}-${offset + length - 1}` };
      const response = await ask(downloadAddress(task), { signal, headers });
      const [, end, total] = /^bytes (?:\d+-(\d+)|\*)\/(\d+)$/.exec(response.headers.get("content-range") ?? "") ?? [];
      const size = Number(total);
      // Everything is here already, or the file is empty: nothing is left to be sent.
      if (response.status === 416 && size === offset) {
        return { size, end: offset, ...versionOf(response), bytes: chunksOf(undefined) };
      }
      if (!response.ok) throw errorOf(response.status, await response.text());
      if (end === undefined) throw new PicketError("INVALID_MESSAGE");
      return { size, end: Number(end) + 1, ...versionOf(response), bytes: chunksOf(response.body ?? undefined) };
    },
    async fetchStart(task, bytes) {
      const response = await ask(downloadAddress(task), { headers: { range: `bytes=0-${bytes - 1}` } });
      // An empty file has no such range.
      if (response.status === 416) return new Uint8Array();
      if (!response.ok) throw errorOf(response.status, await response.text());
      return new Uint8Array(await response.arrayBuffer());
    },
    inlineAddress: (task) => `${downloadAddress(task)}?inline=1`,
    canPickTarget: (window as PickingWindow).showSaveFilePicker !== undefined,
    pickTarget: async (name) => {
      const { showSaveFilePicker } = window as PickingWindow;
      if (showSaveFilePicker === undefined) return memoryTarget(name);
      try {
        const handle = await showSaveFilePicker.call(window, { suggestedName: name });
        return streamTarget(await handle.createWritable());
      } catch (error) {
        if (error instanceof DOMException && error.name === "AbortError") return undefined;
        throw new PicketError("FORBIDDEN", { cause: error, details: error instanceof Error ? error.message : "" });
      }
    },
    handOver(task) {
      const link = document.createElement("a");
      link.href = downloadAddress(task);
      link.download = "";
      link.click();
    },
    showsPdf: navigator.pdfViewerEnabled,
  };
}

/** With the browser's older way of asking: only that tells how much of a body is sent. */
const send: DocumentFiles["send"] = (task, { size, offset, slice, signal, progress }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    const lost = (): void => reject(new PicketError("PEER_LOST"));
    signal.addEventListener("abort", abort);
    request.open("PUT", uploadAddress(task, { size, offset }));
    request.upload.onprogress = ({ loaded }) => progress(offset + loaded);
    request.onerror = lost;
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.onload = () => {
      const { status, responseText } = request;
      if (status < 200 || status >= 300) reject(errorOf(status, responseText));
      else resolve({ held: heldIn(request.getResponseHeader(offsetHeader)), isComplete: status === 201 });
    };
    request.send(slice);
  });

async function ask(address: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(address, { cache: "no-store", ...init });
  } catch (error) {
    init.signal?.throwIfAborted();
    throw new PicketError("PEER_LOST", { cause: error });
  }
}

function uploadAddress(task: string, query: Readonly<Record<string, number>>): string {
  const search = new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]));
  return `/api/v1/uploads/${encodeURIComponent(task)}?${search}`;
}

function downloadAddress(task: string): string {
  return `/api/v1/downloads/${encodeURIComponent(task)}`;
}

function heldIn(header: string | null): number {
  const held = Number(header ?? Number.NaN);
  if (!Number.isSafeInteger(held) || held < 0) throw new PicketError("INVALID_MESSAGE");
  return held;
}

/** The core's version of a file is its hash. */
function versionOf(response: Response): { readonly version: string; readonly sha256: string | undefined } {
  const version = response.headers.get("etag") ?? "";
  return { version, sha256: /^"([0-9a-f]{64})"$/.exec(version)?.[1] };
}

function errorOf(status: number, body: string): PicketError {
  const parsed = parseJson(body);
  const said = parsed.ok
    ? (parsed.value as { readonly error?: Readonly<Record<string, unknown>> } | null)?.error
    : undefined;
  const code = said?.["code"];
  const details = said?.["details"] ?? said?.["message"];
  if (isErrorCode(code)) return new PicketError(code, typeof details === "string" ? { details } : {});
  // The answer to a HEAD has no words, and a proxy on the way has its own for a core that is away.
  const codes: Readonly<Record<number, ErrorCode>> = {
    404: "FILE_TASK_NOT_FOUND",
    409: "FILE_TASK_OVER",
    410: "FILE_TASK_OVER",
  };
  return new PicketError(codes[status] ?? (status >= 500 ? "PEER_LOST" : "INTERNAL_ERROR"));
}

/** One piece of memory for all of them: fresh memory for every piece of a large file gathers faster than it is collected. */
async function* chunksOf(body: ReadableStream<Uint8Array<ArrayBuffer>> | undefined): AsyncIterable<Uint8Array> {
  if (body === undefined) return;
  const reader = body.getReader({ mode: "byob" });
  let memory = new ArrayBuffer(pieceBytes);
  let isWhole = false;
  try {
    for (;;) {
      const { done, value } = await reader.read(new Uint8Array(memory));
      isWhole = done;
      if (value === undefined || done) return;
      yield value;
      memory = value.buffer;
    }
  } catch (error) {
    throw error instanceof DOMException && error.name === "AbortError"
      ? error
      : new PicketError("PEER_LOST", { cause: error });
  } finally {
    if (!isWhole) await reader.cancel().catch(() => {});
  }
}

function streamTarget(stream: FileSystemWritableFileStream): FileTarget {
  let isOver = false;
  return {
    write: (position, bytes) => stream.write({ type: "write", position, data: bytes as Uint8Array<ArrayBuffer> }),
    async close() {
      isOver = true;
      await stream.close();
    },
    async abandon() {
      if (isOver) return;
      isOver = true;
      await stream.abort();
    },
  };
}

/** For browsers that cannot write to files: the file is put together in memory and then saved. */
function memoryTarget(name: string): FileTarget {
  let parts: { readonly offset: number; readonly bytes: Uint8Array<ArrayBuffer> }[] = [];
  return {
    async write(offset, bytes) {
      // A transfer that starts anew writes what it wrote before.
      if (offset === 0) parts = [];
      parts.push({ offset, bytes: new Uint8Array(bytes) });
    },
    async close() {
      saveFile({ name, type: "application/octet-stream", parts: parts.map(({ bytes }) => bytes) });
      parts = [];
    },
    async abandon() {
      parts = [];
    },
  };
}
