// What must be true of a simulated run when nothing moves any more (design.md 9, invariants 1, 2, 4, 6, 7 and 10).
// Called by world.ts at the end of a run.

import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { Message } from "../../src/message.ts";
import { problemsOf } from "../agent/loop-kit.ts";
import { entryId } from "../contracts/said.ts";
import type { Engine } from "./engine.ts";
import type { Judge } from "./judge.ts";
import { partsIn, updatesIn } from "./outside.ts";

export interface End {
  readonly engine: Engine;
  readonly judge: Judge;
  readonly session: string;
  /** Rows that were there before the run. */
  readonly seeded: number;
  /** Numbers of the updates that were answered 200. */
  readonly accepted: readonly number[];
  /** Those of them that stop a turn instead of beginning one. */
  readonly stops: readonly number[];
  /** Faults of the run: with few of them nothing may be given up. */
  readonly faults: number;
}

interface StoredRow {
  readonly seq: number;
  readonly sessionId: string;
  readonly entryId?: string;
  readonly message: Message;
}

type AttributeMap = Parameters<typeof unmarshall>[0];

type Stored = Readonly<Record<string, unknown>> & { readonly PK: string; readonly SK: string };

const GIVE_UP_FAULTS = 3;
const DOUBT_FAULTS = 2;

export const judgeEnd = (end: End): void => {
  const items = end.engine.all().map((item) => unmarshall(item as unknown as AttributeMap) as Stored);
  const own = items.filter(({ PK }) => PK === `SESSION#${end.session}`);
  const meta = own.find(({ SK }) => SK === "META") ?? {};
  const given = items.filter(({ PK }) => PK === "FAILED").flatMap(givenUpIn);
  if (given.length > 0 && end.faults < GIVE_UP_FAULTS)
    end.judge.accuse(`given up after ${end.faults} faults: ${given.join(", ")}`);
  judgeRest(end, meta, own, items);
  const rows = rowsOf(meta, own).slice(end.seeded);
  judgeTranscript(end, rows, given);
  judgeReplies(end, rows, given);
  for (const [of, runs] of end.judge.toolRuns)
    if (runs > 1) end.judge.accuse(`the tool that must not be repeated ran ${runs} times for ${of}`);
};

const givenUpIn = (item: Stored): readonly string[] =>
  ((item["failure"] as { ids?: readonly string[] } | undefined)?.ids ?? []).map(String);

/** The session at rest: nobody has it, nothing is open, nothing waits, everything accepted is claimed. */
const judgeRest = (
  { judge, accepted }: End,
  meta: Readonly<Record<string, unknown>>,
  own: readonly Stored[],
  items: readonly Stored[],
): void => {
  for (const name of ["until", "by", "turn", "out"])
    if (meta[name] !== undefined) judge.accuse(`META still has ${name}: ${JSON.stringify(meta[name])}`);
  if (Number(meta["tries"] ?? 0) !== 0) judge.accuse(`META still counts ${meta["tries"]} tries`);
  for (const { SK } of own) if (SK.startsWith("IN#")) judge.accuse(`${SK} still waits`);
  const claims = items.filter(
    ({ PK, ["status"]: status }) => PK.startsWith("CLAIM#") && status === "COMPLETED",
  );
  if (claims.length !== accepted.length)
    judge.accuse(`${accepted.length} updates accepted, ${claims.length} claims completed`);
};

const rowsOf = (meta: Readonly<Record<string, unknown>>, own: readonly Stored[]): readonly StoredRow[] =>
  own
    .filter(({ SK }) => SK.startsWith("MSG#"))
    .map((item) => item as unknown as StoredRow)
    .filter(({ sessionId, seq }) => sessionId === meta["sessionId"] && seq <= Number(meta["seq"]))
    .sort((a, b) => a.seq - b.seq);

