// Slash commands (hermes-behaviour.md 6.7). Each is answered from META and the archive; only /retry and /compress
// ask the model. `/stop` is not here: it is an entry of its own kind, so that a running turn can see it.

import { HermesError } from "../errors.ts";
import { isTimeZone } from "../time-zone.ts";
import type { CommandEntry } from "../turn.ts";
import { thousands } from "../usage/money.ts";
import { answerAgain } from "./answer.ts";
import { COMMANDS } from "./command-list.ts";
import { compactTranscript } from "./compact-transcript.ts";
import { startMeter } from "./meter.ts";
import { sayingOut } from "./say.ts";
import { newSession, type Reply, resumeSession, titleSession, undoTurns } from "./session-commands.ts";
import { spendButtons } from "./spend-buttons.ts";
import { openTranscript, withSpending } from "./transcript.ts";
import type { TurnContext } from "./turn-context.ts";
import { compactAtTokens, modelOf } from "./turn-setup.ts";
import { usage } from "./usage-command.ts";

type Command = (c: TurnContext, entry: CommandEntry) => Reply | Promise<Reply>;

/** On return META has `out`. */
export const runCommand = async (c: TurnContext, entry: CommandEntry): Promise<void> => {
  if (entry.name === "retry" && (await answerAgain(c, entry))) return;
  const known = BY_NAME.get(entry.name);
  const tried = known === undefined ? await withSkill(c, entry) : "no skill";
  if (tried === "answered") return;
  const command = known ?? (tried === "no skill" ? unknown : (): Reply => ({ text: tried.problem }));
  const spent = spendButtons(c, [entry]);
  const [{ text, effect = {}, rows = [], buttons = [] }] = await Promise.all([command(c, entry), spent]);
  const { id, origin } = entry;
  const out = sayingOut({ entries: [id], origin, text, ...(buttons.length === 0 ? {} : { buttons }) });
  if (rows.length === 0) await c.lease.commit({ ...effect, out });
  else await openTranscript(c.lease, c.ports.clock).add(rows, { ...effect, out });
};

/** Loaded with the first command that is none of ours. */
const withSkill = async (c: TurnContext, entry: CommandEntry) =>
  (await import("./skill-turn.ts")).answerWithSkill(c, entry);

const unknown: Command = (_c, { name }) => ({
  text: `Unknown command \`/${name}\`. Type /help to see what's available, or resend without the leading slash to send as a regular message.`,
});

const start: Command = () => ({
  text: "Hello, I am Hermes. Write to me as you would to a person; /help shows what else I understand.",
});

const help: Command = () => ({
  text: COMMANDS.map(({ name, description }) => `/${name} – ${description}`).join("\n"),
});

/** Reached only when there was nothing to answer again. */
const retry: Command = () => ({ text: "There is no message to answer again." });

const compress: Command = async (c, { origin, args }) => {
  const transcript = openTranscript(c.lease, c.ports.clock);
  const before = transcript.rows.length;
  const meter = startMeter(c, { origin });
  const options = args === "" ? { meter, origin } : { meter, origin, focus: args };
  const rest =
    before > 0 ? await compactTranscript(c, transcript, options).finally(meter.settled) : undefined;
  if (rest === undefined) {
    // A summary that would have saved too little is paid for all the same.
    const totals = withSpending(c.lease.meta.totals, meter.takeSpending());
    return { text: "There is nothing to compress yet.", effect: { totals } };
  }
  const kept = c.lease.rows.filter((row) => row.seq >= c.lease.meta.base).length;
  const what = rest === "summary" ? "a summary" : "excerpts, for no summary could be made";
  return { text: `🗜 Compressed: ${before} messages are now ${kept}, the rest is ${what}.` };
};

const status: Command = (c) => {
  const { meta } = c.lease;
  const { lastPrompt } = meta;
  const lines = [
    `**Session** ${meta.title ?? (meta.sessionId || "new")}`,
    `Messages: ${meta.seq}`,
    `Model: ${modelOf(c).name} (${modelOf(c).provider})`,
    `Context: ${thousands(lastPrompt)} tokens, compressed at ${thousands(compactAtTokens(c))}`,
    `Time zone: ${c.timezone}`,
  ];
  return { text: lines.join("\n") };
};

/** A model's name is shown and sent, never put into a key or an address. */
const MODEL_NAME = /^[\w.:/-]{1,100}$/;

const model: Command = (c, { args }) => {
  const current = modelOf(c);
  if (args === "")
    return { text: `Model: ${current.name} (${current.provider}). Change it with /model NAME.` };
  const { settings } = c.lease.meta;
  if (args === "default")
    return { text: "Back to the default model.", effect: { settings: omitModel(settings) } };
  if (!MODEL_NAME.test(args)) return { text: "That does not look like the name of a model." };
  try {
    const chosen = c.ports.models.primary(args);
    const text = `Model: ${chosen.name} (${chosen.provider}) from now on. /model default goes back.`;
    return { text, effect: { settings: { ...settings, model: args } } };
  } catch (error) {
    if (error instanceof HermesError && error.code === "config") return { text: error.message };
    throw error;
  }
};

const timezone: Command = (c, { args }) => {
  const { settings } = c.lease.meta;
  if (args === "") {
    const whose = c.isTimezoneKnown ? "" : " (nobody has set one)";
    return {
      text: `Time zone: ${c.timezone}${whose}. Set it with /timezone Area/City, such as /timezone Europe/Berlin.`,
    };
  }
  if (!isTimeZone(args))
    return { text: `I know no time zone "${args}". It has a name such as Europe/Berlin.` };
  return {
    text: `Time zone: ${args} from now on. Reminders that exist keep the zone they were made in.`,
    effect: { settings: { ...settings, timezone: args } },
  };
};

const skills: Command = async (c, entry) => (await import("./skills-command.ts")).skills(c, entry);

const memory: Command = async (c, entry) => (await import("./memory-command.ts")).memory(c, entry);

/** Calendars are loaded with the first such command. */
const cron: Command = async (c, entry) => (await import("./cron-command.ts")).cron(c, entry);

const omitModel = ({ model: _dropped, ...rest }: { readonly model?: string }) => rest;

const whoami: Command = (c, { origin }) => {
  const lines = [
    `User: ${origin.userName ?? "unknown"} (${origin.userId ?? "no id"})`,
    `Chat: ${origin.chatId}${origin.threadId === undefined ? "" : `, topic ${origin.threadId}`}`,
    `Session: \`${c.lease.session}\``,
  ];
  return { text: lines.join("\n") };
};

const BY_NAME: ReadonlyMap<string, Command> = new Map(
  Object.entries({
    start,
    help,
    commands: help,
    new: newSession,
    reset: newSession,
    retry,
    undo: undoTurns,
    title: titleSession,
    resume: resumeSession,
    compress,
    status,
    usage,
    model,
    whoami,
    cron,
    memory,
    skills,
    timezone,
  }),
);
