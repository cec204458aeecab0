// What a model meant when it wrote a tool call badly: the name (loop) and the JSON of the arguments (history
// repair; a guessed argument is replayed, never executed). hermes-behaviour.md 1.3 and 1.4.

import { similarity } from "./similarity.ts";

const ALIKE = 0.7;
/** Longest name worth comparing; the comparison is quadratic and a real tool name is far shorter. */
const MAX_NAME_LENGTH = 100;
const TOOL_SUFFIXES = ["_tool", "-tool", "tool"];
/** Surplus closing brackets dropped before giving up. */
const MAX_DROPPED_CLOSERS = 50;

/** The valid name that was meant, or undefined when none is close enough. */
export const repairToolName = (name: string, validNames: readonly string[]): string | undefined => {
  if (validNames.includes(name)) return name;
  const written = beforePollution(name.trim()).slice(0, MAX_NAME_LENGTH);
  if (written === "") return undefined;
  return spellings(written).find((spelling) => validNames.includes(spelling)) ?? closest(written, validNames);
};

/** Some servers let XML attributes run into the name: `terminal" parameter="command"`. */
const beforePollution = (name: string): string => {
  const cut = name.search(/["'<>]/);
  return cut > 0 ? name.slice(0, cut) : name;
};

/** The spellings a name may stand for, plainest first: `TodoTool_tool` is `todo`. */
const spellings = (name: string): readonly string[] => {
  const found = new Set([name.toLowerCase(), underscored(name), snakeCase(name)]);
  for (let round = 0; round < 2; round++) {
    for (const spelling of [name, ...found]) {
      const stem = withoutToolSuffix(spelling);
      if (stem !== "") for (const form of [stem, underscored(stem), snakeCase(stem)]) found.add(form);
    }
  }
  return [...found];
};

const underscored = (name: string): string => name.toLowerCase().replace(/[- ]/g, "_");

const snakeCase = (name: string): string => underscored(name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, "_"));

const withoutToolSuffix = (name: string): string => {
  const suffix = TOOL_SUFFIXES.find((ending) => name.toLowerCase().endsWith(ending));
  return suffix === undefined ? "" : name.slice(0, -suffix.length).replace(/[-_]+$/, "");
};

const closest = (name: string, validNames: readonly string[]): string | undefined => {
  const scored = validNames
    .map((valid) => ({ valid, score: similarity(valid, name.toLowerCase()) }))
    .filter(({ score }) => score >= ALIKE)
    .sort((a, b) => b.score - a.score || (a.valid < b.valid ? 1 : -1));
  return scored[0]?.valid;
};

/** The arguments as compact JSON text: repaired if that is possible, else `{}`. Keys keep their order. */
export const repairArguments = (text: string): string => {
  const written = text.trim();
  if (written === "" || written === "None") return "{}";
  return compact(written) ?? compact(withBalancedClosers(written)) ?? "{}";
};

/** JSON in which raw control characters may stand inside strings, written anew; undefined when it is none. */
const compact = (text: string): string | undefined => {
  try {
    return JSON.stringify(JSON.parse(escapeControlCharacters(text)));
  } catch {
    return undefined; // no JSON, or nested beyond the stack: the caller goes on to the next repair
  }
};

const STRING_LITERAL = /"[^"\\]*(?:\\[\s\S][^"\\]*)*"/g;

const escapeControlCharacters = (text: string): string =>
  text.replace(STRING_LITERAL, (literal) =>
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
    literal.replace(/[\u0000-\u001f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`),
  );

const withBalancedClosers = (text: string): string => {
  const closed = closeOpen(text.replace(/,\s*([}\]])/g, "$1"));
  return dropSurplusClosers(closed);
};

/** Braces first, then brackets, by count, as upstream does: `{"a": [1` is beyond repair, and so becomes `{}`. */
const closeOpen = (text: string): string =>
  text +
  "}".repeat(Math.max(0, count(text, "{") - count(text, "}"))) +
  "]".repeat(Math.max(0, count(text, "[") - count(text, "]")));

const dropSurplusClosers = (text: string): string => {
  let rest = text;
  for (let dropped = 0; dropped < MAX_DROPPED_CLOSERS && compact(rest) === undefined; dropped++) {
    if (!endsInSurplus(rest, "{", "}") && !endsInSurplus(rest, "[", "]")) break;
    rest = rest.slice(0, -1);
  }
  return rest;
};

const endsInSurplus = (text: string, open: string, close: string): boolean =>
  text.endsWith(close) && count(text, close) > count(text, open);

const count = (text: string, char: string): number => text.split(char).length - 1;
