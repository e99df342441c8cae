import type { MenuItem } from "../../../components/Menu.svelte";
import { moveEntry, removeEntry } from "../../../documents/documentActions.ts";
import type { DocumentDesk } from "../../../documents/documentDesk.svelte.ts";
import { droppedEntries, droppedFiles, type Picked } from "../../../documents/droppedFiles.ts";
import type { DocumentEntry, Entry } from "../../../documents/entry.ts";
import { previewKindOf } from "../../../documents/previewKind.ts";
import { reportRefusal } from "../../../documents/reportRefusal.ts";
import type { App } from "../../../state/app.ts";

/** What stands before the list and wants an answer. */
export type FilesDialog =
  | { readonly kind: "new-folder" }
  | { readonly kind: "rename"; readonly entry: Entry }
  | { readonly kind: "move"; readonly entries: readonly Entry[] }
  | { readonly kind: "remove"; readonly entries: readonly Entry[] }
  | { readonly kind: "preview"; readonly entry: DocumentEntry }
  | { readonly kind: "access"; readonly entry: Entry };

const doubleClick = 400;

/** What can be done with the files of a desk, by the menu, by the keys and by the buttons alike. */
export class FileCommands {
  readonly #app: App;
  readonly #desk: DocumentDesk;
  #clickedAt = Number.NEGATIVE_INFINITY;
  dialog = $state.raw<FilesDialog | undefined>();
  /** Shown beside the list. */
  details = $state(false);
  /** What is being dragged inside the page. */
  dragged = $state.raw<readonly Entry[]>([]);

  constructor(app: App, desk: DocumentDesk) {
    this.#app = app;
    this.#desk = desk;
  }

  may(right: string): boolean {
    return this.#desk.permissions.has(right);
  }

  /** Whether everything of it may be renamed, moved or deleted, as far as rights say; rules may still forbid it. */
  mayAll(entries: readonly Entry[], what: "rename" | "delete"): boolean {
    return entries.every(({ kind }) => this.may(`${what}_${kind}`));
  }

  get mayUpload(): boolean {
    return this.may("create_document");
  }

  get mayMakeFolder(): boolean {
    return this.may("create_directory");
  }

  /** A folder is gone into; a document is looked at, or fetched when it cannot be. */
  open(entry: Entry): void {
    if (entry.kind === "directory") this.go(entry.id);
    else if (this.#canPreview(entry)) this.dialog = { kind: "preview", entry };
    else this.download([entry]);
  }

  /** By one click on its name. */
  openClicked(entry: Entry): void {
    this.#clickedAt = this.#app.platform.clock.monotonicTime();
    this.open(entry);
  }

  /** By a double click, whose first half may have opened something: what stands there now was not meant. */
  openDoubled(entry: Entry): void {
    if (this.#app.platform.clock.monotonicTime() - this.#clickedAt > doubleClick) this.open(entry);
  }

  go(folderId: string | null): void {
    const { serverId } = this.#desk;
    this.#app.router.go({
      page: "documents",
      section: "files",
      ...(serverId === undefined ? {} : { server: serverId }),
      ...(folderId === null ? {} : { folderId }),
    });
  }

