// Writes rows without end and prints each one's id when it is stored. Killed by store/crash.test.ts.
import { Database } from "../../src-main/store/database.ts";

const [file = "", start = "0"] = process.argv.slice(2);
const database = await Database.open({ file });
const write = async (id: number): Promise<void> => {
  const row = { id: `${id}`, node_key: 1, command_text: "x".repeat(id % 500), timeout: 1, status: "queued" };
  const rest = { created_by: "test", created_at: id, expires_at: id };
  await database.transact([database.kysely.insertInto("commands").values({ ...row, ...rest })]);
  process.stdout.write(`${id}\n`);
};
for (let id = Number(start); ; id += 4) await Promise.all([0, 1, 2, 3].map((offset) => write(id + offset)));
