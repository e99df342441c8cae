import { createHash } from "node:crypto";
import { systemClock } from "../../../src-main/base/clock.ts";
import { withLocalCore } from "../../../src-main/cli/localCore.ts";
import { DocumentsClient } from "../../../src-main/protocols/documents/client.ts";
import { dialSocket } from "../../../src-main/wire/node/dialSocket.ts";
import { KeepAlive } from "../../../src-main/wire/node/keepAlive.ts";
import { removeFolder, scratchFolder } from "../../bench/support/cleanUp.ts";
import { pause } from "../../bench/support/processUsage.ts";
import { administrator, CoreProcess } from "../../bench/support/product.ts";
import { AckedValues } from "../../support/ackedValues.ts";
import { SeededRandom } from "../../support/seededRandom.ts";
import type { Check, SoakOptions, Trial } from "../trial.ts";

const kills = 50;
const lookEvery = 100;

interface Scene {
  readonly core: CoreProcess;
  readonly client: DocumentsClient;
  readonly random: SeededRandom;
  readonly acked: AckedValues;
  /** Two folders, made at the beginning. */
  readonly folders: string[];
  /** Documents that show. */
  readonly shown: string[];
  /** Counts everything, so that no two things have the same name. */
  count: number;
}

/** A core is killed again and again while documents are uploaded and moved and rules change. */
export const killedDocuments: Trial = {
  letter: "f",
  title: `a core that is killed ${kills} times keeps every document, place and rule that it acked`,
  minutes: 5,
  async run({ seed, say }: SoakOptions): Promise<readonly Check[]> {
    const dataFolder = scratchFolder("soak-f");
    const random = new SeededRandom(seed);
    const [acked, folders, shown]: [AckedValues, string[], string[]] = [new AckedValues(), [], []];
    const faults: string[] = [];
    let [count, checked, damaged] = [0, 0, 0];
    for (let round = 0; round <= kills; round += 1) {
      const core = await CoreProcess.start({ dataFolder });
      const keepAlive = new KeepAlive(systemClock);
      const dial = (attach: Parameters<typeof dialSocket>[1]) =>
        dialSocket({ url: `${core.wsUrl}/cfms`, clock: systemClock, keepAlive }, attach);
      const client = new DocumentsClient({ clock: systemClock, dial });
      const scene: Scene = { core, client, random, acked, folders, shown, count };
      await client.signIn(administrator);
      if (round === 0) await makeFolders(scene);
      // All of it in the end, in between what may have been touched last.
      const keys = round === kills ? acked.keys : acked.keys.slice(-40);
      for (const key of keys) {
        const fault = acked.fault(key, await look(scene, key));
        if (fault !== undefined) faults.push(fault);
        checked += 1;
      }
      if (round % 10 === 0) damaged = await checkStorage(dataFolder);
      if (round % 10 === 0) say(`${round} kills, ${acked.keys.length} things, ${faults.length} lost`);
      if (round < kills) {
        const work = Promise.allSettled([upload, move, changeRules].map((one) => forever(scene, one)));
        await pause(100 + random.below(1_500));
        await core.stop("SIGKILL");
        client.dispose();
        await work;
      }
      client.dispose();
      keepAlive.dispose();
      await core.stop();
      count = scene.count;
    }
    removeFolder(dataFolder);
    for (const fault of faults) say(fault);
    return [
      { what: "acked and lost, or half done", value: `${faults.length} of ${checked}`, ok: faults.length === 0 },
      { what: "documents that show", value: String(shown.length), ok: shown.length > kills },
      { what: "damaged files", value: String(damaged), ok: damaged === 0 },
    ];
  },
};

async function forever(scene: Scene, work: (scene: Scene) => Promise<void>): Promise<void> {
  for (;;) await work(scene);
}

async function makeFolders({ client, folders }: Scene): Promise<void> {
  for (const name of ["one", "two"]) {
    folders.push((await client.request("create_directory", { name, parent_id: null })).id);
  }
}

async function upload(scene: Scene): Promise<void> {
  const { core, client, random, acked, folders, shown } = scene;
  scene.count += 1;
  const isNew = shown.length === 0 || random.chance(0.5);
  const folder = random.pick(folders);
  const title = `${scene.count}`;
  const known = random.pick(shown);
  const made = isNew ? await client.request("create_document", { title, folder_id: folder }) : undefined;
  const { task_data: task } = made ?? (await client.request("upload_document", { document_id: known }));
  const id = made?.document_id ?? known;
  const content = Buffer.alloc(1 + random.below(2_000_000), `${scene.count} `);
  const hash = createHash("sha256").update(content).digest("hex");
  acked.begin(`content:${id}`, hash);
  const answer = await fetch(`${core.url}/api/v1/uploads/${task.task_id}`, { method: "PUT", body: content });
  if (answer.status !== 201) throw new Error(`an upload was answered with ${answer.status}`);
  acked.done(`content:${id}`, hash);
  if (!isNew) return;
  acked.done(`parent:${id}`, folder);
  shown.push(id);
}

async function move({ client, random, acked, folders, shown }: Scene): Promise<void> {
  if (shown.length === 0) {
    await pause(lookEvery);
    return;
  }
  const [id, folder] = [random.pick(shown), random.pick(folders)];
  acked.begin(`parent:${id}`, folder);
  await client.request("move_document", { document_id: id, target_folder_id: folder });
  acked.done(`parent:${id}`, folder);
}

async function changeRules(scene: Scene): Promise<void> {
  const { client, random, acked, folders } = scene;
  scene.count += 1;
  const [id, note] = [random.pick(folders), String(scene.count)];
  const rules = [{ match: "all" as const, match_groups: [], note }];
  acked.begin(`rules:${id}`, note);
  await client.request("set_directory_rules", { directory_id: id, access_rules: { read: rules, move: rules } });
  acked.done(`rules:${id}`, note);
}

/** The value that a key has in truth; a document's content by the bytes that come down. */
async function look({ core, client }: Scene, key: string): Promise<string | undefined> {
  const [kind, id = ""] = key.split(":");
  if (kind === "rules") {
    const { read, move: moved } = await client.request("get_directory_access_rules", { directory_id: id });
    const [one, other] = [read?.[0]?.["note"], moved?.[0]?.["note"]];
    return one === other ? (one as string | undefined) : `half: ${one} and ${other}`;
  }
  try {
    const info = await client.request("get_document_info", { document_id: id });
    if (kind === "parent") return info.parent_id ?? "";
    const { task_data: task } = await client.request("get_document", { document_id: id });
    const answer = await fetch(`${core.url}/api/v1/downloads/${task.task_id}`);
    return createHash("sha256")
      .update(Buffer.from(await answer.arrayBuffer()))
      .digest("hex");
  } catch {
    return undefined;
  }
}

/** Lets the core read every file. @returns how many are damaged */
function checkStorage(dataFolder: string): Promise<number> {
  return withLocalCore(dataFolder, async (machines) => {
    await machines.request("document-storage-check", {});
    for (;;) {
      const { check, damaged } = await machines.request("document-storage", {});
      if (!check.isRunning) return damaged.length;
      await pause(lookEvery);
    }
  });
}
