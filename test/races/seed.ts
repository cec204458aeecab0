// The chat as every simulated run finds it: one exchange has been, the lease is free.

import { marshall } from "@aws-sdk/util-dynamodb";
import { itemsOfRow } from "../../src/adapters/dynamodb/rows.ts";
import { META_SK, sessionPk } from "../../src/adapters/dynamodb/table.ts";
import type { Row } from "../../src/session-state.ts";
import type { SessionKey } from "../../src/turn.ts";
import { SESSION_ID } from "../contracts/said.ts";
import type { Engine } from "./engine.ts";

export const SESSION = "agent:main:telegram:dm:42" as SessionKey;

const SAID: readonly Row["message"][] = [
  { role: "user", content: "hello" },
  { role: "assistant", content: "Hello!" },
];

export const SEEDED_ROWS = SAID.length;

export const seed = (engine: Engine, now: number): void => {
  const rows = SAID.flatMap((message, index) =>
    itemsOfRow(sessionPk(SESSION), { sessionId: SESSION_ID, seq: index + 1, fence: 1, at: now, message }),
  );
  const meta = {
    ...{ PK: sessionPk(SESSION), SK: META_SK },
    ...{ fence: 1, tries: 0, sessionId: SESSION_ID, seq: SAID.length, seqFence: 1, base: 0, settings: {} },
    totals: { prompt: 0, cached: 0, completion: 0, reasoning: 0, turns: 1, calls: 1 },
    ...{ startedAt: now, updatedAt: now, lastPrompt: 0, indexed: 0, title: "Hello" },
  };
  for (const item of [...rows, meta]) {
    const Item = marshall(item, { removeUndefinedValues: true });
    engine.execute("PutItem", JSON.stringify({ TableName: "hermes", Item }));
  }
};
