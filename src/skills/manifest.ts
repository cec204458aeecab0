// The manifest: what is known of every skill, in one object beside them, so that a container that starts learns it with one
// request. A copy and nothing else: what it says counts only for an etag that the listing shows. Called by bucket-index.ts.

import * as z from "zod/mini";
import { MAX_SKILL_CHARS, type SkillFacts } from "./document.ts";
import { DANGER_RULES, dangerIn, SCAN_VERSION } from "./scan.ts";
import { shownOf } from "./skill-danger.ts";

/** Begins with a dot: no skill, and nothing that Hermes on a disk would look at. */
export const MANIFEST_PATH = ".hermes-index.json";

/** Some 10,000 skills as people write them; more than that is not kept. */
export const MAX_MANIFEST_BYTES = 4_000_000;

/** Facts found by other rules are found anew. */
const FORMAT = `hermes-skills/2/scan-${SCAN_VERSION}`;

/** As document.ts makes them: nothing in a list is more than one, or has half a character. */
const line = (max: number) =>
  z.string().check(z.maxLength(max), z.regex(/^[^\n\r\u2028\u2029\p{Surrogate}]*$/u));
const lines = z.array(line(100)).check(z.maxLength(50));

/** A SKILL.md has not more characters, and what a list shows of it is scanned behind it. */
const MAX_LINE = 2 * MAX_SKILL_CHARS;

const entry = z.object({
  path: line(1_024),
  etag: line(200),
  facts: z.object({
    name: line(100),
    description: line(1_024),
    tags: lines,
    headings: lines,
    isForLinux: z.boolean(),
    conditions: z.optional(
      z.object({
        requiresTools: lines,
        requiresToolsets: lines,
        fallbackForTools: lines,
        fallbackForToolsets: lines,
      }),
    ),
    // Of these a reader is told: nothing that anybody could write here becomes words.
    problem: z.optional(z.enum(["too long", "not text"])),
    danger: z.optional(
      z.object({
        rule: z.string().check(z.refine((rule) => DANGER_RULES.has(rule))),
        line: z.int().check(z.gte(1), z.lte(MAX_LINE)),
      }),
    ),
  }),
});

const manifest = z.object({ format: z.literal(FORMAT), skills: z.array(z.unknown()) });

export interface KnownFacts {
  readonly etag: string;
  readonly facts: SkillFacts;
}

/** By path. Empty for what is no manifest of ours; an entry that is none, or speaks to the model, is left out. */
export const readManifest = (bytes: Uint8Array): ReadonlyMap<string, KnownFacts> => {
  const parsed = z.safeParse(manifest, parsedJson(bytes));
  if (!parsed.success) return new Map();
  const known = new Map(
    parsed.data.skills.flatMap((given): [string, KnownFacts][] => {
      const one = z.safeParse(entry, given);
      return one.success ? [[one.data.path, { etag: one.data.etag, facts: defined(one.data.facts) }]] : [];
    }),
  );
  for (const path of deceivers(known)) known.delete(path);
  return known;
};

/** One look at all of them, and at each alone only where that finds something: two good neighbours may together read like an attack. */
const deceivers = (known: ReadonlyMap<string, KnownFacts>): readonly string[] => {
  const shown = [...known].filter(([, { facts }]) => facts.danger === undefined);
  const isDangerous = (facts: readonly SkillFacts[]) => dangerIn(shownOf(facts)) !== undefined;
  if (!isDangerous(shown.map(([, { facts }]) => facts))) return [];
  return shown.filter(([, { facts }]) => isDangerous([facts])).map(([path]) => path);
};

const parsedJson = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined; // half written by somebody else, or not ours: made anew
  }
};

/** zod writes undefined for what is not there. */
const defined = ({ conditions, problem, danger, ...facts }: z.output<typeof entry>["facts"]): SkillFacts => ({
  ...facts,
  ...(conditions && { conditions }),
  ...(problem !== undefined && { problem }),
  ...(danger !== undefined && { danger }),
});

/** Undefined when it is too much to keep. */
export const writeManifest = (known: ReadonlyMap<string, KnownFacts>): Uint8Array | undefined => {
  const skills = [...known].map(([path, { etag, facts }]) => ({ path, etag, facts }));
  const bytes = new TextEncoder().encode(JSON.stringify({ format: FORMAT, skills }));
  return bytes.length <= MAX_MANIFEST_BYTES ? bytes : undefined;
};
