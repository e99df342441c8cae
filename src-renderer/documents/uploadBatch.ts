import { PicketError } from "../../src-main/base/errors.ts";
import { DocumentsRefusal } from "../../src-main/protocols/documents/client/documentsRefusal.ts";
import type { DocumentDesk } from "./documentDesk.svelte.ts";
import type { Picked, PickedFile } from "./droppedFiles.ts";
import { freeName } from "./freeName.ts";
import type { ClashAnswer, NameClashes } from "./nameClash.svelte.ts";
import type { TransferOptions, TransferOutcome, TransferRun } from "./transfer.svelte.ts";

/** Sends the bytes of one file; goes on where the server stands. */
export type SendFile = (task: string, file: File, run: TransferRun) => Promise<void>;

export interface UploadBatchOptions {
  readonly desk: Pick<DocumentDesk, "request" | "folders">;
  /** Where everything goes; null: the root. */
  readonly folderId: string | null;
  readonly picked: Picked;
  readonly clashes: Pick<NameClashes, "ask">;
  readonly send: SendFile;
  /** Something is in that folder now that was not. */
  readonly onChanged: (folderId: string | null) => void;
}

type Place =
  | { readonly kind: "new"; readonly title: string }
  | { readonly kind: "revision"; readonly documentId: string };

/** What somebody dropped or picked at once: its folders are made as they are needed, its clashes answered together. */
export class UploadBatch {
  readonly #options: UploadBatchOptions;
  /** By path. A folder is made once, however many files want it. */
  readonly #folders = new Map<string, Promise<string | null>>();
  #forAll: ClashAnswer | undefined;
  #waiting: number;

  constructor(options: UploadBatchOptions) {
    this.#options = options;
    this.#waiting = options.picked.files.length;
  }

  /** One a file. */
  transfers(): Omit<TransferOptions, "id" | "clock">[] {
    return this.#options.picked.files.map((picked) => ({
      direction: "upload",
      name: picked.file.name,
      place: picked.folders.join(" / "),
      size: picked.file.size,
      run: this.#runner(picked),
    }));
  }

  /** Makes the folders that no file would make. @throws {PicketError} */
  async makeEmptyFolders(): Promise<void> {
    for (const path of this.#options.picked.emptyFolders) await this.#folder(path);
  }

  #runner({ file, folders }: PickedFile): TransferOptions["run"] {
    let place: Place | undefined;
    let task: string | undefined;
    return async (run): Promise<TransferOutcome> => {
      const folderId = await this.#folder(folders);
      for (let attempt = 0; ; attempt += 1) {
        run.signal.throwIfAborted();
        if (task === undefined) {
          const made = await this.#task(file, { folderId, place, signal: run.signal });
          if (made === undefined) return "skipped";
          ({ place, task } = made);
        }
        try {
          await this.#options.send(task, file, run);
          this.#waiting -= 1;
          this.#options.onChanged(folderId);
          return "done";
        } catch (error) {
          // A task ends after an hour: whoever paused for longer begins again.
          if (!isTaskOver(error) || attempt > 0) throw error;
          task = undefined;
        }
      }
    };
  }

  async #task(
    file: File,
    options: { readonly folderId: string | null; readonly place: Place | undefined; readonly signal: AbortSignal },
  ): Promise<{ readonly place: Place; readonly task: string } | undefined> {
    const { desk } = this.#options;
    const { folderId, signal } = options;
    let place: Place = options.place ?? { kind: "new", title: file.name.normalize("NFC") };
    for (;;) {
      if (place.kind === "revision") {
        const { task_data } = await desk.request("upload_document", { document_id: place.documentId });
        return { place, task: task_data.task_id };
      }
      const { title } = place;
      try {
        const { task_data } = await desk.request("create_document", { title, folder_id: folderId });
        return { place, task: task_data.task_id };
      } catch (error) {
        if (!isNameTaken(error)) throw error;
      }
      const entries = await desk.folders.list(folderId);
      const there = entries.find(({ name }) => name.toLowerCase() === title.toLowerCase());
      const canRevise = there?.kind === "document";
      const answer = await this.#answer(title, canRevise, signal);
      if (answer === "skip") {
        this.#waiting -= 1;
        return undefined;
      }
      if (answer === "revision" && there !== undefined) place = { kind: "revision", documentId: there.id };
      else
        place = {
          kind: "new",
          title: freeName(
            title,
            entries.map(({ name }) => name),
          ),
        };
    }
  }

  async #answer(name: string, canRevise: boolean, signal: AbortSignal): Promise<ClashAnswer> {
    const known = (): ClashAnswer | undefined => (this.#forAll === "revision" && !canRevise ? undefined : this.#forAll);
    const { clashes } = this.#options;
    const before = known();
    if (before !== undefined) return before;
    const { answer, forAll } = await clashes.ask(
      { name, canRevise, others: this.#waiting - 1, isSettled: () => known() },
      signal,
    );
    if (forAll) this.#forAll = answer;
    return answer;
  }

  #folder(path: readonly string[]): Promise<string | null> {
    const name = path.at(-1);
    if (name === undefined) return Promise.resolve(this.#options.folderId);
    const key = path.join("/");
    let made = this.#folders.get(key);
    if (made === undefined) {
      made = this.#makeFolder(path.slice(0, -1), name);
      this.#folders.set(key, made);
      // Tried again by whoever wants it next.
      made.catch(() => this.#folders.delete(key));
    }
    return made;
  }

  async #makeFolder(above: readonly string[], name: string): Promise<string> {
    const parentId = await this.#folder(above);
    const { id } = await this.#options.desk.request("create_directory", {
      name: name.normalize("NFC"),
      parent_id: parentId,
      exists_ok: true,
    });
    this.#options.onChanged(parentId);
    return id;
  }
}

/** Other servers say it with a 400 and a sentence. */
export function isNameTaken(error: unknown): boolean {
  if (!(error instanceof PicketError)) return false;
  return error.code === "NAME_TAKEN" || (error instanceof DocumentsRefusal && /same name/i.test(error.message));
}

function isTaskOver(error: unknown): boolean {
  return error instanceof PicketError && (error.code === "FILE_TASK_OVER" || error.code === "FILE_TASK_NOT_FOUND");
}
