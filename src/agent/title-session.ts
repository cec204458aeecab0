// A conversation gets its title after the first exchange, while that answer is being sent (hermes-behaviour.md 2.4).

import type { Outgoing } from "../session-state.ts";
import { timeLimit } from "../time-limit.ts";
import type { Spending } from "../usage-ports.ts";
import { describeSession } from "./archive-rows.ts";
import { visibleRows } from "./history.ts";
import { startMeter } from "./meter.ts";
import { makeTitle } from "./titles.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf } from "./turn-setup.ts";

/** The answer is on its way already; whoever writes next should not wait long for a title. */
const TITLE_MS = 5_000;

interface Titled {
  readonly title?: string | undefined;
  /** What making it has cost; absent when no model was asked. */
  readonly spending?: Spending;
}

/** After a session's first exchange, or the first that stands: puts it on record and returns its title, made now if it has none. */
export const titleOf = async (c: TurnContext, out: Outgoing, said: string): Promise<Titled> => {
  const { meta } = c.lease;
  if (out.job !== undefined) return { title: out.job.name };
  if (out.row === undefined || said === "" || !isFirstExchange(c, out)) return {};
  using limit = timeLimit(c.ports.clock, TITLE_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  const made = meta.title === undefined ? await newTitle(c, out, said, signal) : { title: meta.title };
  // A title takes a while: whoever has lost the lease meanwhile writes nothing any more. The close says so aloud.
  const isHeld = await c.lease.ensure().then(
    () => true,
    () => false,
  );
  if (isHeld) await describeSession(c, made.title === undefined ? {} : { title: made.title });
  return made;
};

/** Also when all that was said before was taken back, and the title with it. */
const isFirstExchange = ({ lease }: TurnContext, { entries }: Outgoing): boolean => {
  if (lease.meta.totals.turns === 0) return true;
  const { summary, rows } = visibleRows(lease.rows, lease.meta.base);
  const entryId = rows[0]?.entryId;
  return summary === undefined && entryId !== undefined && entries.includes(entryId);
};

const newTitle = async (
  c: TurnContext,
  out: Outgoing,
  said: string,
  signal: AbortSignal,
): Promise<Titled> => {
  const meter = startMeter(c, out);
  const made = makeTitle(askModelOf(c, meter), said, out.row?.content ?? "", signal);
  const title = await made.finally(meter.settled);
  return { title, spending: meter.takeSpending() };
};
