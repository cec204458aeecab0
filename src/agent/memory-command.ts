// `/memory`: what is kept about the person, with a button to forget each of it, and the switch for this chat.

import type { KnownFact, MemoryProvider } from "../memory-ports.ts";
import { orLogged } from "../or-logged.ts";
import { quoted } from "../quoted.ts";
import type { MetaPatch } from "../session-state.ts";
import type { CommandEntry, Origin } from "../turn.ts";
import { ALL, forgetAllButton, forgetButtons, forgetRef } from "./forget-buttons.ts";
import { asked, isMemoryOff, providersOf } from "./memories.ts";
import { RESERVE_MS } from "./send-part.ts";
import type { Reply } from "./session-commands.ts";
import type { TurnContext } from "./turn-context.ts";

/** A person waits for it, and a list may have several pages. */
const ASK_MS = 10_000;

/** Some thousand conversations are deleted by then; of more the rest goes with the next time. */
const FORGET_ALL_MS = 60_000;

const MAX_SHOWN = 20;
const FACT_CHARS = 300;

const USAGE = "Use /memory, /memory 2 for its next page, /memory off, /memory on, or /memory forget all.";
const CANNOT_FORGET = "A memory of this bot cannot be told to forget: ask whoever runs it.";
const NOT_THROUGH = "I am not through yet, there is much to forget: /memory forget all goes on with it.";
const UNREACHABLE = "The memory cannot be reached right now. Try again in a minute.";

export const memory = async (c: TurnContext, entry: CommandEntry): Promise<Reply> => {
  if (entry.origin.userId === undefined) return { text: "I cannot tell who you are here." };
  const [action = "show", ref = ""] = entry.args.toLowerCase().split(/\s+/).filter(Boolean);
  // What a button stands for keeps its case: it is a hash.
  const [, exactRef = ref] = entry.args.split(/\s+/).filter(Boolean);
  if (/^\d{1,6}$/.test(action)) return show(c, entry, { page: Number(action) });
  switch (action) {
    case "show":
      return show(c, entry);
    case "on":
    case "off":
      return switchMemory(c, action);
    case "forget":
      if (ref === ALL) return askForAll(c, entry);
      return entry.pressedOn === undefined ? { text: USAGE } : forgetOne(c, entry, exactRef);
    case "confirm":
      return entry.pressedOn === undefined ? askForAll(c, entry) : forgetEverything(c, entry);
    default:
      return { text: USAGE };
  }
};

const switchMemory = (c: TurnContext, wish: "on" | "off"): Reply => {
  const { memory: _was, ...settings } = c.lease.meta.settings;
  return wish === "off"
    ? {
        text: "Long-term memory is off in this chat: I recall and learn nothing here. What is kept stays; /memory shows it.",
        effect: { settings: { ...settings, memory: "off" } },
      }
    : { text: "Long-term memory is on in this chat.", effect: { settings } };
};

interface Known extends KnownFact {
  readonly provider: MemoryProvider;
}

/** Undefined when a memory did not answer. */
const knownFacts = async (
  c: TurnContext,
  { origin }: CommandEntry,
): Promise<readonly Known[] | undefined> => {
  const bounds = { what: "listing", ms: ASK_MS, origin, isWanted: true as const };
  const lists = await Promise.all(
    providersOf(c).map((provider) =>
      asked(c, provider, bounds, async (context) =>
        ((await provider.known?.(context)) ?? []).map((fact) => ({ ...fact, provider })),
      ),
    ),
  );
  return lists.includes(undefined) ? undefined : lists.flatMap((list) => list ?? []);
};

interface Shown {
  /** What was done before, in words. */
  readonly done?: string;
  /** From 1; beyond the last it is the last. */
  readonly page?: number;
}

const show = async (c: TurnContext, entry: CommandEntry, wish: Shown = {}): Promise<Reply> => {
  const { done = "" } = wish;
  const state = isMemoryOff(c) ? "Long-term memory is off in this chat (/memory on)." : "";
  const facts = await knownFacts(c, entry);
  if (facts === undefined) return { text: paragraphs([done, state, UNREACHABLE]) };
  const isWhole = providersOf(c).every(({ known }) => known !== undefined);
  if (facts.length === 0) return { text: paragraphs([done, state, isWhole ? NOTHING : NOTHING_LISTED]) };
  // What somebody told in private is not for everybody who reads along.
  if (entry.origin.chatType !== "dm") {
    const count = `I remember ${facts.length} things about you. Ask me with /memory in our private chat.`;
    return { text: paragraphs([done, state, count]) };
  }
  const { first, shown, more } = pageOf(facts, wish.page ?? 1);
  const lines = shown.map(({ text }, index) => `${first + index}. ${quoted(text, FACT_CHARS)}`);
  const how = isMemoryOff(c) ? `${HOW}.` : `${HOW}, /memory off switches it off here.`;
  return {
    text: paragraphs([done, state, "What I remember about you:", lines.join("\n"), more, how]),
    buttons: forgetButtons(
      c,
      entry.origin,
      shown.map(({ id }) => id),
      first,
    ),
  };
};

