// `memory_remember`, `memory_recall` and `memory_forget`: what a person can have kept, asked for and deleted at AgentCore Memory.
// Nothing is deleted here: the question they end in has a button that only the person can press.

import * as z from "zod/mini";
import { asManyAsFit } from "../chunks.ts";
import { clip } from "../clip.ts";
import { asError } from "../errors.ts";
import { actorOf, notesOf, pathOf, tokenOf } from "../memory/agentcore-ids.ts";
import { soundRecords } from "../memory/sound-records.ts";
import { readAlong, unclearWhose } from "../memory/speakers.ts";
import { SWITCHED_OFF } from "../memory/switched-off.ts";
import { takenOut } from "../memory/taken-out.ts";
import { FORGETTING_TOOL, REMEMBERING_TOOL } from "../memory/tool-names.ts";
import type { MemoryRecord, MemoryService } from "../memory-ports.ts";
import type { Clock, Tool, ToolContext, ToolOutcome } from "../ports.ts";
import { quoted } from "../quoted.ts";
import type { Origin } from "../turn.ts";
import { defineTool } from "./define-tool.ts";

export interface AgentCoreToolsOptions {
  readonly service: MemoryService;
  /** Why a text must not be kept or shown; undefined when it may. */
  readonly scan: (text: string) => string | undefined;
  /** Takes secrets out. */
  readonly redact: (text: string) => string;
  readonly clock: Pick<Clock, "now">;
}

/** One statement; the service takes 16,000 (botocore's model, MemoryContentTextString). */
const MAX_NOTE_CHARS = 2_000;
const MAX_SHOWN_CHARS = 600;

/** Of a list: more is asked for by a search. */
const MAX_LISTED = 100;
/** The loop cuts a result at 48,000, in the middle of a record and with the ids behind it. */
const MAX_LIST_CHARS = 40_000;

/** What one question can ask, and a person can look through before saying yes. */
const MAX_FORGOTTEN = 20;
const MAX_QUOTED_CHARS = 200;

const IN_PRIVATE =
  "Nothing was done: the question would show it to everybody here. In their private chat the person can have it forgotten.";
const NOBODY = "Nothing was done: nobody is speaking here, so there is no one's memory to use.";
const FAILED =
  "Error: the long-term memory cannot be reached now. Go on without it, and say so if it matters.";

export const createAgentCoreMemoryTools = (options: AgentCoreToolsOptions): readonly Tool[] => [
  rememberTool(options),
  recallTool(options),
  forgetTool(options),
];

const text = (maxLength: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(maxLength));

const rememberTool = ({ service, scan, redact, clock }: AgentCoreToolsOptions): Tool =>
  defineTool({
    name: REMEMBERING_TOOL,
    toolset: "memory",
    description:
      "Keep one lasting fact about the person. Conversations are learnt from by themselves; use this when the person asks " +
      "for it, or it must not be lost.",
    parallel: false,
    repeatable: true, // the operation names the record
    parameters: z.object({
      content: text(MAX_NOTE_CHARS).check(z.describe("One statement, true on its own. No secrets.")),
    }),
    run: ({ content }, context) =>
      withMemory(context, async (actor) => {
        const note = redact(content).toWellFormed();
        const refused = scan(note);
        if (refused !== undefined) return { text: `Nothing was done: this must not be kept: ${refused}` };
        await service.add(notesOf(actor), note, tokenOf(context.operation), clock.now(), context.signal);
        return { text: JSON.stringify({ remembered: note, ...takenOut(content.toWellFormed(), note) }) };
      }),
  });

const recallTool = ({ service, scan }: AgentCoreToolsOptions): Tool =>
  defineTool({
    name: "memory_recall",
    toolset: "memory",
    description: "Search what is remembered about the person, beyond what came with their message.",
    parallel: true,
    repeatable: true,
    untrusted: true,
    parameters: z.object({
      query: text(1_000),
      limit: z._default(z.int().check(z.gte(1), z.lte(20)), 8),
    }),
    run: ({ query, limit }, context) =>
      withMemory(context, async (actor) => {
        const found = await service.search(pathOf(actor), query.toWellFormed(), limit, context.signal);
        const memories = soundRecords(found, scan, context.log).map(shown);
        return { text: JSON.stringify({ ...readAlong(context.origin), memories }) };
      }),
  });