  download(entries: readonly Entry[]): void {
    void this.#report(async () => {
      for (const entry of entries) {
        if (entry.kind !== "document") continue;
        const handedOver = await this.#app.documents.download(this.#desk, entry);
        if (handedOver) this.#app.toasts.done(this.#texts.files.handedOver(entry.name));
      }
    });
  }

  downloadRevision(entry: Pick<DocumentEntry, "id" | "name" | "size">, revisionId: string): void {
    void this.#report(async () => {
      const handedOver = await this.#app.documents.download(this.#desk, entry, revisionId);
      if (handedOver) this.#app.toasts.done(this.#texts.files.handedOver(entry.name));
    });
  }

  upload(picked: Picked, folderId = this.#desk.view.folderId): void {
    const { toasts, i18n } = this.#app;
    if (picked.unreadable.length > 0) {
      toasts.failed(this.#texts.upload.unreadable, picked.unreadable.slice(0, 5).join(i18n.t.settings.listJoin));
    }
    void this.#report(() => this.#app.documents.upload(this.#desk, folderId, picked));
  }

  /** Whether what is over the page could be dropped on it. */
  takes(event: DragEvent): boolean {
    if (this.dragged.length > 0) return this.may("move");
    return this.mayUpload && event.dataTransfer?.types.includes("Files") === true;
  }

  /** Something was dropped on a folder: files from outside, or rows of the list. */
  drop(event: DragEvent, folderId: string | null): void {
    const entries = this.dragged.filter(({ id }) => id !== folderId);
    if (this.dragged.length > 0) {
      this.dragged = [];
      void this.move(entries, folderId).catch((thrown: unknown) => reportRefusal(this.#app, thrown));
      return;
    }
    const dropped = droppedEntries(event.dataTransfer?.items ?? []);
    void this.#report(async () => this.upload(await droppedFiles(dropped), folderId));
  }

  /** @throws {PicketError} at the first that cannot be moved; those before it are */
  async move(entries: readonly Entry[], folderId: string | null): Promise<void> {
    await this.#each(entries, (entry) => moveEntry(this.#desk, entry, folderId));
    if (entries.length > 0) this.#app.toasts.done(this.#texts.move.done(entries.length));
  }

  /** @throws {PicketError} at the first that cannot be deleted; those before it are */
  async remove(entries: readonly Entry[]): Promise<void> {
    await this.#each(entries, (entry) => removeEntry(this.#desk, entry));
    this.#app.toasts.done(this.#texts.remove.done(entries.length));
  }

  menuFor(entries: readonly Entry[]): MenuItem[] {
    const { menu } = this.#texts;
    const [entry] = entries;
    if (entry === undefined) return [];
    const single = entries.length === 1;
    const items: (MenuItem | false)[] = [
      single && entry.kind === "directory" && { label: menu.open, icon: "folder", run: () => this.open(entry) },
      single &&
        entry.kind === "document" &&
        this.#canPreview(entry) && {
          label: menu.preview,
          icon: "file",
          run: () => {
            this.dialog = { kind: "preview", entry };
          },
        },
      entries.some(({ kind }) => kind === "document") && {
        label: menu.download,
        icon: "download",
        run: () => this.download(entries),
      },
      single &&
        this.mayAll(entries, "rename") && {
          label: menu.rename,
          icon: "edit",
          run: () => {
            this.dialog = { kind: "rename", entry };
          },
        },
      this.may("move") && {
        label: menu.move,
        icon: "folder",
        run: () => {
          this.dialog = { kind: "move", entries };
        },
      },
      single && {
        label: menu.details,
        icon: "info",
        run: () => {
          this.#desk.view.selection.only(entry.id);
          this.details = true;
        },
      },
      single && {
        label: menu.access,
        icon: "person",
        run: () => {
          this.dialog = { kind: "access", entry };
        },
      },
      this.mayAll(entries, "delete") && {
        label: menu.remove,
        icon: "trash",
        danger: true,
        run: () => {
          this.dialog = { kind: "remove", entries };
        },
      },
    ];
    return items.filter((item) => item !== false);
  }

  get #texts() {
    return this.#app.i18n.t.documents;
  }

  #canPreview({ name }: Entry): boolean {
    const kind = previewKindOf(name);
    if (kind === "pdf") return this.#desk.isOwn && this.#app.platform.documentFiles.showsPdf;
    return kind !== undefined;
  }

  async #each(entries: readonly Entry[], act: (entry: Entry) => Promise<void>): Promise<void> {
    try {
      for (const entry of entries) {
        await act(entry);
        if (entry.kind === "directory") this.#desk.folders.forget(entry.id);
      }
    } finally {
      await this.#desk.view.refresh();
      await this.#desk.folders.refreshKnown();
    }
  }

  async #report(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (thrown) {
      reportRefusal(this.#app, thrown);
    }
  }
}
