// A conversation gets its title after the first exchange, while that answer is being sent (hermes-behaviour.md 2.4).

import type { Outgoing } from "../session-state.ts";
import { describeSession } from "./archive-rows.ts";
import { timeLimit } from "./time-limit.ts";
import { makeTitle } from "./titles.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf } from "./turn-setup.ts";

/** The answer is on its way already; whoever writes next should not wait long for a title. */
const TITLE_MS = 5_000;

/** After a session's first exchange: puts it on record and returns its title, made now if it has none. */
export const titleOf = async (c: TurnContext, out: Outgoing, said: string): Promise<string | undefined> => {
  const { meta } = c.lease;
  if (out.job !== undefined) return out.job.name;
  if (out.row === undefined || said === "" || meta.totals.turns > 0) return undefined;
  using limit = timeLimit(c.ports.clock, TITLE_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  const title = meta.title ?? (await makeTitle(askModelOf(c), said, out.row.content, signal));
  await describeSession(c, title === undefined ? {} : { title });
  return title;
};
