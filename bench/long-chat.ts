// What a turn costs in a chat with 10,000 messages, beside one in a chat that has just reached its prompt budget: the same
// (design.md 9, invariant 12). Called by run.ts.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { BatchWriteCommand, DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { LOCAL_TABLE } from "../local/environment.ts";
import { startFunction } from "../local/runtime-api.ts";
import { itemsOfRow } from "../src/adapters/dynamodb/rows.ts";
import { MAX_PROMPT_ROWS } from "../src/agent/turn-setup.ts";
import type { Message } from "../src/message.ts";
import { NOTHING_USED } from "../src/session-state.ts";
import type { BenchStack } from "./bench-stack.ts";
import { median, saidBy, sessionOf, wakeOf } from "./events.ts";

export interface TurnCost {
  readonly messages: number;
  /** Of the wake's invocation; the medians of all turns. */
  readonly requests: number;
  readonly rows: number;
  readonly bytes: number;
  /** To the model request: what a chat gets within a second waits for Telegram's pace after that. */
  readonly ms: number;
}

const LONG_CHAT = 10_000;
const TURNS = 9;

/** The turns that are measured add some; none of them may be the one that compacts. */
const AT_BUDGET = MAX_PROMPT_ROWS - 4 * TURNS;

/** Both chats show the model as much; one of them has a past as well. Turns alternate, so that both meet the same machine. */
export const measureLongChat = async (stack: BenchStack, artifact: string): Promise<readonly TurnCost[]> => {
  const chats = [
    { userId: 7_001, messages: AT_BUDGET },
    { userId: 7_002, messages: LONG_CHAT },
  ];
  for (const { userId, messages } of chats) await seed(stack.table, userId, messages);
  const lambda = startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
  const turn = async (userId: number) => {
    await lambda.invoke(saidBy(userId, "And what else?"));
    stack.exchanges.length = 0;
    const startMs = performance.now();
    await lambda.invoke(wakeOf(userId));
    const asked = stack.exchanges.find(({ service }) => service === "model")?.startMs ?? Number.NaN;
    const ms = asked - startMs;
    const sum = (of: "rows" | "bytes") => stack.exchanges.reduce((all, exchange) => all + exchange[of], 0);
    return { requests: stack.exchanges.length, rows: sum("rows"), bytes: sum("bytes"), ms };
  };
  const costs = chats.map((): Awaited<ReturnType<typeof turn>>[] => []);
  for (let n = 0; n < TURNS; n += 1)
    for (const [index, { userId }] of chats.entries()) costs[index]?.push(await turn(userId));
  await lambda.close();
  return chats.map(({ messages }, index) => {
    // The first of each warms the process up.
    const [, ...measured] = costs[index] ?? [];
    const of = (what: keyof (typeof measured)[number]) => median(measured.map((cost) => cost[what]));
    return { messages, requests: of("requests"), rows: of("rows"), bytes: of("bytes"), ms: of("ms") };
  });
};

/** Writes a chat as turns would have left it: the prompt begins AT_BUDGET rows before its end. */
const seed = async (endpoint: string, userId: number, messages: number): Promise<void> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new DynamoDBClient({ endpoint, region: "local", credentials });
  const table = DynamoDBDocumentClient.from(client);
  const PK = `SESSION#${sessionOf(userId)}`;
  const sessionId = "20260101_000000_aaaaaaaa";
  const meta = {
    ...{ PK, SK: "META", sessionId, seq: messages, seqFence: 1, fence: 1, tries: 0, settings: {} },
    base: messages - AT_BUDGET + 1,
    // The index is up to date, as it is after every turn.
    indexed: messages,
    title: "A long conversation",
    totals: NOTHING_USED,
    ...{ startedAt: Date.now(), updatedAt: Date.now(), lastPrompt: 1_000 },
  };
  const rows = Array.from({ length: messages }, (_, index) =>
    itemsOfRow(PK, { sessionId, seq: index + 1, fence: 1, at: Date.now(), message: messageNo(index) }),
  );
  const items: object[] = [meta, ...rows.flat()];
  for (let at = 0; at < items.length; at += 25) {
    const puts = items.slice(at, at + 25).map((Item) => ({ PutRequest: { Item } }));
    await table.send(new BatchWriteCommand({ RequestItems: { [LOCAL_TABLE]: puts as never } }));
  }
  client.destroy();
};

const messageNo = (index: number): Message =>
  index % 2 === 0
    ? { role: "user", content: `Question ${index}: what do you make of this?`, context: "" }
    : { role: "assistant", content: `Answer ${index}. ${"It depends on what you want. ".repeat(4)}` };
