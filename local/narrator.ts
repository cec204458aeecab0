// Tells a local run as a conversation: who said what, which tools ran, what was sent to Telegram. It listens to the
// wires (rows written to the table, calls made to the Bot API) and knows nothing of the function's inside.

import { arrivalOf } from "./arrivals.ts";
import type { LocalService } from "./environment.ts";
import { type LogEntry, logWords } from "./log-lines.ts";
import type { SchedulerCall } from "./scheduler/server.ts";
import type { BotApiCall } from "./telegram/bot-api.ts";
import { unframed } from "./unframed.ts";

export interface Narrator {
  /** Says which model answers, what there is beside it, and where the state is. */
  begin(run: {
    readonly answers: string;
    readonly services: ReadonlySet<LocalService>;
    readonly directory: string;
  }): void;
  /** What came in, before the function runs. */
  arrival(event: unknown): void;
  onTableRequest(target: string, body: unknown): void;
  onBotCall(call: BotApiCall): void;
  onSchedulerCall(call: SchedulerCall): void;
  onLog(entry: LogEntry): void;
  /** A wake that threw; the stack's Lambda would try it again, but a local run ends before. */
  failed(error: Error): void;
  /** Says so when the arrival came to nothing that a person sees. */
  end(): void;
}

export interface NarratorOptions {
  readonly write: (lines: string) => void;
  readonly colours?: boolean;
}

const COLOURS = { person: 36, agent: 32, tool: 33, problem: 31, faint: 90 } as const;
type Colour = keyof typeof COLOURS;

/** In the folder of the state. */
export const LOG_FILE = "log.jsonl";

const SERVICE_NAMES = { memory: "AgentCore Memory", search: "a Knowledge Base" } as const;

/** Where text begins: behind the longest of our own labels. */
const COLUMN = 9;

/** Long enough to see what it is about, short enough to keep the conversation in view. */
const SHOWN_CHARS = 300;

export const createNarrator = ({ write, colours = false }: NarratorOptions): Narrator => {
  const paint = (colour: Colour, text: string): string =>
    colours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text;
  const line = (colour: Colour, label: string, text: string): void => {
    const indented = text.replaceAll("\n", `\n${" ".repeat(COLUMN)}`);
    const shown = colour === "faint" ? paint("faint", indented) : indented;
    write(`${paint(colour, `${label} `.padEnd(COLUMN))}${shown}`);
  };
  const rows = createRowReader();
  const drafts = createDraftReader();
  let wasAnswered = true;
  /** Until it is told, which is once. */
  let logFile: string | undefined;
  return {
    begin({ answers, services, directory }) {
      logFile = `${directory}/${LOG_FILE}`;
      const names = (["memory", "search"] as const).filter((one) => services.has(one));
      const beside =
        names.length === 0 ? "" : `, with ${names.map((one) => SERVICE_NAMES[one]).join(" and ")}`;
      write(paint("faint", `${answers}. All else is on this machine${beside}; state in ${directory}.`));
    },
    arrival(event) {
      const { who, what } = arrivalOf(event);
      wasAnswered = false;
      line("person", who, what);
    },
    onTableRequest(target, body) {
      if (!target.endsWith(".PutItem")) return;
      for (const { label, text } of rows((body as { Item?: Attributes }).Item ?? {}))
        line("tool", label, text);
    },
    onBotCall(call) {
      const { method, payload, result } = call;
      if (method === "sendChatAction") return;
      if (method.endsWith("Draft")) {
        const more = drafts.more(payload);
        if (more !== "") line("faint", "writes", more);
        return;
      }
      drafts.end(payload);
      wasAnswered ||= result?.ok === true;
      const text = textOf(payload);
      if (text !== "") line("agent", "Hermes", text + buttonsOf(payload));
      line(result?.ok ? "faint" : "problem", "", wordsOf(call));
    },
    onSchedulerCall(call) {
      const words = scheduleWords(call);
      if (words !== undefined) line(call.error === undefined ? "faint" : "problem", "Scheduler", words);
    },
    onLog(entry) {
      line(entry["level"] === "ERROR" ? "problem" : "faint", "log", shortened(logWords(entry)));
      if (logFile !== undefined) line("faint", "", `(in full: ${logFile})`);
      logFile = undefined;
    },
    failed: (error) => line("problem", "failed", `${error.name}: ${error.message}`),
    end() {
      if (!wasAnswered) line("faint", "", "(nothing was sent)");
      wasAnswered = true;
    },
  };
};