const forgetTool = ({ service, scan }: AgentCoreToolsOptions): Tool =>
  defineTool({
    name: FORGETTING_TOOL,
    toolset: "memory",
    description:
      "list: everything remembered about the person, with ids. forget, forget_all: asks them; only their button deletes. " +
      "Asking ends your turn.",
    parallel: false,
    repeatable: true, // it only asks
    untrusted: true,
    parameters: z.object({
      action: z.enum(["list", "forget", "forget_all"]),
      ids: z
        .optional(z.array(text(100)).check(z.minLength(1), z.maxLength(MAX_FORGOTTEN)))
        .check(z.describe("For forget: ids from list.")),
    }),
    run: ({ action, ids }, context) =>
      withMemory(context, async (actor) => {
        if (action === "forget_all") return ALL;
        const { log, origin, signal } = context;
        const newest = async () =>
          (await service.list(pathOf(actor), signal)).toSorted((one, other) => other.at - one.at);
        if (action === "list") {
          const records = await newest();
          return listed(soundRecords(records, scan, log), records.length, origin);
        }
        if (ids === undefined) return { text: "Nothing was done: forget needs ids; action list has them." };
        if (origin.chatType !== "dm") return { text: IN_PRIVATE };
        const wanted = (await newest()).filter(({ id }) => ids.includes(id));
        return asked(soundRecords(wanted, scan, log));
      }),
  });

/** Who is asked for is who speaks, never who the model names. */
const withMemory = async (
  context: ToolContext,
  use: (actor: string) => Promise<ToolOutcome>,
): Promise<ToolOutcome> => {
  const { isMemoryOff, origin, signal, log } = context;
  if (isMemoryOff) return { text: SWITCHED_OFF };
  if (origin.userId === undefined) return { text: NOBODY };
  const unclear = unclearWhose(context, origin.userId);
  if (unclear !== undefined) return { text: unclear };
  try {
    return await use(actorOf(origin.userId));
  } catch (error) {
    signal.throwIfAborted();
    log.warn("a memory tool failed", { error: asError(error) });
    return { text: FAILED };
  }
};

const shown = ({ id, text: whole, at }: MemoryRecord) => ({
  id,
  text: clip(whole, MAX_SHOWN_CHARS),
  date: new Date(at).toISOString().slice(0, 10),
});

const listed = (records: readonly MemoryRecord[], total: number, origin: Origin): ToolOutcome => {
  const memories = asManyAsFit(
    records.slice(0, MAX_LISTED).map(shown),
    MAX_LIST_CHARS,
    (memory) => JSON.stringify(memory).length + 1,
  );
  const notes = [
    ...(memories.length < records.length ? ["The newest are shown; memory_recall finds older ones."] : []),
    ...(records.length < total ? [LEFT_OUT] : []),
  ];
  return {
    text: JSON.stringify({
      ...readAlong(origin),
      memories,
      total,
      ...(notes.length > 0 && { note: notes.join(" ") }),
    }),
  };
};

const LEFT_OUT =
  "Some read like instructions and are left out: the person sees them with /memory, and can have them forgotten there.";

const asked = (wanted: readonly MemoryRecord[]): ToolOutcome => {
  if (wanted.length === 0) {
    return { text: "Nothing was done: none of these ids is of something remembered; action list has them." };
  }
  // Numbered as the buttons are (agent/forget-buttons.ts).
  const lines = wanted.map(({ text: whole }, index) => `${index + 1}. ${quoted(whole, MAX_QUOTED_CHARS)}`);
  const question = `Forget ${wanted.length === 1 ? "this" : "these"} for good?\n\n${lines.join("\n")}`;
  return { text: ASKED, ask: { question, choices: [], forget: { ids: wanted.map(({ id }) => id) } } };
};

const ASKED =
  "Nothing is deleted yet: the person was asked, and their button does it. Your turn ends here; do not say it is done.";

const ALL: ToolOutcome = {
  text: ASKED,
  ask: {
    question:
      "Forget everything I remember about you for good, with the conversations I would still learn from? This chat's own " +
      "history stays; /new starts afresh.",
    choices: [],
    forget: { ids: "all" },
  },
};
