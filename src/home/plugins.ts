// The host of plugins: runs each one's `register`, checks what it brings, and keeps what is sound. A plugin can fail
// in any way but an endless synchronous loop without breaking the start. Called by home.ts.

import { asError, HermesError } from "../errors.ts";
import type { Log, LogFields } from "../log.ts";
import type { KnownFact, MemoryProvider } from "../memory-ports.ts";
import type { Tool, ToolOutcome } from "../ports.ts";

/** A plugin as it was found; `load` imports the module. */
export interface PluginFile {
  /** File name. */
  readonly name: string;
  load(): Promise<unknown>;
}

export interface Plugins {
  readonly tools: readonly Tool[];
  readonly memory?: MemoryProvider;
}

/** What a plugin's `register` function receives (home/plugins). */
export interface PluginHost {
  addTool(tool: Tool): void;
  setMemory(provider: MemoryProvider): void;
  readonly log: Log;
}

export interface PluginOptions {
  readonly log: Log;
  /** Names a plugin cannot take. */
  readonly builtInTools: readonly string[];
  /** For import and `register` together. */
  readonly timeoutMs: number;
}

interface Contribution {
  readonly tools: Tool[];
  memory?: MemoryProvider;
}

/** Plugins start side by side; what they bring is taken in the order of their names, so that "first" is stable. */
export const loadPlugins = async (files: readonly PluginFile[], options: PluginOptions): Promise<Plugins> => {
  const inOrder = files.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const settled = await Promise.allSettled(inOrder.map((file) => start(file, options)));
  const merged: Contribution = { tools: [] };
  const taken = new Set(options.builtInTools);
  for (const [index, result] of settled.entries()) {
    const log = (message: string, fields: LogFields) =>
      options.log.warn(message, { plugin: inOrder[index]?.name, ...fields });
    if (result.status === "fulfilled") merge(result.value, merged, taken, log);
    else log("plugin left out", { reason: asError(result.reason).message });
  }
  return merged;
};

const merge = (
  from: Contribution,
  into: Contribution,
  taken: Set<string>,
  log: (message: string, fields: LogFields) => void,
): void => {
  const memory = into.memory ? undefined : from.memory;
  const names = [...from.tools, ...(memory?.tools ?? [])].map((tool) => tool.name);
  const twice = names.find((name, index) => taken.has(name) || names.indexOf(name) < index);
  if (twice !== undefined) {
    log("plugin left out", { reason: `there is already a tool named ${twice}` });
    return;
  }
  if (from.memory && into.memory) log("second memory provider left out", { kept: into.memory.name });
  for (const name of names) taken.add(name);
  into.tools.push(...from.tools);
  if (memory) into.memory = memory;
};

const start = async (file: PluginFile, { log, timeoutMs }: PluginOptions): Promise<Contribution> => {
  const contribution: Contribution = { tools: [] };
  let open = true;
  const whileOpen = () => {
    if (!open) throw new HermesError("config", "register is over");
  };
  const host: PluginHost = {
    addTool: (tool) => {
      whileOpen();
      contribution.tools.push(checkedTool(tool));
    },
    setMemory: (provider) => {
      whileOpen();
      contribution.memory = checkedMemory(provider);
    },
    log,
  };
  try {
    await withTimeout(register(file, host), timeoutMs);
  } finally {
    open = false;
  }
  return contribution;
};

const register = async (file: PluginFile, host: PluginHost): Promise<void> => {
  const module = await file.load();
  const entry = fieldsOf(module)["register"];
  if (typeof entry !== "function") throw new HermesError("config", "it exports no function named register");
  await entry(host);
};

const withTimeout = async (work: Promise<void>, timeoutMs: number): Promise<void> => {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new HermesError("config", `it did not finish within ${timeoutMs} ms`)),
    timeoutMs,
  );
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

// A plugin is JavaScript from outside the compiler's sight: whatever its types claim is checked.

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

const isText = (value: unknown): value is string => typeof value === "string" && value.trim() !== "";

/** What the chat completion APIs accept as a function name. */
const TOOL_NAME = /^[a-zA-Z0-9_-]{1,64}$/;

