import { type Disposable, DisposableStore } from "../../src-main/base/disposable.ts";
import type { DocumentServer } from "../../src-main/protocols/machines/messages/documentServers.ts";
import type { Platform } from "../platform/platform.ts";
import type { Link } from "../state/link.svelte.ts";
import { Query } from "../state/query.svelte.ts";
import { DocumentDesk } from "./documentDesk.svelte.ts";
import { downloadTask } from "./downloadTask.ts";
import type { Picked } from "./droppedFiles.ts";
import type { DocumentEntry } from "./entry.ts";
import { fetchOverHttp, fetchOverSocket } from "./fetchFile.ts";
import { NameClashes } from "./nameClash.svelte.ts";
import { sendOverHttp, sendOverSocket } from "./sendFile.ts";
import { Transfers } from "./transfers.svelte.ts";
import { UploadBatch } from "./uploadBatch.ts";

/** What comes in one after the other is shown together, this much later. */
const gatherTime = 400;

/** The documents servers that the console works with, and every file on its way to and from them. */
export class DocumentDesks implements Disposable {
  readonly transfers: Transfers;
  readonly clashes = new NameClashes();
  /** Other people's servers that the core knows. */
  readonly servers: Query<readonly DocumentServer[]>;
  readonly #link: Link;
  readonly #platform: Platform;
  readonly #desks = new Map<string | undefined, DocumentDesk>();
  readonly #refreshing = new Set<DocumentDesk>();
  readonly #owned = new DisposableStore();

  constructor(link: Link, platform: Platform) {
    this.#link = link;
    this.#platform = platform;
    this.transfers = new Transfers(platform.clock);
    this.servers = this.#owned.add(
      new Query(link, async (client) => (await client.request("document-server-list", {})).servers),
    );
    this.#owned.add(platform.onLeaving(() => this.transfers.unfinished > 0));
    this.#owned.add(platform.onNetworkBack(() => this.#retry()));
    this.#owned.add(platform.visible.onChange((now) => now && this.#retry()));
  }

  /** @param serverId undefined: the core's own documents */
  desk(serverId: string | undefined): DocumentDesk {
    let desk = this.#desks.get(serverId);
    if (desk === undefined) {
      desk = this.#make(serverId);
      this.#desks.set(serverId, desk);
    }
    return desk;
  }

  /** A page asks for a desk while it is being drawn; what the desk derives has to outlive that page. */
  #make(serverId: string | undefined): DocumentDesk {
    const { clock, dialPath } = this.#platform;
    const made: DocumentDesk[] = [];
    const end = $effect.root(() => {
      made.push(new DocumentDesk({ serverId, link: this.#link, clock, dial: dialPath }));
    });
    const [desk] = made;
    if (desk === undefined) throw new Error("an effect root runs at once");
    desk.own({ dispose: end });
    return desk;
  }

  /** Puts what was picked on its way into a folder. @throws {PicketError} an empty folder that could not be made */
  async upload(desk: DocumentDesk, folderId: string | null, picked: Picked): Promise<void> {
    const { clock, documentFiles } = this.#platform;
    const batch = new UploadBatch({
      desk,
      folderId,
      picked,
      clashes: this.clashes,
      send: desk.isOwn ? sendOverHttp(documentFiles, clock) : sendOverSocket(desk.client),
      onChanged: (changed) => this.#changed(desk, changed),
    });
    this.transfers.add(batch.transfers());
    await batch.makeEmptyFolders();
  }

  /**
   * Fetches a document: into a file that the user picks where the browser can write to one, else by the browser's own
   * downloads. To be called in the event of a click: only then may a file be picked.
   *
   * @param revisionId an older revision instead of the current one
   * @returns whether the browser took it over, so that nothing more is to be seen here
   * @throws {PicketError}
   */
  async download(
    desk: DocumentDesk,
    entry: Pick<DocumentEntry, "id" | "name" | "size">,
    revisionId?: string,
  ): Promise<boolean> {
    const { clock, documentFiles } = this.#platform;
    const newTask = (): Promise<string> => downloadTask(desk, entry.id, revisionId);
    if (desk.isOwn && !documentFiles.canPickTarget) {
      documentFiles.handOver(await newTask());
      return true;
    }
    const target = await documentFiles.pickTarget(entry.name);
    if (target === undefined) return false;
    const run = desk.isOwn
      ? fetchOverHttp({ files: documentFiles, clock, newTask, target })
      : fetchOverSocket(desk.client, newTask, target);
    this.transfers.add([
      {
        direction: "download",
        name: entry.name,
        place: "",
        size: entry.size,
        run: async (controls) => {
          await run(controls);
          return "done";
        },
        dropped: () => void target.abandon(),
      },
    ]);
    return false;
  }

  /** Nobody is signed in any more. */
  clear(): void {
    this.transfers.clear();
    for (const desk of this.#desks.values()) desk.dispose();
    this.#desks.clear();
  }

  dispose(): void {
    this.clear();
    this.#owned.dispose();
  }

  #retry(): void {
    for (const desk of this.#desks.values()) desk.client.retryNow();
  }

  #changed(desk: DocumentDesk, folderId: string | null): void {
    if (this.#refreshing.has(desk)) return;
    if (desk.view.folderId !== folderId) {
      // A folder that the tree shows may have a new one inside.
      if (desk.tree.isOpen(folderId)) void desk.folders.list(folderId).catch(() => {});
      return;
    }
    this.#refreshing.add(desk);
    this.#platform.clock.schedule(gatherTime, () => {
      this.#refreshing.delete(desk);
      void desk.view.refresh();
    });
  }
}