const NOTHING = "I remember nothing about you.";
const NOTHING_LISTED =
  "A memory of this bot cannot list what it holds; beside it I remember nothing about you.";

const HOW = "A button forgets one of them. /memory forget all forgets everything";

const pageOf = (facts: readonly Known[], wanted: number) => {
  const page = Math.min(Math.max(1, wanted), Math.ceil(facts.length / MAX_SHOWN));
  const start = (page - 1) * MAX_SHOWN;
  const left = facts.length - start - MAX_SHOWN;
  const more = left > 0 ? `… and ${left} more: /memory ${page + 1} shows them.` : "";
  return { first: start + 1, shown: facts.slice(start, start + MAX_SHOWN), more };
};

const paragraphs = (texts: readonly string[]): string => texts.filter((text) => text !== "").join("\n\n");

const askForAll = (c: TurnContext, { origin }: CommandEntry): Reply => ({
  text: "Shall I forget everything I have kept about you? This cannot be undone.",
  buttons: forgetAllButton(c, origin),
});

const forgetOne = async (c: TurnContext, entry: CommandEntry, ref: string): Promise<Reply> => {
  const facts = await knownFacts(c, entry);
  if (facts === undefined) return { text: UNREACHABLE };
  const index = facts.findIndex(({ id }) => forgetRef(id) === ref);
  const fact = facts[index];
  if (fact === undefined) return show(c, entry, { done: "That is forgotten already." });
  const outcome = await forget(c, entry, fact.provider, [fact.id]);
  if (outcome !== "done") return { text: outcome === "impossible" ? CANNOT_FORGET : UNREACHABLE };
  const done = `Forgotten: ${quoted(fact.text, FACT_CHARS)}`;
  return show(c, entry, { done, page: Math.floor(index / MAX_SHOWN) + 1 });
};

const forgetEverything = async (c: TurnContext, entry: CommandEntry): Promise<Reply> => {
  const { origin } = entry;
  // What a memory has missed would come back with a later turn, here or in another chat: that goes first.
  const isMarked = await markForgotten(c, origin);
  const providers = providersOf(c);
  const forgot = await Promise.all(providers.map((provider) => forget(c, entry, provider, ALL)));
  const effect = { learned: c.lease.meta.seq, ...owedByOthers(c, origin) };
  const learnsLater = providers.some((provider) => provider.learnsLater === true);
  return { text: forgottenText([isMarked ? "done" : "failed", ...forgot], learnsLater), effect };
};

const ALL_FORGOTTEN =
  "I have forgotten everything I had kept about you. This conversation still says what it says; /new begins another.";
const MAY_TURN_UP =
  "What you said in the last few minutes may still be on its way into my memory: /memory shows it if so.";

/** The worst of it is said. */
const forgottenText = (outcomes: readonly Forgetting[], learnsLater: boolean): string => {
  if (outcomes.includes("failed")) return `Not everything is forgotten yet. ${UNREACHABLE}`;
  if (outcomes.includes("late")) return NOT_THROUGH;
  if (outcomes.includes("impossible")) return `What I could is forgotten. ${CANNOT_FORGET}`;
  return learnsLater ? `${ALL_FORGOTTEN}\n\n${MAY_TURN_UP}` : ALL_FORGOTTEN;
};

const markForgotten = async ({ ports }: TurnContext, { userId }: Origin): Promise<boolean> => {
  if (userId === undefined) return false;
  const marked = ports.forgettings.mark(userId, ports.clock.now()).then(() => true);
  return (await orLogged(ports.log, "writing down that all is forgotten", marked)) === true;
};

const owedByOthers = ({ lease }: TurnContext, { userId }: Origin): Pick<MetaPatch, "owed"> => {
  const { owed } = lease.meta;
  if (owed === undefined) return {};
  const others = owed.filter((one) => one.userId !== userId);
  return { owed: others.length === 0 ? null : others };
};

/** `late`: its time ran out while it was at it. */
type Forgetting = "done" | "failed" | "late" | "impossible";

const forget = async (
  c: TurnContext,
  { origin }: CommandEntry,
  provider: MemoryProvider,
  ids: readonly string[] | typeof ALL,
): Promise<Forgetting> => {
  if (provider.forget === undefined) return "impossible";
  const ms = ids === ALL ? forgetAllMs(c) : ASK_MS;
  let time: AbortSignal | undefined;
  const isDone = await asked(
    c,
    provider,
    { what: "forgetting", ms, origin, isWanted: true },
    async (context) => {
      time = context.signal;
      await provider.forget?.(ids, context);
      return true;
    },
  );
  if (isDone === true) return "done";
  return time?.aborted ? "late" : "failed";
};

/** What the invocation has, but for what the answer needs. */
const forgetAllMs = (c: TurnContext): number =>
  Math.max(ASK_MS, Math.min(FORGET_ALL_MS, c.remainingMs() - RESERVE_MS));
