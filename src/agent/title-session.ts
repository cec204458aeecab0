// A conversation gets its title after the first exchange, while that answer is being sent (hermes-behaviour.md 2.4).

import type { Outgoing } from "../ports.ts";
import { describeSession } from "./archive-rows.ts";
import { makeTitle } from "./titles.ts";
import type { TurnContext } from "./turn-context.ts";
import { askModelOf } from "./turn-setup.ts";

/** The answer is on its way already; whoever writes next should not wait long for a title. */
const TITLE_MS = 5_000;

/** Puts the session on record and returns the title of one that has none and whose first answer this is; undefined otherwise or on failure. */
export const titleOf = async (c: TurnContext, out: Outgoing): Promise<string | undefined> => {
  const { meta } = c.lease;
  if (out.job !== undefined) return out.job.name;
  if (out.row === undefined || meta.title !== undefined || meta.totals.turns > 0) return undefined;
  const user = c.lease.rows.find((row) => row.message.role === "user")?.message.content;
  if (user === undefined) return undefined;
  const signal = AbortSignal.any([c.signal, AbortSignal.timeout(TITLE_MS)]);
  const title = await makeTitle(askModelOf(c), user, out.text, signal);
  await describeSession(c, title === undefined ? {} : { title });
  return title;
};