const shortened = (text: string): string => {
  const oneLine = text.replaceAll(/\s+/g, " ").trim();
  return oneLine.length <= SHOWN_CHARS ? oneLine : `${oneLine.slice(0, SHOWN_CHARS)}…`;
};

/** DynamoDB's wire form of values. */
interface Attribute {
  readonly S?: string;
  readonly M?: Attributes;
  readonly L?: readonly Attribute[];
}
type Attributes = Readonly<Record<string, Attribute>>;

interface ToolLine {
  readonly label: string;
  readonly text: string;
}

/** Rows of the transcript that call tools or hold a tool's result; one that is written again is told once. */
const createRowReader = () => {
  const seen = new Set<string>();
  return (item: Attributes): readonly ToolLine[] => {
    const message = item["message"]?.M;
    const key = `${item["PK"]?.S} ${item["SK"]?.S}`;
    if (message === undefined || seen.has(key)) return [];
    seen.add(key);
    if (message["role"]?.S === "tool") {
      return [{ label: "result", text: shortened(unframed(message["content"]?.S ?? "")) }];
    }
    return (message["toolCalls"]?.L ?? []).map(({ M: call }) => ({
      label: "tool",
      text: `${call?.["name"]?.S} ${shortened(call?.["arguments"]?.S ?? "")}`,
    }));
  };
};

/** A draft is sent whole each time it grows: what is new in it is enough to follow the writing. */
const createDraftReader = () => {
  const shown = new Map<unknown, string>();
  return {
    more(payload: BotApiCall["payload"]): string {
      const before = shown.get(payload["chat_id"]) ?? "";
      const text = withoutRunningTools(textOf(payload));
      shown.set(payload["chat_id"], text);
      return shortened(text.startsWith(before) ? text.slice(before.length) : text);
    },
    end(payload: BotApiCall["payload"]): void {
      shown.delete(payload["chat_id"]);
    },
  };
};

/** A draft ends in the tools that run just then; they are told when they are called. */
const withoutRunningTools = (text: string): string => text.replace(/(^|\n+)⚙️ [\s\S]*$/u, "");

const wordsOf = ({ method, payload, result, fault }: BotApiCall): string => {
  const to = payload["chat_id"] === undefined ? "" : ` to chat ${payload["chat_id"]}`;
  if (result === undefined) return `${method}${to}: no answer (${JSON.stringify(fault)})`;
  return `${method}${to}${result.ok ? "" : `: ${result.description}`}`;
};

/** What became of a schedule; looking at one is not told. */
const scheduleWords = ({ operation, fields, error }: SchedulerCall): string | undefined => {
  const { Name, ScheduleExpression, ScheduleExpressionTimezone, State } = fields;
  // The adapter sets a timer by changing it, and makes it where there is none.
  if (operation === "UpdateSchedule" && error?.type === "ResourceNotFoundException") return undefined;
  if (error !== undefined) return `${operation} ${Name}: ${error.message}`;
  if (operation === "DeleteSchedule") return `${Name} is deleted`;
  if (operation !== "CreateSchedule" && operation !== "UpdateSchedule") return undefined;
  const zone = ScheduleExpressionTimezone === undefined ? "" : ` ${ScheduleExpressionTimezone}`;
  return `${Name} is ${ScheduleExpression}${zone}${State === "DISABLED" ? ", disabled" : ""}`;
};

const textOf = (payload: BotApiCall["payload"]): string => {
  const rich = payload["rich_message"] as { markdown?: string } | undefined;
  return String(rich?.markdown ?? payload["text"] ?? "");
};

const buttonsOf = (payload: BotApiCall["payload"]): string => {
  const markup = payload["reply_markup"] as
    | { inline_keyboard?: readonly (readonly { text: string }[])[] }
    | undefined;
  return (markup?.inline_keyboard ?? [])
    .flat()
    .map(({ text }) => `\n[ ${text} ]`)
    .join("");
};
