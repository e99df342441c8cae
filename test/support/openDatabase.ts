import { join } from "node:path";
import type { TestContext } from "node:test";
import { Database } from "../../src-main/store/database.ts";
import { temporaryFolder } from "./temporaryFolder.ts";

/** A real database in a folder of its own, closed when the test ends. */
export async function openDatabase(context: Pick<TestContext, "after">, maxBytes = 0): Promise<Database> {
  const folder = temporaryFolder(context);
  const database = await Database.open({ file: join(folder, "picket.db"), maxBytes });
  context.after(() => database.close());
  return database;
}
