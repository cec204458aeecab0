// The function's log in a local run: its lines are JSON as wide as the screen several times over, and go around what is being
// typed. Called by stack.ts. Powertools writes to this console only with POWERTOOLS_DEV.

export type LogEntry = Readonly<Record<string, unknown>>;

type Console = Record<(typeof METHODS)[number], (...texts: readonly unknown[]) => void>;

const METHODS = ["debug", "info", "warn", "error", "log"] as const;

/** `onEntry` gets each line of a log; all else is written as ever. */
export const listenToLog = (onEntry: (entry: LogEntry) => void, target: Console = console) => {
  const undo = METHODS.map((method) => {
    const write = target[method];
    target[method] = (...texts) => {
      if (!isTold(onEntry, texts)) write.apply(target, [...texts]);
    };
    return () => {
      target[method] = write;
    };
  });
  return {
    close(): void {
      for (const restore of undo) restore();
    },
  };
};

/** Whoever logs must not be hurt by it: a line that cannot be told is written as it is. */
const isTold = (onEntry: (entry: LogEntry) => void, texts: readonly unknown[]): boolean => {
  const entry = texts.length === 1 ? entryIn(texts[0]) : undefined;
  if (entry === undefined) return false;
  try {
    onEntry(entry);
    return true;
  } catch {
    return false;
  }
};

const entryIn = (text: unknown): LogEntry | undefined => {
  if (typeof text !== "string" || !text.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(text) as LogEntry;
    return [entry["level"], entry["message"], entry["timestamp"]].every((one) => typeof one === "string")
      ? entry
      : undefined;
  } catch {
    return undefined; // words that begin like JSON
  }
};

/** In one line: the error's words, and the fields that are this line's own. */
export const logWords = ({ level, message, error, ...fields }: LogEntry): string => {
  const own = Object.entries(fields).flatMap(([name, value]) =>
    EVERY_LINES.has(name) ? [] : [`${name}: ${typeof value === "string" ? value : JSON.stringify(value)}`],
  );
  const why = error === undefined ? "" : `: ${errorWords(error)}`;
  return `${level} ${message}${why}${own.length === 0 ? "" : ` (${own.join(", ")})`}`;
};

const errorWords = (error: unknown): string => {
  const { message } = Object(error) as { readonly message?: string };
  return message ?? (typeof error === "string" ? error : JSON.stringify(error));
};

/** Powertools' own, and what src/turn-correlation.ts says of the turn. */
const EVERY_LINES: ReadonlySet<string> = new Set([
  "timestamp",
  "service",
  "cold_start",
  "function_arn",
  "function_name",
  "function_memory_size",
  "function_request_id",
  "sampling_rate",
  "xray_trace_id",
  "session",
  "updateId",
  "jobId",
  "scheduledTime",
]);
