// What came of a run, in a form that two runs can be compared in: no ids, no times, no fences. Used by run.ts.

import type { StoredItem } from "../support/stored.ts";
import type { Kept } from "./kept.ts";
import { committedRows, metaIn } from "./table.ts";

export interface Outcome {
  /** By session: the chat's, the job's. */
  readonly sessions: Readonly<Record<string, SessionState>>;
  /** What the bot said in the chat, in order. */
  readonly replies: readonly string[];
  /** Records of jobs, and schedules at the service. */
  readonly jobs: readonly string[];
  readonly schedules: readonly string[];
  /** How often each answer of the model was asked for, and how often though it was stored already. */
  readonly asked: Readonly<Record<string, number>>;
  readonly askedThoughStored: readonly string[];
  /** How many different ones the model was asked with. */
  readonly prompts: number;
  readonly kept: Kept;
  /** Runs of tools, by path. */
  readonly toolRuns: Readonly<Record<string, number>>;
  /** Retries of Lambda's that it took. */
  readonly retries: number;
  /** Records for the operator of what was given up. */
  readonly failures: number;
  /** Requests the model refused for breaking its rules. */
  readonly refusals: readonly string[];
}

export interface SessionState {
  readonly rows: readonly RowState[];
  /** The lists of skills that the prompt has shown, in order. */
  readonly lists: readonly string[];
  /** What META has that a free session has not. */
  readonly left: Readonly<Record<string, unknown>>;
  readonly inbox: readonly string[];
}

export interface RowState {
  readonly role: string;
  readonly content: string;
  readonly toolCallId?: string;
  readonly toolCalls?: unknown;
  readonly marker?: unknown;
  /** What is remembered, as it went with the message. */
  readonly recalled?: string;
}

export interface Reading {
  /** Takes out what differs from chat to chat. */
  unname(text: string): string;
  tidy(rows: readonly RowState[]): readonly RowState[];
}

export const stateOf = (items: readonly StoredItem[], { unname, tidy }: Reading): SessionState => ({
  rows: tidy(inOneOrder(committedRows(items).map((item) => rowOf(item, unname)))),
  lists: committedRows(items).flatMap(({ skillsIndex }) =>
    typeof skillsIndex === "string" ? [unname(skillsIndex)] : [],
  ),
  left: leftOn(metaIn(items) ?? {}),
  inbox: items.filter(({ SK }) => SK.startsWith("IN#")).map(({ SK }) => unname(SK)),
});

const leftOn = (meta: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> => {
  const { until, by, turn, out, tries } = meta;
  const left = { until, by, turn, out, ...(tries === 0 ? {} : { tries }) };
  return Object.fromEntries(Object.entries(left).filter(([, value]) => value !== undefined));
};

interface StoredMessage {
  readonly role: string;
  readonly content: string;
  readonly toolCallId?: string;
  readonly toolCalls?: unknown;
  readonly context?: string;
}

const RECALLED = /<memory-context>[\s\S]*<\/memory-context>/;

const rowOf = ({ message, marker }: StoredItem, unname: (text: string) => string): RowState => {
  const { role, content, toolCallId, toolCalls, context = "" } = message as StoredMessage;
  const [recalled] = RECALLED.exec(context) ?? [];
  return {
    role,
    content: unname(content),
    ...(toolCallId === undefined ? {} : { toolCallId }),
    ...(toolCalls === undefined ? {} : { toolCalls: JSON.parse(unname(JSON.stringify(toolCalls))) }),
    ...(marker === undefined ? {} : { marker }),
    ...(recalled === undefined ? {} : { recalled: unname(recalled) }),
  };
};

/** Results of parallel tools are stored in the order of their completion (design.md 5, step 5), which means nothing. */
const inOneOrder = (rows: readonly RowState[]): readonly RowState[] => {
  const ordered: RowState[] = [];
  let results: RowState[] = [];
  for (const row of [...rows, undefined]) {
    if (row?.role === "tool") {
      results.push(row);
      continue;
    }
    ordered.push(...results.toSorted((a, b) => ((a.toolCallId ?? "") < (b.toolCallId ?? "") ? -1 : 1)));
    results = [];
    if (row !== undefined) ordered.push(row);
  }
  return ordered;
};
