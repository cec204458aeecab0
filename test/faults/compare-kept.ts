// What a fault may change of what is kept beside a conversation. Called by compare.ts.
//
// A skill that was being written may be there or not, and is whole where it is; the Knowledge Base and the menu have the skills
// of the bucket. Everything else is there once, as without the fault.

import { isDeepStrictEqual } from "node:util";
import type { Kept } from "./kept.ts";
import type { Allowed } from "./strike.ts";

/** `asked`: how often a model was asked. */
export const differingKept = (
  expected: Kept,
  got: Kept,
  allowed: Allowed,
  asked: number,
): readonly string[] => [
  ...differingSkills(expected, got, allowed),
  ...differingList("events at the memory", expected.events, got.events),
  ...differingList("facts at the memory", expected.facts, got.facts),
  ...differingList("notes", expected.notes, got.notes),
  ...differingCharges(got, allowed, asked),
];

/** In whichever order. */
export const differingList = (
  what: string,
  expected: readonly string[],
  got: readonly string[],
): readonly string[] =>
  isDeepStrictEqual(got.toSorted(), expected.toSorted())
    ? []
    : [`${what} are ${JSON.stringify(got)} instead of ${JSON.stringify(expected)}`];

const differingSkills = (expected: Kept, got: Kept, { unknown }: Allowed): readonly string[] => {
  const missing = Object.keys(expected.skills).filter((key) => got.skills[key] === undefined);
  const isThere = (folder: string) => got.skills[`${folder}/SKILL.md`] !== undefined;
  const documents = Object.entries(expected.documents).filter(([folder]) => isThere(folder));
  // Its command is named as its folder is, with the letters Telegram allows.
  const commands = Object.keys(got.skills).map((key) => key.replace("/SKILL.md", "").replaceAll("-", "_"));
  return [
    ...differingList("skills", without(expected.skills, missing), Object.entries(got.skills).map(String)),
    ...(missing.length > 0 && unknown.length === 0 ? [`skills are missing: ${missing}`] : []),
    ...differingList("documents", documents.map(String), Object.entries(got.documents).map(String)),
    ...differingList(
      "skills in the menu",
      expected.menu.filter((name) => commands.includes(name)),
      got.menu,
    ),
    // Handed over is enough: that they are searched is seen later, and the record goes then.
    ...got.onTheWay.filter((state) => state !== "submitted").map((state) => `a skill's change is ${state}`),
  ];
};

const without = (skills: Kept["skills"], missing: readonly string[]): readonly string[] =>
  Object.entries(skills)
    .filter(([key]) => !missing.includes(key))
    .map(String);

/** A call is charged once; only one whose cost nobody was left to write down is not charged. */
const differingCharges = ({ charged }: Kept, { uncounted = 0 }: Allowed, asked: number): readonly string[] =>
  Object.entries(charged)
    .filter(([, { calls, estimated }]) => calls - estimated > asked || calls < asked - uncounted)
    .map(([account, { calls }]) => `of ${asked} calls of a model ${calls} are charged to the ${account}`);
