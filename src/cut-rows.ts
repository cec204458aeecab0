// What /undo and /retry took back: the row they add cuts those from a place up to itself. Read by agent/history.ts and by the
// search of past conversations; META and a session's record keep the places, since the mark may be far behind what it cuts.

import type { Cut, Row } from "./session-state.ts";

/** Of each some 25 bytes, in an item that every renewal rewrites. */
const MAX_CUTS = 50;

/** Whether a row was taken back, as far as these rows tell, or what is known of others. */
export const cutsIn = (
  rows: readonly Row[],
  known: readonly Cut[] = [],
): ((row: Pick<Row, "seq">) => boolean) => {
  const cuts = [...known, ...cutsOf(rows)];
  return ({ seq }) => cuts.some(({ from, to }) => seq >= from && seq < to);
};

/** What these rows cut. */
export const cutsOf = (rows: readonly Row[]): readonly Cut[] =>
  rows.flatMap(({ marker, seq }) => (marker?.kind === "cut" ? [{ from: marker.from, to: seq }] : []));

/** All of them, those that touch as one. Of too many the oldest become one: rather hide what lies between than show what was taken back. */
export const joinedCuts = (cuts: readonly Cut[]): readonly Cut[] => {
  const joined: Cut[] = [];
  for (const cut of cuts.toSorted((one, other) => one.from - other.from)) {
    const last = joined.at(-1);
    // Between two that touch lies the first one's mark.
    if (last === undefined || cut.from > last.to + 1) joined.push(cut);
    else joined.splice(-1, 1, { from: last.from, to: Math.max(last.to, cut.to) });
  }
  const [oldest, ...others] = joined.splice(0, joined.length - MAX_CUTS + 1);
  return oldest === undefined ? joined : [{ ...oldest, to: others.at(-1)?.to ?? oldest.to }, ...joined];
};
