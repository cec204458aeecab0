// What a run has beside its conversation: skills and what a search over them finds, memories, notes, the menu, and what it cost.
// Put there before a run, read after it; compare-kept.ts judges it. Used by run.ts.

import { BedrockAgentCoreClient, CreateEventCommand } from "@aws-sdk/client-bedrock-agentcore";
import { LOCAL_BUCKET, LOCAL_MEMORY_ID } from "../../local/environment.ts";
import { messageSk } from "../../src/adapters/dynamodb/rows.ts";
import type { Message } from "../../src/message.ts";
import type { StoredItem } from "../support/stored.ts";
import type { OpenTable } from "./table.ts";
import type { World, WorldOptions } from "./world.ts";

/** In all texts `CHAT` stands for the chat's number, so that no two runs share anything. */
export interface Beside {
  /** Files of the bucket, by their keys. */
  readonly skills?: Readonly<Record<string, string>>;
  /** What the built-in memory has noted about the person. */
  readonly notes?: readonly string[];
  /** What AgentCore has learnt about the person. */
  readonly facts?: readonly string[];
  /** What AgentCore was told in other conversations of theirs, and has not learnt from yet. */
  readonly said?: readonly string[];
  /** What they said in an earlier session of the chat, and AgentCore has missed. */
  readonly missed?: readonly string[];
  /** What the person has spent today, in micro-dollars. */
  readonly spent?: number;
}

/** Of a shape. */
interface Surroundings {
  readonly beside?: Beside;
  readonly world?: Pick<WorldOptions, "services">;
}

export interface Kept {
  /** Files of the bucket but the manifest, which is made of them. */
  readonly skills: Readonly<Record<string, string>>;
  /** What the Knowledge Base was given last, by the folders of skills. */
  readonly documents: Readonly<Record<string, string>>;
  /** Records of changes on their way there: `pending`, `submitted`. */
  readonly onTheWay: readonly string[];
  /** Skills in Telegram's menu of commands. */
  readonly menu: readonly string[];
  readonly events: readonly string[];
  readonly facts: readonly string[];
  readonly notes: readonly string[];
  /** On the accounts of the person and of the chat. */
  readonly charged: Readonly<Record<"user" | "chat", Charged>>;
}

export interface Charged {
  readonly calls: number;
  /** Of these, those that were stopped: the provider may have heard of them or not, and no answer says what they cost. */
  readonly estimated: number;
}

export interface Owner {
  readonly world: World;
  readonly table: OpenTable;
  /** Also the person's. */
  readonly chatId: number;
}

/** What a day's budget says changes at midnight UTC: a run is shorter than this, and begins on the day on which it ends. */
const LONGEST_RUN_MS = 30 * 60_000;
const DAY_MS = 86_400_000;

export const leaveMidnight = async (world: World): Promise<void> => {
  const left = DAY_MS - (world.now() % DAY_MS);
  if (left < LONGEST_RUN_MS) await world.advance(left + 1_000);
};

export const putBeside = async (owner: Owner, beside: Beside = {}): Promise<void> => {
  const { world, table, chatId } = owner;
  await clear(owner);
  const named = (text: string) => text.replaceAll("CHAT", String(chatId));
  for (const [key, text] of Object.entries(beside.skills ?? {}))
    world.s3.put(LOCAL_BUCKET, named(key), named(text));
  for (const text of beside.facts ?? [])
    world.agentcore.addRecord({ namespace: `/users/tg-${chatId}/facts/`, text: named(text) });
  await tell(owner, beside.said ?? []);
  await table.put([...notesOf(owner, beside), ...spendingOf(owner, beside), ...missedOf(owner, beside)]);
};

/** One conversation each. */
const tell = async ({ world, chatId }: Owner, said: readonly string[]): Promise<void> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = new BedrockAgentCoreClient({
    endpoint: world.agentcore.endpoint,
    region: "local",
    credentials,
  });
  const events = said.map((text, index) => ({
    ...{ memoryId: LOCAL_MEMORY_ID, actorId: `tg-${chatId}`, sessionId: `before-${index}` },
    eventTimestamp: new Date(world.now()),
    payload: [{ conversational: { role: "USER" as const, content: { text } } }],
  }));
  await Promise.all(events.map((event) => client.send(new CreateEventCommand(event))));
  client.destroy();
};

/** All runs of a world have one bucket; what is in it is every chat's. */
const clear = async ({ world, table }: Owner): Promise<void> => {
  for (const key of Object.keys(world.s3.objects(LOCAL_BUCKET))) world.s3.remove(LOCAL_BUCKET, key);
  await table.remove(await table.itemsIn("SKILLSYNC"));
};

const notesKey = (chatId: number) => ({ PK: `MEMORY#telegram:${chatId}`, SK: "NOTES" });

