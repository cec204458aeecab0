// The kinds of values a variable can have, as schemas for config.ts. Each says what it wants; none repeats what it got.

import * as z from "zod/mini";
import { isTimeZone } from "./time-zone.ts";

/** Required; wrap in z.optional or z._default where it is not. */
export const shaped = (pattern: RegExp, wanted: string) =>
  z.string(`missing; it must be ${wanted}`).check(z.regex(pattern, `must be ${wanted}`));

export const oneOf = <const T extends readonly [string, ...string[]]>(values: T, fallback: T[number]) =>
  z._default(z.enum(values, `must be ${values.join(" or ")}`), fallback as never);

const ON = /^(true|1|yes|on)$/i; // hermes-behaviour.md 8
const OFF = /^(false|0|no|off)$/i;

export const flag = (fallback: boolean) =>
  z._default(
    z.pipe(
      z.string().check(z.refine((value) => ON.test(value) || OFF.test(value), "must be true or false")),
      z.transform((value: string) => ON.test(value)),
    ),
    fallback,
  );

const listed = (value: string): readonly string[] =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");

/** Comma-separated ids, or `*`. */
export const idSet = (pattern: RegExp) =>
  z._default(
    z.pipe(
      z
        .string()
        .check(
          z.refine(
            (value) => listed(value).every((id) => id === "*" || pattern.test(id)),
            "must be ids separated by commas (numbers; a name such as @ada is none)",
          ),
        ),
      z.transform((value: string): ReadonlySet<string> => new Set(listed(value))),
    ),
    new Set<string>(),
  );

const isRootUrl = (value: string): boolean => {
  const url = URL.parse(value);
  return url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.search === "";
};

/** Without a slash at its end, so that a path can follow. */
export const rootUrl = (fallback: string) =>
  z._default(
    z.pipe(
      z.string().check(z.refine(isRootUrl, "must be a URL such as https://example.com")),
      z.transform((value: string) => value.replace(/\/+$/, "")),
    ),
    fallback,
  );

export const timeZone = z.string().check(z.refine(isTimeZone, "must be a time zone such as Europe/Berlin"));

/** Hermes takes a JSON list, else one pattern a line. */
const splitPatterns = (value: string): readonly string[] => {
  try {
    const list: unknown = JSON.parse(value);
    if (Array.isArray(list)) return list.map(String);
  } catch {
    // not JSON: lines
  }
  return value
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
};

const compiled = (pattern: string): RegExp | undefined => {
  try {
    return new RegExp(pattern, "i");
  } catch {
    return undefined; // reported by position: bad ones are ignored (hermes-behaviour.md 6.3)
  }
};

interface MentionPatterns {
  readonly patterns: readonly RegExp[];
  /** 1-based positions of what does not compile. */
  readonly bad: readonly number[];
}

export const compilePatterns = (sources: readonly string[]): MentionPatterns => {
  const all = sources.map(compiled);
  return {
    patterns: all.filter((pattern) => pattern !== undefined),
    bad: all.flatMap((pattern, index) => (pattern === undefined ? [index + 1] : [])),
  };
};

export const mentionPatterns = z._default(
  z.pipe(
    z.string(),
    z.transform((value: string): MentionPatterns => compilePatterns(splitPatterns(value))),
  ),
  { patterns: [], bad: [] },
);
