// What a person sees while the answer is being written: a growing draft in a private chat, "typing…" elsewhere.
// Decoration: it never delays the answer, never fails a turn and never counts as delivery.

import { asError, TelegramError } from "../errors.ts";
import type { ToolCall } from "../message.ts";
import type { OpenTurn } from "../session-state.ts";
import type { TurnContext } from "./turn-context.ts";

/** Smooth enough to read along, and within what Telegram takes of one chat (chat-budget.ts). */
const INTERVAL_MS = 1_200;

/** Telegram shows "typing…" for about 5 s and a draft for about 30 s (facts/telegram-rich.md). */
const TYPING_MS = 4_500;
const DRAFT_LIFETIME_MS = 25_000;

/** After so many failures in a row the person waits without a draft. */
const MAX_FAILURES = 3;

export interface Draft {
  text(piece: string): void;
  tool(call: ToolCall, phase: "start" | "end"): void;
  /** The model starts over: what was shown is void. */
  restart(): void;
  /** Stops showing; resolves when no call is under way, so that no draft follows the answer. May be called twice. */
  end(): Promise<void>;
}

interface Shown {
  text: string;
  running: string[];
  /** What the last draft said, and when. */
  last: string;
  lastAtMs: number;
  failures: number;
}

export const createDraft = (c: TurnContext, turn: OpenTurn): Draft => {
  // "typing…" is on already: the answer to the webhook asked for it.
  const state: Shown = { text: "", running: [], last: "", lastAtMs: c.ports.clock.now(), failures: 0 };
  const ended = new AbortController();
  // A cron session has nobody to watch: its origin is the chat the result goes to.
  const isWatched = !c.lease.session.startsWith("agent:main:cron:");
  const showing = isWatched ? show(c, turn, state, ended.signal) : Promise.resolve();
  return {
    text(piece) {
      state.text += piece;
    },
    tool(call, phase) {
      if (phase === "start") state.running.push(call.name);
      else state.running = state.running.filter((name) => name !== call.name);
    },
    restart() {
      state.text = "";
    },
    async end() {
      ended.abort();
      await showing;
    },
  };
};

const show = async (c: TurnContext, turn: OpenTurn, state: Shown, ended: AbortSignal): Promise<void> => {
  while (!ended.aborted && state.failures < MAX_FAILURES) {
    await showOnce(c, turn, state, ended).then(
      () => {
        state.failures = 0;
      },
      (error: unknown) => {
        if (ended.aborted) return;
        state.failures += 1;
        if (error instanceof TelegramError && error.failure === "rate")
          c.ports.budget.pause(turn.origin, error.retryAfterMs ?? INTERVAL_MS);
        c.ports.log.debug("the draft was not shown", { error: asError(error) });
      },
    );
    await c.ports.clock.sleep(INTERVAL_MS, ended).catch(() => undefined);
  }
};

const showOnce = async (c: TurnContext, turn: OpenTurn, state: Shown, signal: AbortSignal): Promise<void> => {
  const { origin } = turn;
  const text = draftText(state);
  const now = c.ports.clock.now();
  const isDraft = origin.chatType === "dm" && text !== "";
  const ageMs = now - state.lastAtMs;
  const isDraftDue = isDraft && (text !== state.last || ageMs > DRAFT_LIFETIME_MS);
  const isTypingDue = !isDraft && ageMs > TYPING_MS;
  if (!isDraftDue && !isTypingDue) return;
  if (!c.lease.hasTime() || !c.ports.budget.spare(origin)) return;
  if (isDraftDue) {
    Object.assign(state, { last: text, lastAtMs: now });
    await c.ports.telegram.draft(origin, draftId(turn), text, signal);
  } else {
    state.lastAtMs = now;
    await c.ports.telegram.typing(origin, signal);
  }
};

const draftText = ({ text, running }: Shown): string => {
  const tools = running.map((name) => `⚙️ ${name}…`).join("\n");
  return [text.trim(), tools].filter((block) => block !== "").join("\n\n");
};

/** Non-zero, the same for all drafts of a turn, another for the next turn. */
export const draftId = (turn: OpenTurn): number => turn.firstSeq + 1;