const notesOf = ({ chatId }: Owner, { notes }: Beside): readonly StoredItem[] =>
  notes === undefined
    ? []
    : [{ ...notesKey(chatId), revision: 1, notes: { memory: notes, user: [], revision: 1 } }];

/** An earlier session, left while the memory was down: its rows, and the word of META. */
const missedOf = ({ world, chatId: userId }: Owner, { missed = [] }: Beside): readonly StoredItem[] => {
  if (missed.length === 0) return [];
  const PK = `SESSION#agent:main:telegram:dm:${userId}`;
  const [sessionId, at] = ["20260101_000000_aaaaaaaa", world.now()];
  const messages = missed.flatMap((content): readonly Message[] => [
    { role: "user", content, userId },
    { role: "assistant", content: "Aye." },
  ]);
  const rows = messages.map((message, index) => ({
    ...{ PK, SK: messageSk(sessionId, index + 1), sessionId, seq: index + 1 },
    ...{ fence: 0, at, message },
  }));
  return [...rows, { PK, SK: "META", fence: 0, owed: [{ sessionId, userId, from: 0, to: rows.length, at }] }];
};

const accountKey = ({ world, chatId }: Owner, account: "user" | "chat") => ({
  PK: `USAGE#${new Date(world.now()).toISOString().slice(0, 10)}`,
  SK: `${account}#${chatId}`,
});

const spendingOf = (owner: Owner, { spent: cost }: Beside): readonly StoredItem[] =>
  cost === undefined ? [] : [{ ...accountKey(owner, "user"), cost, calls: 0 }];

/** The operator's word: this person may spend what they like. */
const raiseBudget = ({ table, chatId }: Owner): Promise<void> =>
  table.put([{ PK: "LIMITS", SK: `user#${chatId}`, userDay: Number.MAX_SAFE_INTEGER }]);

/**
 * As long as a process waits before it looks for changes of skills that others left behind (skills/sync.ts), and longer than
 * AgentCore wants between two events of one conversation.
 */
const LATER_MS = 6 * 60_000;

/** Until the person asks once more. Where there are no services nothing is to happen meanwhile. */
export const goOn = async (owner: Owner, surroundings: Surroundings): Promise<void> => {
  const { world } = owner;
  if (surroundings.beside?.spent !== undefined) await raiseBudget(owner);
  if (surroundings.world?.services === undefined) return;
  world.knowledgeBase.index();
  await world.advance(LATER_MS);
};

export const keptOf = async (owner: Owner): Promise<Kept> => {
  const { world, table, chatId } = owner;
  const isIts = (text: string) => text.includes(String(chatId));
  const files = Object.entries(world.s3.objects(LOCAL_BUCKET));
  const documents = world.knowledgeBase.documents().filter(({ id, status }) => isIts(id) && !isGoing(status));
  const notes = await table.item(notesKey(chatId).PK, notesKey(chatId).SK);
  return {
    skills: Object.fromEntries(files.filter(([key]) => key !== ".hermes-index.json")),
    documents: Object.fromEntries(documents.map(({ id, text }) => [id.replace(/^skills\//, ""), text])),
    onTheWay: (await table.itemsIn("SKILLSYNC")).map(({ state }) => String(state)),
    menu: menuOf(world).filter(isIts),
    events: world.agentcore
      .events()
      .filter(({ actorId }) => isIts(actorId))
      .map(({ payload }) => payload.map(({ conversational }) => conversational?.content.text).join(" → ")),
    facts: world.agentcore
      .records()
      .filter(({ namespaces }) => namespaces.some(isIts))
      .map(({ content }) => content.text),
    notes: notesIn(notes),
    charged: { user: await chargedTo(owner, "user"), chat: await chargedTo(owner, "chat") },
  };
};

const notesIn = (item: StoredItem | undefined): readonly string[] => {
  const { memory = [], user = [] } = (item?.["notes"] ?? {}) as Readonly<Record<string, readonly string[]>>;
  return [...memory, ...user];
};

const isGoing = (status: string): boolean => status.startsWith("DELET");

const menuOf = ({ telegram }: World): readonly string[] => {
  const last = telegram.calls("setMyCommands").findLast(({ result }) => result?.ok === true);
  const commands = (last?.payload["commands"] ?? []) as readonly { readonly command: string }[];
  return commands.map(({ command }) => command);
};

const chargedTo = async (owner: Owner, account: "user" | "chat"): Promise<Charged> => {
  const { PK, SK } = accountKey(owner, account);
  const item = await owner.table.item(PK, SK);
  return { calls: Number(item?.["calls"] ?? 0), estimated: Number(item?.["estimated"] ?? 0) };
};
