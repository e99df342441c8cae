import assert from "node:assert/strict";
import { test } from "node:test";
import { DisposableStore, toDisposable } from "../../src-main/base/disposable.ts";

test("disposing twice is the same as once", () => {
  let undone = 0;
  const disposable = toDisposable(() => {
    undone += 1;
  });
  disposable.dispose();
  disposable.dispose();
  assert.equal(undone, 1);
});

test("a store disposes what it owns in reverse order, once", () => {
  const undone: string[] = [];
  const store = new DisposableStore();
  for (const name of ["first", "second", "third"]) store.add({ dispose: () => undone.push(name) });
  assert.equal(store.disposed, false);
  store.dispose();
  store.dispose();
  assert.equal(store.disposed, true);
  assert.deepEqual(undone, ["third", "second", "first"]);
});

test("what is added after the end is disposed at once: the start that finishes after the stop does not leak", () => {
  const store = new DisposableStore();
  store.dispose();
  let undone = 0;
  const late = store.add(
    toDisposable(() => {
      undone += 1;
    }),
  );
  assert.equal(undone, 1);
  late.dispose();
  assert.equal(undone, 1);
});

test("what is added while the store disposes is disposed too", () => {
  const store = new DisposableStore();
  let undone = 0;
  store.add(
    toDisposable(() => {
      store.add(
        toDisposable(() => {
          undone += 1;
        }),
      );
    }),
  );
  store.dispose();
  assert.equal(undone, 1);
});

test("one that throws does not keep the others open", () => {
  const undone: string[] = [];
  const store = new DisposableStore();
  store.add({ dispose: () => undone.push("first") });
  store.add({
    dispose() {
      throw new Error("a mistake");
    },
  });
  store.add({ dispose: () => undone.push("third") });
  assert.throws(() => store.dispose(), /a mistake/);
  assert.deepEqual(undone, ["third", "first"]);
});
