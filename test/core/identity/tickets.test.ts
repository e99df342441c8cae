import assert from "node:assert/strict";
import { test } from "node:test";
import { Tickets } from "../../../src-main/core/identity/tickets.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

const minute = 60_000;

test("a ticket signs in once", () => {
  const tickets = new Tickets(new ManualClock());
  const ticket = tickets.create("kim");
  assert.equal(tickets.redeem(`${ticket}x`), undefined);
  assert.equal(tickets.redeem(""), undefined);
  assert.equal(tickets.redeem(ticket), "kim");
  assert.equal(tickets.redeem(ticket), undefined);
});

test("a ticket is good for ten minutes, whatever the wall clock does", () => {
  const clock = new ManualClock();
  const tickets = new Tickets(clock);
  const [early, late] = [tickets.create("kim"), tickets.create("kim")];
  clock.jump(24 * 60 * minute);
  clock.advance(10 * minute - 1);
  assert.equal(tickets.redeem(early), "kim");
  clock.jump(-48 * 60 * minute);
  clock.advance(1);
  assert.equal(tickets.redeem(late), undefined);
});

test("tickets differ, each is for its own user, and the oldest of very many are forgotten", () => {
  const tickets = new Tickets(new ManualClock());
  const made = Array.from({ length: 150 }, (_, index) => tickets.create(`user-${index}`));
  assert.equal(new Set(made).size, 150);
  assert.equal(tickets.redeem(made[0] ?? ""), undefined);
  assert.equal(tickets.redeem(made[149] ?? ""), "user-149");
  assert.equal(tickets.redeem(made[100] ?? ""), "user-100");
});
