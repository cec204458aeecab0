// The security scan of skills (hermes-behaviour.md 4.4): what the agent writes outlives every container, and what it reads in
// a skill it follows. Called before a skill is stored, and when one is read.

import { asRead, HIDDEN, holdsInOrder, ZERO_WIDTH } from "../threats.ts";
import { COMMANDS } from "./scan-commands.ts";
import { ORDERS } from "./scan-orders.ts";
import type { Category, Rule, Severity } from "./scan-rule.ts";

/** Goes up with every change of the rules or of what is looked at: facts kept of skills are then found anew. */
export const SCAN_VERSION = 4;

export interface Finding {
  readonly category: Category;
  readonly severity: Severity;
  readonly what: string;
  /** From 1. */
  readonly line: number;
}

export interface ScanReport {
  readonly verdict: "safe" | "caution" | "dangerous";
  /** The worst first. */
  readonly findings: readonly Finding[];
}

/** What makes a text dangerous, without a word of that text: kept beside the skill (manifest.ts). */
export interface Danger {
  /** One of DANGER_RULES. */
  readonly rule: string;
  /** From 1. */
  readonly line: number;
}

/** Of the line that a line goes on in. */
const NEXT_LINE_CHARS = 400;

export const RULES: readonly Rule[] = [...ORDERS, ...COMMANDS];

const HIDES = { category: "obfuscation", what: "hidden or direction-turning characters" } as const;

const ruleOf = ({ category, what }: Pick<Finding, "category" | "what">): string => `${category}: ${what}`;

/** Every rule of a danger there can be. */
export const DANGER_RULES: ReadonlySet<string> = new Set([
  ruleOf(HIDES),
  ...RULES.flatMap(([category, severity, what]) =>
    severity === "critical" ? [ruleOf({ category, what })] : [],
  ),
]);

const WEIGHT: Readonly<Record<Severity, number>> = { critical: 3, high: 2, medium: 1 };

export const scanSkill = (text: string): ScanReport => {
  const findings = [...invisibleIn(text), ...matchesIn(text)].sort(
    (a, b) => WEIGHT[b.severity] - WEIGHT[a.severity] || a.line - b.line,
  );
  const worst = findings[0]?.severity;
  return { verdict: worst === "critical" ? "dangerous" : worst === "high" ? "caution" : "safe", findings };
};

/** The finding that makes a text dangerous; undefined when it is not. */
export const dangerIn = (text: string): Danger | undefined => {
  const { verdict, findings } = scanSkill(text);
  const [worst] = findings;
  return verdict === "dangerous" && worst !== undefined
    ? { rule: ruleOf(worst), line: worst.line }
    : undefined;
};

export const describeDanger = ({ rule, line }: Danger): string => `${rule} (line ${line})`;

/** The same in words. */
export const findDanger = (text: string): string | undefined => {
  const danger = dangerIn(text);
  return danger && describeDanger(danger);
};

export const describeFinding = (finding: Finding | undefined): string =>
  finding === undefined ? "" : describeDanger({ rule: ruleOf(finding), line: finding.line });

const invisibleIn = (text: string): Finding[] => {
  const plain = text.replace(/^\uFEFF/, "");
  const at = (pattern: RegExp, severity: Severity, named: Pick<Finding, "category" | "what">): Finding[] => {
    const found = pattern.exec(plain);
    if (found === null) return [];
    const line = plain.slice(0, found.index).split("\n").length;
    return [{ ...named, severity, line }];
  };
  return [
    ...at(HIDDEN, "critical", HIDES),
    ...at(ZERO_WIDTH, "high", { category: "obfuscation", what: "invisible characters" }),
  ];
};

/** The first match of each rule. */
const matchesIn = (text: string): Finding[] => {
  const read = asRead(text);
  // A sentence may go on in the next line.
  const flat = read.replaceAll("\n", " ");
  const lines = read.split("\n");
  return RULES.flatMap(([category, severity, what, ...steps]) => {
    const line = steps.length > 1 ? lineOfSteps(lines, flat, steps) : lineOfMatch(read, flat, steps[0]);
    return line === undefined ? [] : [{ category, severity, what, line }];
  });
};

const lineOfMatch = (text: string, flat: string, pattern: RegExp | undefined): number | undefined => {
  const found = pattern?.exec(flat);
  return found ? text.slice(0, found.index).split("\n").length : undefined;
};

/** The line in which the first step is found, and the others in it or in the next. */
const lineOfSteps = (
  lines: readonly string[],
  flat: string,
  steps: readonly RegExp[],
): number | undefined => {
  // Most rules have nothing to do with most texts: one look at the whole spares them the lines.
  if (!steps.every((step) => step.test(flat))) return undefined;
  const at = lines.findIndex((line, index) => {
    const next = (lines[index + 1] ?? "").slice(0, NEXT_LINE_CHARS);
    return steps[0]?.test(line) === true && holdsInOrder(`${line} ${next}`, steps);
  });
  return at < 0 ? undefined : at + 1;
};
