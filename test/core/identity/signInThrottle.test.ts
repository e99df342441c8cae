import assert from "node:assert/strict";
import { test } from "node:test";
import { SignInThrottle } from "../../../src-main/core/identity/signInThrottle.ts";
import { failOnLeaks } from "../../support/failOnLeaks.ts";
import { ManualClock } from "../../support/manualClock.ts";

failOnLeaks();

const here = "192.0.2.1";
const quarter = 15 * 60_000;
const hour = 60 * 60_000;

function setUp(failures = 0) {
  const clock = new ManualClock();
  const throttle = new SignInThrottle(clock);
  const fail = (username = "kim", address = here): void => throttle.begin(username, address).failed();
  for (let index = 0; index < failures; index += 1) fail();
  return { clock, throttle, fail };
}

test("five failures lock a name at an address for a quarter of an hour, and each further one does again", () => {
  const { throttle, clock, fail } = setUp(4);
  assert.equal(throttle.waitTime("kim", here), 0);
  fail();
  assert.equal(throttle.waitTime("kim", here), quarter);
  clock.advance(quarter - 1);
  assert.equal(throttle.waitTime("kim", here), 1);
  clock.advance(1);
  assert.equal(throttle.waitTime("kim", here), 0);
  fail();
  assert.equal(throttle.waitTime("kim", here), quarter);
});

test("the wall clock makes the wait no shorter", () => {
  const { clock, throttle } = setUp(5);
  clock.jump(hour);
  assert.equal(throttle.waitTime("kim", here), quarter);
});

test("the name counts in any case, another name or address does not", () => {
  const { throttle } = setUp(5);
  assert.ok(throttle.waitTime("KIM", here) > 0);
  assert.equal(throttle.waitTime("lee", here), 0);
  assert.equal(throttle.waitTime("kim", "192.0.2.2"), 0);
});

test("twenty failures of an address lock it for every name, and for no other address", () => {
  const { throttle, fail } = setUp();
  for (let index = 0; index < 19; index += 1) fail(`name-${index}`);
  assert.equal(throttle.waitTime("kim", here), 0);
  fail("name-19");
  assert.equal(throttle.waitTime("kim", here), quarter);
  assert.equal(throttle.waitTime("kim", "192.0.2.2"), 0);
});

test("a success forgets the failures of its name, and leaves those of the address", () => {
  const { throttle, fail } = setUp(4);
  throttle.begin("kim", here).succeeded();
  for (let index = 0; index < 4; index += 1) fail();
  assert.equal(throttle.waitTime("kim", here), 0, "eight of the name, but four since it was let in");
  for (let index = 0; index < 12; index += 1) {
    throttle.begin("own", here).succeeded();
    fail(`name-${index}`);
  }
  assert.equal(throttle.waitTime("kim", here), quarter, "twenty of the address: signing in as oneself wipes none out");
});

test("an hour without a failure forgets those before", () => {
  const { clock, throttle, fail } = setUp(4);
  clock.advance(hour);
  fail();
  assert.ok(throttle.waitTime("kim", here) > 0, "not before the hour is over");
  clock.advance(hour + 1);
  for (let index = 0; index < 4; index += 1) fail();
  assert.equal(throttle.waitTime("kim", here), 0);
});

test("many attempts in the same moment do not all count as the first", () => {
  const { throttle } = setUp(2);
  const attempts = [1, 2, 3].map(() => throttle.begin("kim", here));
  assert.equal(throttle.waitTime("kim", here), 1_000, "these three may be the last of five failures");
  for (const attempt of attempts) attempt.withdraw();
  assert.equal(throttle.waitTime("kim", here), 0);
  throttle.begin("kim", here).withdraw();
  assert.equal(throttle.waitTime("kim", here), 0, "what was withdrawn is no failure");
});

test("an IPv6 address counts with its whole /64, and IPv4 the same in both spellings", () => {
  const { throttle, fail } = setUp();
  for (const address of ["2001:db8::1", "2001:db8:0:0:1::2", "2001:0db8:0::3", "2001:db8::ffff", "2001:db8::"]) {
    fail("kim", address);
  }
  assert.ok(throttle.waitTime("kim", "2001:db8::77") > 0);
  assert.equal(throttle.waitTime("kim", "2001:db8:0:1::1"), 0, "another /64");
  for (let index = 0; index < 5; index += 1) fail("lee", "::ffff:192.0.2.9");
  assert.ok(throttle.waitTime("lee", "192.0.2.9") > 0);
});

test("names that were never there do not push out those that are guessed at right now", () => {
  const { throttle, fail } = setUp(8);
  for (let index = 0; index < 15_000; index += 1) {
    if (index % 5_000 === 0) fail();
    fail(`name-${index}`, `2001:db8:${(index % 65_536).toString(16)}::1`);
  }
  assert.ok(throttle.waitTime("kim", here) > 0);
});
