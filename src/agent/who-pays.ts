// Whose money a turn is made of, where several people share a session: one turn answers those who have some, and the last of
// them pays. Whoever has none is told so in a turn of their own (over-budget.ts), which takes nobody else's question with it.
// Called by answer.ts and fold-in.ts.

import type { MessageEntry } from "../turn.ts";
import { type Meter, payerOf, startMeter } from "./meter.ts";
import type { TurnContext } from "./turn-context.ts";
import { openTurn, type Work } from "./work.ts";

export interface Paid<T extends MessageEntry> {
  /** What one turn answers: the rest waits for the next. */
  readonly entries: readonly T[];
  readonly last: T;
  readonly meter: Meter;
}

/** Undefined when nothing waits. Whoever speaks alone is not asked for money here: the first call of a model does. */
export const paidTogether = async <T extends MessageEntry>(
  c: TurnContext,
  waiting: readonly T[],
): Promise<Paid<T> | undefined> => {
  const meters = new Map(distinct(waiting).map((entry) => [payerIdOf(entry), startMeter(c, entry)]));
  const paid = meters.size < 2 ? waiting : await leadingPaid(waiting, meters);
  const entries = paid.length > 0 ? paid : leadingOfOne(waiting);
  const last = entries.at(-1);
  const meter = last && meters.get(payerIdOf(last));
  return last && meter && { entries, last, meter };
};

/** Those of the messages, up to the first that cannot, which can join a running turn: it has money left, and they do too. */
export const joiningPaid = async (
  c: TurnContext,
  work: Work,
  waiting: readonly MessageEntry[],
): Promise<readonly MessageEntry[]> => {
  if ((await work.meter.spentBudget()) !== undefined) return [];
  const payer = payerIdOf(openTurn(c, work));
  const others = distinct(waiting).filter((entry) => payerIdOf(entry) !== payer);
  return leadingPaid(waiting, new Map(others.map((entry) => [payerIdOf(entry), startMeter(c, entry)])));
};

const payerIdOf = (entry: Pick<MessageEntry, "origin">): number => payerOf(entry).userId;

/** One message of each person. */
const distinct = <T extends MessageEntry>(entries: readonly T[]): readonly T[] => [
  ...new Map(entries.map((entry) => [payerIdOf(entry), entry])).values(),
];

/** Who has no meter here is known to have money. */
const leadingPaid = async <T extends MessageEntry>(
  entries: readonly T[],
  meters: ReadonlyMap<number, Meter>,
): Promise<readonly T[]> => {
  const asked = [...meters].map(async ([id, meter]) =>
    (await meter.spentBudget()) === undefined ? [] : [id],
  );
  const spent = new Set((await Promise.all(asked)).flat());
  return leading(entries, (entry) => !spent.has(payerIdOf(entry)));
};

const leadingOfOne = <T extends MessageEntry>(entries: readonly T[]): readonly T[] => {
  const [first] = entries;
  return leading(entries, (entry) => first !== undefined && payerIdOf(entry) === payerIdOf(first));
};

const leading = <T>(items: readonly T[], fits: (item: T) => boolean): readonly T[] => {
  const end = items.findIndex((item) => !fits(item));
  return end === -1 ? items : items.slice(0, end);
};
