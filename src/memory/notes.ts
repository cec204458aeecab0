// Hermes' MEMORY.md and USER.md as values (hermes-behaviour.md 5.2): how entries are added, replaced and removed within their
// limits, and how they stand in a prompt. Pure; called by the memory tool and by built-in.ts.

import { createHash } from "node:crypto";
import type { Notes } from "../memory-ports.ts";
import { scanMemory } from "./scan.ts";

export type Target = "memory" | "user";

/** Characters each may hold, separators included; absent = switched off. */
export type NotesLimits = Readonly<Partial<Record<Target, number>>>;

/** The section `memory` of config.yaml. */
export interface NotesConfig {
  readonly memory_enabled: boolean;
  readonly user_profile_enabled: boolean;
  readonly memory_char_limit: number;
  readonly user_char_limit: number;
}

export const limitsOf = (config: NotesConfig): NotesLimits => ({
  ...(config.memory_enabled ? { memory: config.memory_char_limit } : {}),
  ...(config.user_profile_enabled ? { user: config.user_char_limit } : {}),
});

export type NotesChange =
  | { readonly action: "add"; readonly content: string }
  | { readonly action: "replace"; readonly oldText: string; readonly content: string }
  | { readonly action: "remove"; readonly oldText: string };

export type Changed =
  /** The same array when nothing had to change. */
  | { readonly entries: readonly string[]; readonly message: string }
  /** `isAboutEntries`: seeing the entries helps to do it right. `matches`: those that are meant by the same words. */
  | { readonly error: string; readonly isAboutEntries?: true; readonly matches?: readonly string[] };

const SEPARATOR = "\n§\n";
const RULE = "═".repeat(46);
const HEADINGS = { memory: "MEMORY (your personal notes)", user: "USER PROFILE (who the user is)" } as const;

/** Whole entries would double the answer: this much tells them apart. */
const PREVIEW_CHARS = 80;

/** What the change makes of the entries, or why nothing is changed, in words for the model. */
export const changeEntries = (entries: readonly string[], change: NotesChange, limit: number): Changed => {
  if (change.action === "remove") {
    const found = findEntry(entries, change.oldText);
    if (typeof found !== "string") return found;
    return { entries: entries.filter((entry) => entry !== found), message: "Entry removed." };
  }
  const content = cleaned(change.content);
  const refusal = whyNotStored(content, change.action);
  if (refusal !== undefined) return { error: refusal };
  return change.action === "add"
    ? added(entries, content, limit)
    : replaced(entries, change.oldText, content, limit);
};

/** One entry stays one: it cannot contain what separates two. */
const cleaned = (content: string): string => content.trim().split(SEPARATOR).join("\n");

const whyNotStored = (content: string, action: "add" | "replace"): string | undefined => {
  if (content !== "") return scanMemory(content);
  return action === "add"
    ? "Content cannot be empty."
    : "Content cannot be empty. Use 'remove' to delete an entry.";
};

const added = (entries: readonly string[], content: string, limit: number): Changed => {
  if (entries.includes(content)) return { entries, message: "Entry already exists (no duplicate added)." };
  const next = [...entries, content];
  if (charsOf(next) <= limit) return { entries: next, message: "Entry added." };
  const now = `${counted(charsOf(entries))}/${counted(limit)}`;
  return {
    error:
      `Memory is at ${now} chars; adding this entry (${counted(lengthOf(content))} chars) would exceed the limit. ` +
      "Consolidate now: merge entries with 'replace' or drop stale ones with 'remove', then add it again.",
    isAboutEntries: true,
  };
};

const replaced = (entries: readonly string[], oldText: string, content: string, limit: number): Changed => {
  const found = findEntry(entries, oldText);
  if (typeof found !== "string") return found;
  const next = [...new Set(entries.map((entry) => (entry === found ? content : entry)))];
  const chars = charsOf(next);
  // What became too long by a lower limit may be shortened step by step.
  if (chars <= limit || chars < charsOf(entries)) return { entries: next, message: "Entry replaced." };
  return {
    error:
      `The replacement would put memory at ${counted(chars)}/${counted(limit)} chars and exceed the limit. ` +
      "Shorten it, or make room with 'remove', then try again.",
    isAboutEntries: true,
  };
};

/** The one entry that is, or else contains, these words. */
const findEntry = (entries: readonly string[], words: string): string | Changed => {
  const wanted = words.trim();
  if (wanted === "") return { error: "old_text cannot be empty: it says which entry is meant." };
  if (entries.includes(wanted)) return wanted;
  const matches = entries.filter((entry) => entry.includes(wanted));
  const [found] = matches;
  if (found === undefined) return { error: `No entry matched '${wanted}'.`, isAboutEntries: true };
  if (matches.length === 1) return found;
  return {
    error: `Multiple entries matched '${wanted}'. Be more specific.`,
    matches: matches.map((entry) => [...shown(entry)].slice(0, PREVIEW_CHARS).join("")),
  };
};

/** `67% — 1,474/2,200 chars`. */
export const usageOf = (entries: readonly string[], limit: number): string => {
  const chars = charsOf(entries);
  const percent = Math.min(100, Math.floor((chars / limit) * 100));
  return `${percent}% — ${counted(chars)}/${counted(limit)} chars`;
};

/** Both blocks as they stand in a prompt; "" when there is nothing. */
export const renderNotes = (notes: Notes, limits: NotesLimits): string =>
  (["memory", "user"] as const)
    .flatMap((target) => {
      const limit = limits[target];
      return limit === undefined || notes[target].length === 0 ? [] : [block(target, notes[target], limit)];
    })
    .join("\n\n");

const block = (target: Target, entries: readonly string[], limit: number): string => {
  const heading = `${HEADINGS[target]} [${usageOf(entries, limit)}]`;
  return [RULE, heading, RULE, entries.map(shown).join(SEPARATOR)].join("\n");
};

/** An entry as a model may see it: one that got past an older scan, or into the table by hand, is kept from it. */
export const shown = (entry: string): string =>
  scanMemory(entry) === undefined
    ? entry
    : "[BLOCKED: this entry looks like an attack and is not shown. The person can delete it with /memory.]";

/** The name of an entry: the same wherever it is looked at, and of no use for finding out what it says. */
export const noteId = (target: Target, entry: string): string =>
  createHash("sha256").update(`${target}\0${entry}`).digest("base64url").slice(0, 16);

const charsOf = (entries: readonly string[]): number => lengthOf(entries.join(SEPARATOR));

/** Characters as a person counts them, which is how Hermes counts: an emoji is one, not two. */
const lengthOf = (text: string): number => [...text].length;

const counted = (chars: number): string => chars.toLocaleString("en-US");
