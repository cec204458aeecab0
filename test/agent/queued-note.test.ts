// The one note to whoever waits behind a long turn.

import { describe, expect, it } from "vitest";
import { createQueuedNote } from "../../src/agent/queued-note.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { Work } from "../../src/agent/work.ts";
import type { MetaPatch } from "../../src/session-state.ts";
import type { Entry } from "../../src/turn.ts";
import { ADA, entryId } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";

const waiting: Entry = { kind: "message", id: entryId(2), origin: ADA, at: 0, text: "And?", photos: [] };
const stop: Entry = { kind: "stop", id: entryId(3), origin: ADA, at: 0 };

/** A turn over entry 1; what happens is told in order. */
const turn = (sent: () => Promise<number> = async () => 1) => {
  const clock = createFakeClock();
  const happened: unknown[] = [];
  let meta: MetaPatch = {};
  const c = {
    ports: {
      clock,
      budget: { take: async () => undefined },
      telegram: {
        send: async (_to: unknown, { text }: { readonly text: string }) => {
          happened.push(text);
          return sent();
        },
      },
    },
    lease: {
      get meta() {
        return meta;
      },
      commit: async (patch: MetaPatch) => {
        happened.push(patch);
        meta = { ...meta, ...patch };
      },
      ensure: async () => undefined,
    },
  } as unknown as TurnContext;
  const work = { opened: Promise.resolve(), turn: { entries: [entryId(1)] } } as unknown as Work;
  const note = () => createQueuedNote(c, work, new AbortController().signal);
  return { clock, happened, note };
};

const RECORD = { noted: entryId(1) };
const NOTE = expect.stringMatching(/^⏳ Queued/);

describe("the queued note", () => {
  it("is recorded and then sent once a message has waited 15 s, and never again in that turn", async () => {
    const { clock, happened, note } = turn();
    const { consider } = note();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      await consider([waiting]);
      if (seconds === 14) expect(happened).toEqual([]);
      await clock.advance(1_000);
    }
    expect(happened).toEqual([RECORD, NOTE]);
    // Nor by the process that goes on with the turn.
    const later = note();
    await later.consider([waiting]);
    await clock.advance(20_000);
    await later.consider([waiting]);
    expect(happened).toHaveLength(2);
  });

  it("is not sent for what is folded in meanwhile, nor for a stop", async () => {
    const { clock, happened, note } = turn();
    const { consider } = note();
    for (let seconds = 0; seconds < 60; seconds += 10) {
      await consider(seconds % 20 === 0 ? [waiting] : [stop]);
      await clock.advance(10_000);
    }
    expect(happened).toEqual([]);
  });

  it("that could not be sent is not tried again: it is no reply", async () => {
    const { clock, happened, note } = turn(() => Promise.reject(new Error("no answer")));
    const { consider } = note();
    await consider([waiting]);
    await clock.advance(15_000);
    await expect(consider([waiting])).rejects.toThrow("no answer");
    await consider([waiting]);
    expect(happened).toEqual([RECORD, NOTE]);
  });
});
