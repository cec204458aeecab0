// Which tools the model sees: the toolsets config.yaml asks for, less what has no place on Lambda, in a fixed order.
// Called by home.ts at a cold start, and by the turn when it collects its tools.

import type { Tool } from "../ports.ts";

/** Hermes' core tools, shared by its terminal and its messaging platforms (hermes-behaviour.md 7). */
const CORE = [
  "browser",
  "clarify",
  "code_execution",
  "computer_use",
  "cronjob",
  "delegation",
  "file",
  "homeassistant",
  "image_gen",
  "kanban",
  "memory",
  "messaging",
  "session_search",
  "skills",
  "terminal",
  "todo",
  "tts",
  "vision",
  "web",
];

const COMPOSITES: ReadonlyMap<string, readonly string[]> = new Map([
  ["hermes-telegram", CORE],
  ["hermes-cli", CORE],
  ["hermes-cron", CORE],
  ["hermes-api-server", CORE.filter((name) => name !== "clarify" && name !== "messaging")],
  ["hermes-webhook", ["clarify", "vision", "web"]],
  ["debugging", ["file", "terminal", "web"]],
  ["safe", ["image_gen", "vision", "web"]],
  ["coding", CORE.filter((name) => !["cronjob", "homeassistant", "messaging", "tts"].includes(name))],
]);

/** A shell, a desktop, a disk that lasts, a second process: a function that sleeps between messages has none. */
const NOT_ON_LAMBDA: ReadonlySet<string> = new Set([
  "browser",
  "code_execution",
  "computer_use",
  "delegation",
  "file",
  "kanban",
  "process",
  "terminal",
]);

/** Names Hermes knows beside the core; asking for one whose tools are not built here is no mistake. */
const OTHERS =
  "context_engine discord discord_admin feishu_doc feishu_drive moa search spotify video video_gen x_search yuanbao";
const KNOWN: ReadonlySet<string> = new Set([...CORE, ...NOT_ON_LAMBDA, ...OTHERS.split(" ")]);

/**
 * Nobody is there to answer, the result is delivered anyway, a job that makes jobs never ends, and what a job says is nothing to
 * remember about its owner (3.5).
 */
const NEVER_IN_CRON: ReadonlySet<string> = new Set(["clarify", "cronjob", "memory", "messaging"]);

export interface Toolsets {
  readonly enabled: ReadonlySet<string>;
  /** Asked for and cannot run here, sorted. */
  readonly leftOut: readonly string[];
  /** Neither Hermes' nor a plugin's, sorted. */
  readonly unknown: readonly string[];
}

export interface Available {
  /** Toolsets of plugins: on because the plugin is there, whether asked for or not. */
  readonly plugins: readonly string[];
  /** `agent.disabled_toolsets`: wins over everything. */
  readonly disabled: readonly string[];
}

export const resolveToolsets = (wanted: readonly string[], available: Available): Toolsets => {
  const disabled = expand(available.disabled);
  const fromPlugins = new Set(available.plugins);
  const asked = [...expand([...wanted, ...available.plugins])].filter((name) => !disabled.has(name)).sort();
  // A plugin may bring a browser or a shell that lives elsewhere: its toolset is not ours to refuse.
  const cannotRun = (name: string) => !fromPlugins.has(name) && NOT_ON_LAMBDA.has(name);
  const isKnown = (name: string) => KNOWN.has(name) || fromPlugins.has(name);
  return {
    enabled: new Set(asked.filter((name) => isKnown(name) && !cannotRun(name))),
    leftOut: asked.filter(cannotRun),
    unknown: asked.filter((name) => !isKnown(name)),
  };
};

const expand = (names: readonly string[]): Set<string> =>
  new Set(names.flatMap((name) => COMPOSITES.get(name) ?? [name]));

/** What is left of the toolsets in a scheduled run; `wanted`: the only ones its job asks for. */
export const cronToolsets = (
  enabled: ReadonlySet<string>,
  wanted?: readonly string[],
): ReadonlySet<string> => {
  const asked = wanted === undefined ? undefined : expand(wanted);
  return new Set([...enabled].filter((name) => !NEVER_IN_CRON.has(name) && (asked?.has(name) ?? true)));
};

/**
 * The tools of the enabled toolsets, ordered by name: they are part of the prompt's cached prefix, which must not
 * change from one request to the next (design.md 6). Of two with one name the first given wins.
 */
export const selectTools = (tools: readonly Tool[], enabled: ReadonlySet<string>): readonly Tool[] => {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    if (enabled.has(tool.toolset) && !byName.has(tool.name)) byName.set(tool.name, tool);
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
};
