// What arrives while a turn works joins it at a tool boundary. Where several share a session, who has no money costs it nothing.

import { expect, it } from "vitest";
import { foldIn } from "../../src/agent/fold-in.ts";
import { startMeter } from "../../src/agent/meter.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { Work } from "../../src/agent/work.ts";
import { parseConfig } from "../../src/home/config.ts";
import type { MessageEntry, Origin } from "../../src/turn.ts";
import { messageEntry, newSession } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeLedger } from "../fakes/ledger.ts";
import { recordingLog } from "./loop-kit.ts";

const TOPIC: Origin = { chatId: -100, chatType: "group", threadId: 7 };
const BOB: Origin = { ...TOPIC, userId: 43 };
const ADA: Origin = { ...TOPIC, userId: 42 };

it("a turn waits at no tool for the rest of what nobody has money for", async () => {
  const clock = createFakeClock();
  const ledger = createFakeLedger();
  ledger.setLimits({ kind: "user", id: 42 }, { userDay: 0 });
  const piece: MessageEntry = { ...messageEntry(2), origin: ADA, continues: true };
  const never = new AbortController().signal;
  const asked: string[] = [];
  const { config } = parseConfig("", "config.yaml", () => ({ value: {} }));
  const turn = { entries: [], origin: BOB, firstSeq: 1, hops: 0, steps: 0 };
  // What joining reads of a turn, and no more.
  const c = {
    ports: {
      ...{ clock, ledger, log: recordingLog() },
      claims: { answered: async (_session: unknown, id: string) => void asked.push(id) },
    },
    home: { config },
    signal: never,
    lease: { session: newSession(), meta: { fence: 1, turn }, lost: never, look: async () => [piece] },
  } as unknown as TurnContext;
  const work = { turn, meter: startMeter(c, { origin: BOB }) } as unknown as Work;

  const joined = foldIn(c, work, [piece]).then((messages) => ({ messages, atMs: clock.elapsed() }));
  await clock.advance(10_000);
  expect(await joined).toEqual({ messages: [], atMs: 0 });
  expect(asked).toEqual([]);
});