const judgeTranscript = (end: End, rows: readonly StoredRow[], given: readonly string[]): void => {
  const { judge, accepted, stops } = end;
  const said = rows.filter(({ message }) => message.role === "user").map((row) => row.entryId ?? "?");
  const wanted = accepted
    .filter((number) => !stops.includes(number))
    .map(entryId)
    .filter((id) => !given.includes(id) || said.includes(id));
  if (said.join() !== wanted.join())
    judge.accuse(
      `the transcript has ${said.map(Number).join(", ")} instead of ${wanted.map(Number).join(", ")}`,
    );
  const problems = problemsOf(rows.map(({ message }) => message));
  // What was given up in the middle of its tools stays as it was left; prompts leave that out (judge.ts looks at them).
  if (problems.length > 0 && given.length === 0)
    judge.accuse(`the history is not valid: ${problems.join("; ")}`);
};

/** Twice nobody knew whether a part had arrived: it does not go out a third time, and the person is told. */
const mayBeMissing = ({ judge, faults }: End): boolean =>
  faults >= DOUBT_FAULTS && judge.deliveries.some(({ text }) => text.includes("may not have arrived"));

const judgeReplies = (end: End, rows: readonly StoredRow[], given: readonly string[]): void => {
  const { judge, accepted, stops } = end;
  const texts = judge.deliveries.map(({ text }) => text);
  const isInDoubt = mayBeMissing(end);
  const answers = rows.flatMap(({ message }) =>
    message.role === "assistant" && message.toolCalls === undefined ? [message.content] : [],
  );
  for (const number of accepted) {
    if (given.includes(entryId(number)) || stops.includes(number)) continue;
    const ofThis = answers.filter((answer) => updatesIn(answer).includes(`m${number}`));
    const isStopped = ofThis.length === 0 && stops.some((stop) => stop > number);
    if (ofThis.length !== 1 && !isStopped)
      judge.accuse(`m${number} has ${ofThis.length} answers in the transcript`);
  }
  for (const part of answers.flatMap(partsIn))
    if (!texts.includes(part) && !isInDoubt) judge.accuse(`"${part}" was never delivered`);
  judgeCopies(end, answers.flatMap(partsIn), given);
  judgeStops(end, given);
};

const STOP_NOTICE = /^⏹ Stopped|^There is nothing to stop/;

/** Each stop is answered; several that end one turn are answered together. */
const judgeStops = (end: End, given: readonly string[]): void => {
  const { judge, stops } = end;
  const notices = judge.deliveries.filter(({ text }) => STOP_NOTICE.test(text));
  const repeated = notices.filter(({ mayRepeat }) => mayRepeat).length;
  const open = stops.filter((stop) => !given.includes(entryId(stop)));
  const least = mayBeMissing(end) ? 0 : Math.min(1, open.length);
  if (notices.length < least || notices.length > stops.length + repeated)
    judge.accuse(`${stops.length} stops were answered ${notices.length} times`);
};

/** Nothing goes out that is no answer, and nothing twice but what a fault left in doubt. */
const judgeCopies = ({ judge, faults }: End, parts: readonly string[], given: readonly string[]): void => {
  const copies = Map.groupBy(judge.deliveries, ({ text }) => text);
  const isGivenUp = (name: string) => given.includes(entryId(Number(name.slice(1))));
  for (const [text, sent] of copies) {
    if (STOP_NOTICE.test(text)) continue;
    const isAnswer = /^(?:re:|more on)/.test(text);
    if (isAnswer && !parts.includes(text) && !updatesIn(text).every(isGivenUp))
      judge.accuse(`"${text}" was sent and is no answer of the transcript`);
    // What is said of troubles is said in the same words each time.
    const once = isAnswer ? 1 : Math.max(1, faults);
    const allowed = once + (sent.some(({ mayRepeat }) => mayRepeat) ? 1 : 0);
    if (sent.length > allowed) judge.accuse(`"${text}" was delivered ${sent.length} times`);
  }
  const firsts = [...copies.keys()].filter((text) => text.startsWith("re:"));
  const told = firsts.flatMap(updatesIn).filter((name) => !isGivenUp(name));
  const order = told.map((name) => Number(name.slice(1)));
  if (order.some((number, index) => number < (order[index - 1] ?? 0)))
    judge.accuse(`answers came in the order ${order.join(", ")}`);
};
