// Pieces of one thing are waited for: as long as the last one may go on, and more come.

import { describe, expect, it } from "vitest";
import { gather } from "../../src/agent/gather.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { Entry, MessageEntry } from "../../src/turn.ts";
import { ADA, entryId } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";

const message = (n: number, text: string, continues = false): MessageEntry => ({
  kind: "message",
  id: entryId(n),
  origin: ADA,
  at: 0,
  text,
  photos: [],
  ...(continues ? { continues: true } : {}),
});

/** What arrives after so many ms, and how long the gathering took. */
const gathered = async (first: MessageEntry, later: readonly (readonly [atMs: number, Entry])[]) => {
  const clock = createFakeClock();
  const never = new AbortController().signal;
  const look = async () => [
    first,
    ...later.filter(([atMs]) => atMs <= clock.elapsed()).map(([, entry]) => entry),
  ];
  const c = { ports: { clock }, signal: never, lease: { lost: never, look } } as unknown as TurnContext;
  let tookMs = Number.NaN;
  const done = gather(c, [first]).then((entries) => {
    tookMs = clock.elapsed();
    return entries.map(({ text }) => text);
  });
  await clock.advance(60_000);
  return { texts: await done, tookMs };
};

describe("gathering", () => {
  it("costs an ordinary message nothing", async () => {
    expect(await gathered(message(1, "hello"), [[0, message(2, "and more")]])).toEqual({
      texts: ["hello"],
      tookMs: 0,
    });
  });

  it("waits a second for what a cut text goes on with, and takes all of it", async () => {
    const more = [
      [300, message(2, "middle", true)],
      [1_200, message(3, "end")],
    ] as const;
    expect(await gathered(message(1, "begin", true), more)).toEqual({
      texts: ["begin", "middle", "end"],
      tookMs: 2_000,
    });
  });

  it("waits no longer when nothing comes", async () => {
    expect(await gathered(message(1, "begin", true), [[1_500, message(2, "too late")]])).toEqual({
      texts: ["begin"],
      tookMs: 1_000,
    });
  });

  it("stops before a command, whose place in the order it keeps", async () => {
    const command: Entry = { kind: "command", id: entryId(2), origin: ADA, at: 0, name: "status", args: "" };
    const more = [
      [100, command],
      [100, message(3, "after it")],
    ] as const;
    expect((await gathered(message(1, "begin", true), more)).texts).toEqual(["begin"]);
  });

  it("is bounded: who goes on for ever is answered all the same", async () => {
    const more = Array.from({ length: 40 }, (_, n) => [n * 500, message(n + 2, `piece ${n}`, true)] as const);
    expect((await gathered(message(1, "begin", true), more)).tookMs).toBe(10_000);
  });
});
