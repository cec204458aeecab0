// `memory`: what the model notes about a person and for itself, for all their later conversations (hermes-behaviour.md 5.2).

import * as z from "zod/mini";
import { asError } from "../errors.ts";
import {
  type Changed,
  changeEntries,
  type NotesChange,
  type NotesLimits,
  shown,
  type Target,
  usageOf,
} from "../memory/notes.ts";
import { readAlong, unclearWhose } from "../memory/speakers.ts";
import { SWITCHED_OFF } from "../memory/switched-off.ts";
import { takenOut } from "../memory/taken-out.ts";
import { type Update, updateNotes } from "../memory/update-notes.ts";
import type { Notes, NotesStore } from "../memory-ports.ts";
import type { Tool, ToolContext, ToolOutcome } from "../ports.ts";
import type { Origin } from "../turn.ts";
import { defineTool } from "./define-tool.ts";

export interface MemoryToolOptions {
  readonly notes: NotesStore;
  /** Asked anew each time: config.yaml is read with the first turn. */
  readonly limits: () => Promise<NotesLimits>;
  /** Takes secrets out. */
  readonly redact: (text: string) => string;
}

/** A call is made again within minutes: by then no more than these were made in a person's other chats. */
const MAX_APPLIED = 20;

const parameters = z.object({
  action: z.enum(["add", "replace", "remove"]),
  target: z.enum(["memory", "user"]).check(z.describe("user: who they are; memory: the rest")),
  content: z.optional(z.string()),
  old_text: z.optional(z.string()).check(z.describe("Unique part of the old entry")),
});

type Args = z.output<typeof parameters>;

export const createMemoryTool = ({ notes, limits, redact }: MemoryToolOptions): Tool =>
  defineTool({
    name: "memory",
    toolset: "memory",
    description:
      "Notes on this person, seen in later conversations. Save unasked what lasts: preferences, " +
      "corrections, facts; no task progress, no secrets.",
    parallel: false,
    // Every change is stored with the name of its call: made again after a crash it is known, and not done twice.
    repeatable: true,
    parameters,
    async run(args, context) {
      const { userId } = context.origin;
      if (userId === undefined) return failed("I cannot tell who is speaking here.");
      if (context.isMemoryOff === true) return failed(SWITCHED_OFF);
      const unclear = unclearWhose(context, userId);
      if (unclear !== undefined) return failed(unclear);
      try {
        const limit = (await limits())[args.target];
        if (limit === undefined) return failed(`The target '${args.target}' is switched off in config.yaml.`);
        const update = updateBy(args, { ...context, limit, redact });
        return await updateNotes(notes, userId, context.signal, update);
      } catch (thrown) {
        context.signal.throwIfAborted();
        context.log.warn("the memory tool failed", { error: asError(thrown) });
        return failed(
          "The memory cannot be reached right now, and may not have kept this. Go on without it.",
        );
      }
    },
  });

interface Updating extends Pick<ToolContext, "operation" | "origin">, Pick<MemoryToolOptions, "redact"> {
  readonly limit: number;
}

const updateBy =
  (args: Args, { operation, origin, limit, redact }: Updating) =>
  (stored: Notes): Update<ToolOutcome> => {
    const { target, content = "" } = args;
    const kept = redact(content);
    const { applied = [] } = stored;
    const changed: Changed = applied.includes(operation)
      ? { entries: stored[target], message: "Done already." }
      : changeEntries(stored[target], changeOf(args, kept), limit);
    const asked = { target, before: stored[target], limit, origin, note: takenOut(content, kept) };
    const result = outcomeOf(asked, changed);
    if ("error" in changed || changed.entries === stored[target]) return { result };
    const next = {
      ...stored,
      [target]: changed.entries,
      applied: [...applied, operation].slice(-MAX_APPLIED),
    };
    return { result, next };
  };

/** `old_text` stays as it is: it names what is stored. */
const changeOf = ({ action, old_text: oldText = "" }: Args, content: string): NotesChange => {
  if (action === "add") return { action, content };
  return action === "replace" ? { action, oldText, content } : { action, oldText };
};

interface Asked {
  readonly target: Target;
  readonly before: readonly string[];
  readonly limit: number;
  readonly origin: Origin;
  readonly note: ReturnType<typeof takenOut>;
}

const outcomeOf = ({ target, before, limit, origin, note }: Asked, changed: Changed): ToolOutcome => {
  if (!("error" in changed)) {
    const { entries, message } = changed;
    return said({
      success: true,
      target,
      entries: entries.map(shown),
      usage: usageOf(entries, limit),
      message,
      ...note,
      ...readAlong(origin),
    });
  }
  const { error, isAboutEntries, matches } = changed;
  return failed(error, {
    ...(matches === undefined ? {} : { matches, ...readAlong(origin) }),
    ...(isAboutEntries === undefined
      ? {}
      : { current_entries: before.map(shown), usage: usageOf(before, limit), ...readAlong(origin) }),
  });
};

const said = (result: object): ToolOutcome => ({ text: JSON.stringify(result) });

const failed = (error: string, details: object = {}): ToolOutcome =>
  said({ success: false, error, ...details });
