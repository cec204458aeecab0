// Long-term memory before a turn: what is remembered about what a person says, for the message's context (hermes-behaviour.md
// 5.3). Called by answer.ts.

import { clip } from "../clip.ts";
import type { Origin } from "../turn.ts";
import { visibleRows } from "./history.ts";
import { asked, isMemoryOff, providersOf } from "./memories.ts";
import type { TurnContext } from "./turn-context.ts";

/** Recall stands between the person and the model: better an answer without it than a late one. */
const RECALL_MS = 2_000;

/** What is recalled stays in the chat's prompt: some 5,000 tokens. Ours give less, a plugin may give anything. */
const MAX_RECALLED_CHARS = 20_000;

export interface Recalled {
  readonly text: string;
  /** Every memory answered, so that what does not depend on the query need not be asked for again. */
  readonly isWhole: boolean;
}

const NOTHING: Recalled = { text: "", isWhole: false };

interface Question {
  readonly origin: Origin;
  readonly query: string;
  /** The session that begins with this turn; else the one that goes on. */
  readonly freshSessionId?: string;
  /** The context of the rows from this seq on is made anew (/retry): what was recalled in it is gone. */
  readonly remadeFrom?: number;
}

/** Never rejects, and takes no longer than its budget. */
export const recall = async (
  c: TurnContext,
  { origin, query, freshSessionId, remadeFrom }: Question,
): Promise<Recalled> => {
  if (isMemoryOff(c) || origin.userId === undefined) return NOTHING;
  const isFirst = freshSessionId !== undefined || !hasBeenRecalled(c, origin.userId, remadeFrom);
  // A picture without words asks for what does not depend on them.
  if (query.trim() === "" && !isFirst) return NOTHING;
  const bounds = {
    what: "recall",
    ms: RECALL_MS,
    origin,
    ...(freshSessionId === undefined ? {} : { sessionId: freshSessionId }),
  };
  const texts = await Promise.all(
    providersOf(c).map((provider) =>
      asked(c, provider, bounds, (context) => provider.recall(query, { ...context, isFirst })),
    ),
  );
  return {
    text: clip(texts.filter(Boolean).join("\n\n"), MAX_RECALLED_CHARS),
    isWhole: !texts.includes(undefined),
  };
};

/** In the part of the history that the model still sees. */
const hasBeenRecalled = (c: TurnContext, userId: number, remadeFrom = Number.POSITIVE_INFINITY): boolean =>
  visibleRows(c.lease.rows, c.lease.meta.base).rows.some(
    ({ message, seq }) =>
      seq < remadeFrom && message.role === "user" && message.userId === userId && message.isRecalled === true,
  );
