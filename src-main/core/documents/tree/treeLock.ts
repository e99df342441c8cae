import { KeyedTurns } from "../../../base/keyedTurns.ts";

/**
 * Runs what changes the tree's shape or its rules one after another: each looks before it writes, and what it saw must still
 * hold then.
 */
export type TreeLock = <T>(task: () => Promise<T>) => Promise<T>;

export function newTreeLock(): TreeLock {
  const turns = new KeyedTurns();
  return (task) => turns.run("tree", task);
}
