// The list of skills in the system prompt: made when a session begins and when it is compacted, stored with a row, and the same
// from there on, whatever is written to the bucket meanwhile (design.md 9, invariant 11). Called where a turn is opened
// (answer.ts), by compact-transcript.ts and by turn-setup.ts.

import { abortable } from "../abortable.ts";
import { asError } from "../errors.ts";
import type { JobRun, Row } from "../session-state.ts";
import { isOfUse } from "../skills/conditions.ts";
import { skillsIndexText } from "../skills/index-text.ts";
import { timeLimit } from "../time-limit.ts";
import type { TurnContext } from "./turn-context.ts";
import { toolsOf } from "./turn-tools.ts";

/** The listing stands between the person and the first answer of a session. */
const LISTING_MS = 2_000;

/** What pauses after a slow failure (service-pauses.ts). */
const BUCKET = "the bucket of skills";

/** What the session's prompt lists: the newest row that says so. Undefined before its first turn. */
export const storedSkillsIndex = (rows: readonly Pick<Row, "skillsIndex">[]): string | undefined =>
  rows.findLast(({ skillsIndex }) => typeof skillsIndex === "string")?.skillsIndex;

/** For the first row of a turn: the skills there are now, or undefined when the session has its list. Never rejects. */
export const skillsIndexToStore = async (
  c: TurnContext,
  { isFresh, job }: { readonly isFresh: boolean; readonly job?: JobRun },
): Promise<string | undefined> =>
  isFresh || storedSkillsIndex(c.lease.rows) === undefined ? currentSkillsIndex(c, job) : undefined;

/**
 * "" where there are none. Never rejects: undefined when they could not be listed in time, and then nothing is stored, so that
 * the next turn tries again. That costs the cached prefix once, a session without its skills would cost more.
 */
export const currentSkillsIndex = async (
  c: TurnContext,
  job: JobRun | undefined,
): Promise<string | undefined> => {
  const { skills, clock, pauses, log } = c.ports;
  if (skills === undefined) return "";
  if (pauses.isPaused(BUCKET)) return undefined;
  const begun = clock.elapsed();
  using limit = timeLimit(clock, LISTING_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  try {
    const seen = job === undefined ? skills : skills.inJobs;
    const all = await abortable(signal, seen.list({ isFresh: true, needsBucket: true }));
    const tools = toolsOf(c, job);
    return skillsIndexText(all.filter((skill) => isOfUse(skill, tools)));
  } catch (error) {
    if (!c.signal.aborted) pauses.failed(BUCKET, clock.elapsed() - begun);
    log.warn("the skills were not listed", { error: asError(error) });
    return undefined;
  }
};
