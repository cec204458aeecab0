// Long-term memory kept by AgentCore Memory (hermes-behaviour.md 5.4): conversations are handed over as events, the service learns
// from them by itself, later, and is asked for what fits a request. Made by memory-side.ts; whoever calls bounds the time.

import { clip, oneLine } from "../clip.ts";
import { HermesError } from "../errors.ts";
import type { Log } from "../log.ts";
import type {
  Exchange,
  KnownFact,
  MemoryContext,
  MemoryProvider,
  MemoryRecord,
  MemoryService,
} from "../memory-ports.ts";
import type { Tool } from "../ports.ts";
import { untilNothingLeft } from "../until-nothing-left.ts";
import { actorOf, pathOf, sessionOf, tokenOf } from "./agentcore-ids.ts";
import { soundRecords } from "./sound-records.ts";

export interface AgentCoreMemoryOptions {
  readonly service: MemoryService;
  /** Why a text must not be kept or recalled; undefined when it may. */
  readonly scan: (text: string) => string | undefined;
  /** Takes secrets out. */
  readonly redact: (text: string) => string;
  readonly tools: readonly Tool[];
  readonly log: Log;
}

/** facts/platform.md 4. */
const MAX_QUERY_CHARS = 10_000;
const MAX_ITEMS = 100;
const MAX_TEXT_CHARS = 100_000;

/** Few, since each is sent with the message and stays in the chat's prompt. */
const RECALLED = 8;

/** A record holds up to 16,000 characters; a fact needs no more than this. */
const MAX_FACT_CHARS = 600;

export const createAgentCoreMemory = (options: AgentCoreMemoryOptions): MemoryProvider => {
  const { service, tools } = options;
  return {
    name: "agentcore",
    learnsLater: true,
    tools,
    recall: (query, context) => recall(options, query, context),
    remember: (said) => remember(options, said),
    known: (context) => known(service, context),
    forget: (ids, context) => (ids === "all" ? forgetAll(service, context) : forget(service, ids, context)),
  };
};

const whose = ({ origin }: Pick<MemoryContext, "origin">): string | undefined =>
  origin.userId === undefined ? undefined : actorOf(origin.userId);

const recall = async (
  { service, scan, log }: AgentCoreMemoryOptions,
  query: string,
  context: MemoryContext,
): Promise<string> => {
  const actor = whose(context);
  const asked = clip(query.toWellFormed().trim(), MAX_QUERY_CHARS);
  if (actor === undefined || asked === "") return "";
  const found = await service.search(pathOf(actor), asked, RECALLED, context.signal);
  return soundRecords(found, scan, log).map(lineOf).join("\n");
};

/** With its day: of two that contradict each other the later one is right. */
const lineOf = ({ text, at }: MemoryRecord): string =>
  `- ${clip(oneLine(text), MAX_FACT_CHARS)} (${new Date(at).toISOString().slice(0, 10)})`;

const remember = async (
  options: AgentCoreMemoryOptions,
  said: Parameters<MemoryProvider["remember"]>[0],
): Promise<void> => {
  const actor = whose(said);
  if (actor === undefined) return;
  // One event, however many exchanges: a second one within four seconds would be refused (facts/platform.md 4).
  const messages = [...said.missed, said].flatMap((exchange) => messagesOf(options, exchange));
  if (messages.length === 0) return;
  const event = {
    actor,
    session: sessionOf(said.session, said.sessionId),
    at: said.at,
    messages: messages.slice(-MAX_ITEMS),
    token: tokenOf(said.id),
  };
  try {
    await options.service.createEvent(event, said.signal);
  } catch (error) {
    // Handed over again it would be refused again, and keep back whatever comes after it.
    if (!(error instanceof HermesError && error.code === "malformed")) throw error;
    options.log.warn("what was said is not learnt from: the memory calls it malformed");
  }
};

/** Both sides or none: an answer to words that must not be kept says too much of them. */
const messagesOf = (
  { scan, redact, log }: AgentCoreMemoryOptions,
  { user, assistant }: Exchange,
): Parameters<MemoryService["createEvent"]>[0]["messages"] => {
  const messages = [
    { role: "USER" as const, text: redact(user).toWellFormed() },
    { role: "ASSISTANT" as const, text: redact(assistant).toWellFormed() },
  ];
  if (messages.some(({ text }) => scan(text) !== undefined)) {
    log.warn("an exchange is not learnt from: the scan refuses it");
    return [];
  }
  return messages
    .filter(({ text }) => text.trim() !== "")
    .map(({ role, text }) => ({ role, text: clip(text, MAX_TEXT_CHARS) }));
};

const known = async (service: MemoryService, context: MemoryContext): Promise<readonly KnownFact[]> => {
  const actor = whose(context);
  if (actor === undefined) return [];
  const records = await service.list(pathOf(actor), context.signal);
  return records.toSorted((one, other) => other.at - one.at).map(({ id, text, at }) => ({ id, text, at }));
};

/** An id names a record wherever it is: only what is listed for this person is deleted. */
const forget = async (
  service: MemoryService,
  ids: readonly string[],
  context: MemoryContext,
): Promise<void> => {
  const own = new Set((await known(service, context)).map(({ id }) => id));
  const wanted = ids.filter((id) => own.has(id));
  if (wanted.length > 0) await service.remove(wanted, context.signal);
};

/**
 * What is told of the person goes first: deleting all that was said can take longer than anybody waits. Once that is gone too,
 * so does what was learnt from it meanwhile.
 */
const forgetAll = async (service: MemoryService, context: MemoryContext): Promise<void> => {
  const actor = whose(context);
  if (actor === undefined) return;
  const removeRecords = async (): Promise<number> => {
    const ids = (await service.list(pathOf(actor), context.signal)).map(({ id }) => id);
    if (ids.length > 0) await service.remove(ids, context.signal);
    return ids.length;
  };
  await removeRecords();
  await service.removeEvents(actor, context.signal);
  await untilNothingLeft("records", removeRecords);
};
