import assert from "node:assert/strict";
import { test } from "node:test";
import { Emitter } from "../../src-main/base/emitter.ts";

function recorder(): { readonly seen: string[]; as(name: string): (value: number) => void } {
  const seen: string[] = [];
  return { seen, as: (name) => (value) => seen.push(`${name}${value}`) };
}

test("tells listeners in the order in which they subscribed", () => {
  const emitter = new Emitter<number>();
  const { seen, as } = recorder();
  emitter.subscribe(as("a"));
  emitter.subscribe(as("b"));
  emitter.emit(1);
  emitter.emit(2);
  assert.deepEqual(seen, ["a1", "b1", "a2", "b2"]);
});

test("a subscription that was undone hears nothing, and undoing twice is the same as once", () => {
  const emitter = new Emitter<number>();
  const { seen, as } = recorder();
  const first = emitter.subscribe(as("a"));
  emitter.subscribe(as("b"));
  first.dispose();
  first.dispose();
  emitter.emit(1);
  assert.deepEqual(seen, ["b1"]);
  assert.equal(emitter.listenerCount, 1);
});

test("the same function subscribed twice is two subscriptions", () => {
  const emitter = new Emitter<number>();
  const { seen, as } = recorder();
  const listener = as("a");
  const first = emitter.subscribe(listener);
  emitter.subscribe(listener);
  emitter.emit(1);
  first.dispose();
  emitter.emit(2);
  assert.deepEqual(seen, ["a1", "a1", "a2"]);
});

test("a listener that throws is reported and stops no other one", () => {
  const reported: unknown[] = [];
  const emitter = new Emitter<number>((error) => reported.push(error));
  const { seen, as } = recorder();
  const mistake = new Error("a mistake");
  emitter.subscribe(() => {
    throw mistake;
  });
  emitter.subscribe(as("b"));
  emitter.emit(1);
  assert.deepEqual(seen, ["b1"]);
  assert.deepEqual(reported, [mistake]);
});

test("one that is undone while the others are told hears no more, and none is told twice", () => {
  const emitter = new Emitter<number>();
  const { seen, as } = recorder();
  emitter.subscribe(() => second.dispose());
  const second = emitter.subscribe(as("b"));
  emitter.subscribe(as("c"));
  emitter.emit(1);
  assert.deepEqual(seen, ["c1"]);
});

test("a listener may undo itself while it is told", () => {
  const emitter = new Emitter<number>();
  const { seen, as } = recorder();
  const once = emitter.subscribe((value) => {
    as("a")(value);
    once.dispose();
  });
  emitter.subscribe(as("b"));
  emitter.emit(1);
  emitter.emit(2);
  assert.deepEqual(seen, ["a1", "b1", "b2"]);
});
