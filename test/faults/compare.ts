// What a fault may change, and nothing else: every other difference from the uninterrupted run is a violation of an
// invariant (design.md 9). Used by sweep.ts.

import { isDeepStrictEqual } from "node:util";
import { differingKept, differingList } from "./compare-kept.ts";
import type { Outcome, RowState, SessionState } from "./outcome.ts";
import { type Allowed, NOTHING_ALLOWED } from "./strike.ts";

/** What a result says when nobody knows whether the tool ran. */
const NOBODY_KNOWS = /outcome (is )?unknown|^Error executing tool 'launch'/i;

export const violations = (
  expected: Outcome,
  got: Outcome,
  allowed: Allowed = NOTHING_ALLOWED,
): readonly string[] => [
  ...Object.entries(expected.sessions).flatMap(([name, state]) =>
    differingSession(name, state, got.sessions[name], allowed),
  ),
  ...differingList("jobs", expected.jobs, got.jobs),
  ...differingList("schedules", expected.schedules, got.schedules),
  ...differingReplies(expected.replies, got.replies, allowed),
  ...differingQuestions(expected, got, allowed),
  ...differingTools(expected, got, allowed),
  ...differingKept(expected.kept, got.kept, allowed, sum(got.asked)),
  ...(got.prompts > expected.prompts ? [`${got.prompts} system prompts instead of ${expected.prompts}`] : []),
  ...(got.failures === expected.failures ? [] : [`the operator has ${got.failures} records`]),
  ...got.refusals.map((refusal) => `the model refused a request: ${refusal}`),
  ...(got.retries > allowed.retries ? [`Lambda had to try again ${got.retries} times`] : []),
];

const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0);

const differingSession = (
  name: string,
  expected: SessionState,
  got: SessionState | undefined,
  allowed: Allowed,
): readonly string[] => {
  if (got === undefined) return [`${name}: no such session`];
  const needed = saidForSure(expected.rows, allowed);
  const rows = saidForSure(got.rows, allowed).map((row, index) => asExpected(row, needed[index], allowed));
  return [
    ...(isDeepStrictEqual(rows, needed)
      ? []
      : [`${name}: the transcript is\n${listed(got.rows)}\n    instead of\n${listed(expected.rows)}`]),
    ...(isSameLists(expected, got, allowed)
      ? []
      : [`${name}: the lists of skills are ${JSON.stringify(got.lists)}`]),
    ...Object.entries(got.left).map(
      ([field, value]) => `${name}: META has ${field} ${JSON.stringify(value)}`,
    ),
    ...got.inbox.map((entry) => `${name}: ${entry} is still in the inbox`),
  ];
};

/** The list goes with the session's first row: where that may be missing, so may the list. */
const isSameLists = (expected: SessionState, got: SessionState, { unsaid }: Allowed): boolean => {
  const mayBeMissing = unsaid !== undefined && (expected.lists.length === 0 || got.lists.length === 0);
  return mayBeMissing || isDeepStrictEqual(got.lists, expected.lists);
};

/** Without what may be unsaid; in which order the rest was said the replies tell. */
const saidForSure = (rows: readonly RowState[], { unsaid }: Allowed): readonly RowState[] =>
  unsaid === undefined ? rows : rows.filter(({ content }) => !unsaid.test(content));

/** A result that nobody knows, where that is allowed, is as good as the one that was expected. */
const asExpected = (row: RowState, expected: RowState | undefined, { unknown }: Allowed): RowState =>
  expected !== undefined && unknown.includes(row.toolCallId ?? "") && NOBODY_KNOWS.test(row.content)
    ? { ...row, content: expected.content }
    : row;

const LINE_CHARS = 600;

const listed = (rows: readonly RowState[]): string =>
  rows.map((row) => `      ${JSON.stringify(row).slice(0, LINE_CHARS)}`).join("\n");

/** What deliver.ts says when a part went out twice and nobody knows of either. */
const DOUBT = /^⚠️ The connection to Telegram failed while I answered/;

/** A part of unknown outcome may have arrived twice, and is otherwise in its place. */
const differingReplies = (
  expected: readonly string[],
  got: readonly string[],
  allowed: Allowed,
): readonly string[] => {
  const once = allowed.twice.reduce((replies, part) => withoutRepeat(replies, expected[part]), got);
  if (isDeepStrictEqual(once, expected)) return [];
  if (allowed.isDoubtful === true && isToldOf(expected, once)) return [];
  const { unsaid } = allowed;
  const needed = unsaid === undefined ? expected : expected.filter((reply) => !unsaid.test(reply));
  if (isDeepStrictEqual(once, needed)) return [];
  const shown = (replies: readonly string[]) =>
    JSON.stringify(replies.map((reply) => `${reply.slice(0, 80)}${reply.length > 80 ? "…" : ""}`));
  return [`replies are ${shown(got)} instead of ${shown(expected)}`];
};

const withoutRepeat = (replies: readonly string[], part: string | undefined): readonly string[] => {
  const isRepeated = replies.filter((reply) => reply === part).length === 2;
  return isRepeated ? replies.toSpliced(replies.lastIndexOf(part ?? ""), 1) : replies;
};

/** One part may be missing where the person is told of it. */
const isToldOf = (expected: readonly string[], got: readonly string[]): boolean => {
  const rest = got.filter((reply) => !DOUBT.test(reply));
  if (got.length !== rest.length + 1) return false;
  return (
    isDeepStrictEqual(rest, expected) ||
    expected.some((_, part) => isDeepStrictEqual(rest, expected.toSpliced(part, 1)))
  );
};

/** A question whose answer was lost with the process that asked may be asked once more. */
const differingQuestions = (
  expected: Outcome,
  got: Outcome,
  { askedAgain = [], retries }: Allowed,
): readonly string[] => [
  ...got.askedThoughStored
    .filter((mark) => !askedAgain.includes(mark))
    .map((mark) => `${mark} was asked for though it was stored`),
  ...Object.entries(got.asked)
    .filter(([mark, times]) => times > (expected.asked[mark] ?? 0) + retries)
    .map(([mark, times]) => `${mark} was asked for ${times} times`),
  ...Object.keys(expected.asked)
    .filter((mark) => got.asked[mark] === undefined)
    .map((mark) => `${mark} was never asked for`),
];

const differingTools = (expected: Outcome, got: Outcome, { unknown, retries }: Allowed): readonly string[] =>
  Object.entries(expected.toolRuns).flatMap(([path, times]) => {
    const runs = got.toolRuns[path] ?? 0;
    if (path.startsWith("/launch")) {
      const least = unknown.length > 0 ? times - 1 : times;
      return runs > times || runs < least ? [`${path} ran ${runs} times`] : [];
    }
    return runs < times || runs > times + retries ? [`${path} ran ${runs} times`] : [];
  });
