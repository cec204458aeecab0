// What gives an attack away in a text that will be in a prompt later: shared by the scanners of jobs (jobs/scan-prompt.ts), of
// memory (memory/scan.ts) and of skills (skills/scan.ts). Every search is linear: what may stand anywhere on a line is looked for step by step, each from the
// end of the last, and words between two others are counted.

/** What gives it away, by Hermes' name for it. */
export type Pattern = readonly [id: string, pattern: RegExp];

/** What has to stand on one line in this order, whatever is between. */
export type Command = readonly [id: string, steps: readonly RegExp[]];

/** Directives that have no place in anybody's text, data and skills included. */
export const DIRECTIVES: readonly Pattern[] = [
  [
    "prompt_injection",
    /\bignore\s+(?:\w+\s+){0,6}(?:previous|prior|above|all|earlier)\s+(?:\w+\s+){0,6}instructions?\b/i,
  ],
  ["deception_hide", /\bdo\s+not\s+(?:tell|inform|reveal\s+to)\s+(?:the\s+)?user\b/i],
  ["sys_prompt_override", /\bsystem\s+prompt\s+override\b/i],
  [
    "disregard_rules",
    /\bdisregard\s+(?:(?:\w+\s+){0,3}|(?:\w+\s+){0,6}(?:your|all|any)\s+(?:\w+\s+){0,6})(?:instructions?|rules?|guidelines?)\b/i,
  ],
];

/** A secret's name as a shell would expand it. */
export const SECRET_NAME = String.raw`\$\{?\w{0,60}(?:key|token|secret|password|passwd|credential|api)\w{0,60}`;
export const SECRET = new RegExp(SECRET_NAME, "i");

export const READ_SECRETS: Command = [
  "read_secrets",
  [/\bcat\s/i, /\.env\b|credentials\b|\.netrc\b|\.pgpass\b|\.npmrc\b|\.pypirc\b|id_rsa\b|\.aws\//i],
];
export const SSH_BACKDOOR: Command = ["ssh_backdoor", [/\bauthorized_keys\b/i]];

/** Scripts whose spelling needs joiners (Persian, Hindi, …): after one of their letters or marks they are part of the text. */
const JOINED = String.raw`[\p{scx=Arab}\p{scx=Syrc}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}]`;

/**
 * With no honest use: what turns the direction of text, letters of tags but in a flag (🏴󠁧󠁢󠁥󠁮󠁧󠁿), and a row of marks that choose a
 * glyph, in which any sentence can be written.
 */
const HIDES = [
  String.raw`[\u202a-\u202e\u2066-\u2069]`,
  String.raw`(?<!\u{1f3f4}[\u{e0020}-\u{e007e}]{0,8})[\u{e0000}-\u{e007f}]`,
  String.raw`[\ufe00-\ufe0f\u{e0100}-\u{e01ef}]{3,}`,
].join("|");
export const HIDDEN = new RegExp(HIDES, "u");

/** Zero width, and joiners; but the joiner inside an emoji (👩‍💻) is part of it. */
const NO_WIDTH = [
  String.raw`[\u200b\u2060-\u2064\ufeff]`,
  String.raw`(?<!${JOINED})\u200c`,
  String.raw`(?<!${JOINED}|\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d`,
  String.raw`(?<!${JOINED})\u200d(?!\p{Extended_Pictographic})`,
].join("|");
export const ZERO_WIDTH = new RegExp(NO_WIDTH, "u");

/** What an honest text has none of. */
export const INVISIBLE = new RegExp(`${HIDES}|${NO_WIDTH}`, "gu");

/** Whatever is drawn as nothing, also where it has its use: it parts no word. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** The first invisible character, as `U+200B`. */
export const invisibleIn = (text: string): string | undefined => {
  const [found] = text.match(INVISIBLE) ?? [];
  const point = found?.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
  return point === undefined ? undefined : `U+${point}`;
};

/** As a reader takes it: full-width letters are letters, what is not seen is not there, and a shell joins what a backslash continues. */
export const asRead = (text: string): string =>
  text
    .replace(UNSEEN, "")
    .normalize("NFKC")
    .replace(/\\\r?\n/g, " ")
    .replace(/\r\n?/g, "\n");

/** The id of the first that is anywhere in the text. */
export const patternIn = (text: string, patterns: readonly Pattern[]): string | undefined =>
  patterns.find(([, pattern]) => pattern.test(text))?.[0];

/** The id of the first that is on one of the lines. */
export const commandIn = (lines: readonly string[], commands: readonly Command[]): string | undefined =>
  commands.find(([, steps]) => lines.some((line) => holdsInOrder(line, steps)))?.[0];

/** One after the other, each from the end of the one before: linear, whatever is between them. */
export const holdsInOrder = (line: string, steps: readonly RegExp[]): boolean => {
  let rest = line;
  return steps.every((step) => {
    const found = step.exec(rest);
    if (found !== null) rest = rest.slice(found.index + found[0].length);
    return found !== null;
  });
};
