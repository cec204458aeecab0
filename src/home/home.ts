// The home directory as the inside sees it, made from its files. Called by the adapter that seeds and reads them;
// the turn reads persona, skills, plugins and settings from the `Home` on its context.

import type { Log } from "../log.ts";
import type { BundledFile } from "../skills/entry.ts";
import { type HermesConfig, parseConfig } from "./config.ts";
import { loadPlugins, type PluginFile, type Plugins } from "./plugins.ts";
import { resolveToolsets } from "./toolsets.ts";

export interface Home {
  readonly config: HermesConfig;
  /** The persona, first in the system prompt. Never empty. */
  readonly soul: string;
  /** Every file below skills/ that is text, supporting files included: what the skill library stands on. */
  readonly bundledSkills: readonly BundledFile[];
  readonly plugins: Plugins;
  /** The toolsets that are on, those of plugins included; the argument of `selectTools`. */
  readonly toolsets: ReadonlySet<string>;
}

/** What the home directory holds. Absent = there is no such file. */
export interface HomeContents {
  readonly config?: string;
  readonly soul?: string;
  /** All files below skills/, with their paths below it. */
  readonly skills: readonly BundledFile[];
  readonly plugins: readonly PluginFile[];
}

export interface HomeOptions {
  readonly log: Log;
  /** Names plugins cannot take. */
  readonly builtInTools: readonly string[];
  /** How long a plugin may take to start. */
  readonly pluginTimeoutMs?: number;
}

/** Long enough to open a connection, short enough not to be felt in the first answer of a cold start. */
const PLUGIN_TIMEOUT_MS = 3_000;

/** Used when SOUL.md is missing or empty (hermes-behaviour.md 1.8). */
const DEFAULT_SOUL =
  "You are Hermes Agent, a capable personal assistant. You are direct, honest about what you do not know, and you " +
  "use your tools to find out and to get things done rather than to describe how they could be done.";

/** Throws HermesError `config` when config.yaml is wrong. Everything else that is wrong is a line in the log. */
export const assembleHome = async (files: HomeContents, options: HomeOptions): Promise<Home> => {
  const { log } = options;
  const { parseYaml } = await import("../yaml.ts");
  const { config, unknownKeys } = parseConfig(files.config ?? "", "config.yaml", parseYaml);
  for (const key of unknownKeys)
    log.warn("config.yaml: this key is not known here and has no effect", { key });
  const plugins = await loadPlugins(files.plugins, {
    log,
    builtInTools: options.builtInTools,
    timeoutMs: options.pluginTimeoutMs ?? PLUGIN_TIMEOUT_MS,
  });
  return {
    config,
    soul: clip(files.soul?.trim() || DEFAULT_SOUL),
    bundledSkills: files.skills,
    plugins,
    toolsets: enabledToolsets(config, plugins, options),
  };
};

const enabledToolsets = (
  config: HermesConfig,
  plugins: Plugins,
  options: HomeOptions,
): ReadonlySet<string> => {
  const { enabled, leftOut, unknown } = resolveToolsets(config.toolsets, {
    plugins: [...plugins.tools, ...(plugins.memory?.tools ?? [])].map((tool) => tool.toolset),
    disabled: config.agent.disabled_toolsets,
  });
  if (leftOut.length > 0)
    options.log.info("toolsets that cannot run on Lambda are left out", { toolsets: leftOut });
  for (const toolset of unknown)
    options.log.warn("config.yaml: there is no toolset of this name", { toolset });
  return enabled;
};

/** hermes-behaviour.md 1.8: a persona beyond 20 000 characters keeps its head and its tail. A cut emoji stays valid text. */
const SOUL_LIMIT = 20_000;

const clip = (soul: string): string => {
  if (soul.length <= SOUL_LIMIT) return soul;
  const head = soul.slice(0, SOUL_LIMIT * 0.7);
  const tail = soul.slice(-SOUL_LIMIT * 0.2);
  return `${head}\n\n[... SOUL.md is too long: ${soul.length - head.length - tail.length} characters left out ...]\n\n${tail}`.toWellFormed();
};