const checkedTool = (given: Tool): Tool => {
  const tool = fieldsOf(given);
  const name = typeof tool["name"] === "string" ? tool["name"] : "";
  const problem =
    (!TOOL_NAME.test(name) && "its name must be 1 to 64 letters, digits, _ or -") ||
    (!isText(tool["description"]) && "it has no description") ||
    (!isText(tool["toolset"]) && "it has no toolset") ||
    (!isObjectSchema(tool["parameters"]) && 'its parameters must be a JSON Schema of type "object"') ||
    (typeof tool["parallel"] !== "boolean" && "parallel must be true or false") ||
    (typeof tool["repeatable"] !== "boolean" && "repeatable must be true or false") ||
    (!["boolean", "undefined"].includes(typeof tool["untrusted"]) && "untrusted must be true or false") ||
    (typeof tool["run"] !== "function" && "it has no function named run");
  if (problem) throw new HermesError("config", `tool ${JSON.stringify(tool["name"])}: ${problem}`);
  return {
    name,
    description: given.description,
    // A copy, as JSON: what is sent to the model cannot change, or fail to serialise, later.
    parameters: JSON.parse(JSON.stringify(given.parameters)),
    toolset: given.toolset,
    parallel: given.parallel,
    repeatable: given.repeatable,
    ...(given.untrusted === undefined ? {} : { untrusted: given.untrusted }),
    run: async (args, context) => checkedOutcome(name, await given.run(args, context)),
  };
};

const isObjectSchema = (value: unknown): boolean => {
  if (fieldsOf(value)["type"] !== "object") return false;
  try {
    return JSON.stringify(value) !== undefined;
  } catch {
    return false; // a cycle or a BigInt: not JSON, so not a schema
  }
};

/** A bare string is taken as the text. Anything else is a bug in the plugin, which the loop reports to the model. */
const checkedOutcome = (name: string, given: unknown): ToolOutcome => {
  if (typeof given === "string") return { text: given };
  const { text, ask } = fieldsOf(given);
  if (typeof text !== "string") throw new HermesError("tool", `${name} returned no text`);
  const { question, choices } = fieldsOf(ask);
  if (!isText(question)) return { text };
  return { text, ask: { question, choices: Array.isArray(choices) ? choices.filter(isText) : [] } };
};

const checkedMemory = (given: MemoryProvider): MemoryProvider => {
  const { name, recall, remember, tools } = fieldsOf(given);
  if (!isText(name)) throw new HermesError("config", "a memory provider needs a name");
  if (typeof recall !== "function" || typeof remember !== "function") {
    throw new HermesError("config", `memory provider ${name}: it needs the functions recall and remember`);
  }
  return {
    name,
    recall: async (query, context) => {
      const text: unknown = await given.recall(query, context);
      return typeof text === "string" ? text : "";
    },
    remember: async (exchange) => given.remember(exchange),
    tools: Array.isArray(tools) ? tools.map(checkedTool) : [],
    ...hooksOf(given),
  };
};

type Hooks = Pick<MemoryProvider, "known" | "forget" | "onPreCompress" | "onSessionEnd">;

/** What a provider may leave out; anything but a function counts as left out. */
const hooksOf = (given: MemoryProvider): Hooks => {
  const has = (name: keyof Hooks): boolean => typeof given[name] === "function";
  return {
    ...(has("known") && { known: async (context) => factsIn(await given.known?.(context)) }),
    ...(has("forget") && { forget: async (ids, context) => given.forget?.(ids, context) }),
    ...(has("onPreCompress") && {
      onPreCompress: async (messages, context) => {
        const text: unknown = await given.onPreCompress?.(messages, context);
        return typeof text === "string" ? text : "";
      },
    }),
    ...(has("onSessionEnd") && {
      onSessionEnd: async (messages, context) => given.onSessionEnd?.(messages, context),
    }),
  };
};

const factsIn = (given: unknown): readonly KnownFact[] =>
  (Array.isArray(given) ? given : []).flatMap((fact: unknown) => {
    const { id, text } = fieldsOf(fact);
    return isText(id) && isText(text) ? [{ id, text }] : [];
  });
