// From stored rows to the messages a model reads, and how much that is. Pure; called by turn-setup, commands and compaction.

import { cutsIn } from "../cut-rows.ts";
import type { Log } from "../log.ts";
import type { Message, UserMessage } from "../message.ts";
import type { ToolSchema } from "../ports.ts";
import type { Row } from "../session-state.ts";
import { problemOf } from "../sound-row.ts";

/** hermes-behaviour.md 1.10. */
const CHARS_PER_TOKEN = 4;
const TOKENS_PER_IMAGE = 1_600;

interface VisibleRows {
  /** Stands for everything before `rows`. */
  readonly summary?: Row & { readonly message: UserMessage };
  readonly rows: readonly Row[];
}

/**
 * The prompt's messages of a session: rows from `base` on, the summary in front, undone rows left out. A row that is
 * not a message (damaged, or written by a version that is no more) is skipped with a warning: the chat goes on.
 */
export const promptMessages = (rows: readonly Row[], base: number, log: Log): Message[] =>
  promptRows(rows, base, log).map((row) => row.message);

/** As `promptMessages`, with each message's place. */
export const promptRows = (rows: readonly Row[], base: number, log: Log): readonly Row[] => {
  const visible = visibleRows(rows, base, log);
  return visible.summary ? [visible.summary, ...visible.rows] : visible.rows;
};

/** As `promptRows`, the summary apart. A cut never takes a summary: nothing else stands for what it replaced. */
export const visibleRows = (rows: readonly Row[], base: number, log?: Log): VisibleRows => {
  const sound = rows.filter((row) => row.seq >= base && isSound(row, log));
  const summary = sound.findLast(isSummary);
  const from = summary?.marker.keepFrom ?? base;
  const isCut = cutsIn(sound);
  return {
    ...(summary && { summary }),
    rows: sound.filter((row) => row.marker === undefined && row.seq >= from && !isCut(row)),
  };
};

type SummaryRow = Row & {
  readonly message: UserMessage;
  readonly marker: Extract<Row["marker"], { kind: "summary" }>;
};

const isSummary = (row: Row): row is SummaryRow =>
  row.marker?.kind === "summary" && row.message.role === "user";

/** seq of the first row of the n-th last thing the person said; what /undo and /retry go back to. */
export const lastUserTurnSeq = (rows: readonly Row[], n: number): number | undefined =>
  lastUserTurn(rows, n)[0]?.seq;

/** All of it: what was said while an answer was awaited is taken up together. */
export const lastUserTurn = (rows: readonly Row[], n: number): readonly UserRow[] => {
  const turns: UserRow[][] = [];
  let previous: Row | undefined;
  for (const row of visibleRows(rows, 0).rows) {
    if (isUserRow(row) && previous?.message.role === "user") turns.at(-1)?.push(row);
    else if (isUserRow(row)) turns.push([row]);
    previous = row;
  }
  return turns.at(-Math.max(1, n)) ?? [];
};

type UserRow = Row & { readonly message: UserMessage };

const isUserRow = (row: Row): row is UserRow => row.message.role === "user";

/** A rough size, for what the model has not counted. */
export const tokensIn = (chars: number): number => Math.ceil(chars / CHARS_PER_TOKEN);

/** Of a prompt. */
export const estimateTokens = (messages: readonly Message[], tools: readonly ToolSchema[]): number => {
  const chars = messages.reduce((sum, message) => sum + charsOf(message), 0);
  const schemas = tools.reduce(
    (sum, { name, description, parameters }) =>
      sum + JSON.stringify({ name, description, parameters }).length,
    0,
  );
  return tokensIn(chars + schemas);
};

const charsOf = (message: Message): number => {
  if (message.role === "tool") return message.content.length;
  if (message.role === "user")
    return (
      message.content.length +
      (message.context?.length ?? 0) +
      (message.photos?.length ?? 0) * TOKENS_PER_IMAGE * CHARS_PER_TOKEN
    );
  const calls = message.toolCalls ?? [];
  return (
    message.content.length +
    (message.reasoning?.length ?? 0) +
    calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, 0)
  );
};

const isSound = (row: Row, log: Log | undefined): boolean => {
  const problem = problemOf(row);
  if (problem === undefined) return true;
  log?.warn("a damaged row of the history is skipped", { sessionId: row.sessionId, seq: row.seq, problem });
  return false;
};
