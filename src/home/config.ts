// config.yaml, typed: the keys of Hermes (hermes-behaviour.md 8) that this build honours, under Hermes' own names.
// Called by home.ts when the home directory is read.

import * as z from "zod/mini";
import { HermesError } from "../errors.ts";
import type { ModelRequest } from "../ports.ts";
import { isTimeZone } from "../time-zone.ts";
import { BUDGETS, PRICES } from "../usage/usage-config.ts";
import type { ParseYaml } from "../yaml.ts";

const EFFORTS = {
  "": "default",
  none: "off",
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  max: "max",
} as const satisfies Record<string, ModelRequest["reasoning"]>;

const wholeNumber = (min: number, max: number, fallback: number) => {
  const expected = `a whole number from ${min} to ${max}`;
  return z._default(z.int(expected).check(z.gte(min, expected), z.lte(max, expected)), fallback);
};

const share = (min: number, max: number, fallback: number) => {
  const expected = `a number from ${min} to ${max}`;
  return z._default(z.number(expected).check(z.gte(min, expected), z.lte(max, expected)), fallback);
};

const flag = (fallback: boolean) => z._default(z.boolean("true or false"), fallback);

const names = (fallback: readonly string[]) => {
  const expected = "a list of names";
  const list = z.array(z.string(expected).check(z.minLength(1, expected)), expected);
  return z._default(z.readonly(list), [...fallback]);
};

const TIME_ZONE = 'a time zone such as "Europe/Berlin", or ""';
const EFFORT = `one of ${Object.keys(EFFORTS).filter(Boolean).join(", ")}, or ""`;
const RESET_MODES = ["none", "idle", "daily", "both"] as const;
const SECTION = "a section of keys";

const SCHEMA = z.strictObject(
  {
    model: z.prefault(
      z.strictObject(
        {
          context_length: wholeNumber(8_000, 10_000_000, 1_000_000),
          max_tokens: wholeNumber(256, 384_000, 16_384),
        },
        `${SECTION}; the model's name is set with HERMES_MODEL`,
      ),
      {},
    ),
    agent: z.prefault(
      z.strictObject(
        {
          max_turns: wholeNumber(1, 500, 90),
          api_max_retries: wholeNumber(1, 10, 3),
          reasoning_effort: z._default(
            z.pipe(
              z.enum(Object.keys(EFFORTS) as (keyof typeof EFFORTS)[], EFFORT),
              z.transform((word: keyof typeof EFFORTS) => EFFORTS[word]),
            ),
            "default",
          ),
          disabled_toolsets: names([]),
        },
        SECTION,
      ),
      {},
    ),
    toolsets: names(["hermes-telegram"]),
    skills: z.prefault(
      z.strictObject(
        {
          disabled: names([]),
          platform_disabled: z.prefault(
            z.strictObject({ telegram: names([]), cron: names([]) }, SECTION),
            {},
          ),
          guard_agent_created: flag(true),
        },
        SECTION,
      ),
      {},
    ),
    memory: z.prefault(
      z.strictObject(
        {
          memory_enabled: flag(true),
          user_profile_enabled: flag(true),
          memory_char_limit: wholeNumber(100, 100_000, 2_200),
          user_char_limit: wholeNumber(100, 100_000, 1_375),
        },
        SECTION,
      ),
      {},
    ),
    compression: z.prefault(
      z.strictObject(
        {
          enabled: flag(true),
          threshold: share(0.1, 0.95, 0.5),
          threshold_tokens: wholeNumber(4_000, 1_000_000, 64_000),
          target_ratio: share(0.05, 0.8, 0.2),
          protect_last_n: wholeNumber(8, 200, 20),
        },
        SECTION,
      ),
      {},
    ),
    session_reset: z.prefault(
      z.strictObject(
        {
          mode: z._default(z.enum(RESET_MODES, `one of ${RESET_MODES.join(", ")}`), "none"),
          at_hour: wholeNumber(0, 23, 4),
          idle_minutes: wholeNumber(1, 525_600, 1_440),
          notify: flag(true),
        },
        SECTION,
      ),
      {},
    ),
    prices: PRICES,
    budgets: BUDGETS,
    timezone: z._default(
      z.string(TIME_ZONE).check(z.refine((name) => name === "" || isTimeZone(name), TIME_ZONE)),
      "",
    ),
  },
  SECTION,
);

/** What config.yaml says, defaults filled in. What each key means stands beside it in home/config.yaml. */
export type HermesConfig = z.infer<typeof SCHEMA>;

export interface ParsedConfig {
  readonly config: HermesConfig;
  /** Keys we do not honour, as paths (`agent.gateway_timeout`): Hermes has many, and a typo looks the same. */
  readonly unknownKeys: readonly string[];
}

/** Throws HermesError `config` that names the file and, for every wrong value, the key and what was expected. */
export const parseConfig = (text: string, file: string, parseYaml: ParseYaml): ParsedConfig => {
  const parsed = parseYaml(text);
  if ("error" in parsed) throw new HermesError("config", `${file} is not valid YAML: ${parsed.error}`);
  const value = withoutNulls(parsed.value) ?? {};

  const first = SCHEMA.safeParse(value);
  if (first.success) return { config: first.data, unknownKeys: [] };
  const wrong = first.error.issues.filter((issue) => issue.code !== "unrecognized_keys");
  if (wrong.length > 0) throw new HermesError("config", `${file}: ${describe(wrong, value)}`);

  const unknownPaths = first.error.issues.flatMap((issue) =>
    issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...issue.path, key]) : [],
  );
  for (const path of unknownPaths) remove(value, path);
  return { config: SCHEMA.parse(value), unknownKeys: unknownPaths.map((path) => path.join(".")).sort() };
};

/** A key without a value (`agent:` with every line below it commented out) means "not set", as in Hermes. */
const withoutNulls = (value: unknown): unknown => {
  if (value === null) return undefined;
  if (typeof value !== "object" || Array.isArray(value)) return value;
  const kept = Object.entries(value).flatMap(([key, inner]) =>
    inner === null ? [] : [[key, withoutNulls(inner)]],
  );
  return Object.fromEntries(kept);
};

type Path = readonly PropertyKey[];

const at = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (inner, key) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );

const remove = (value: unknown, path: Path): void => {
  const parent = at(value, path.slice(0, -1));
  const key = path.at(-1);
  if (typeof parent === "object" && parent !== null && key !== undefined) Reflect.deleteProperty(parent, key);
};

/** One clause a key, whatever number of checks it failed. */
const describe = (issues: readonly { readonly path: Path; readonly message: string }[], value: unknown) => {
  const clauses = new Map(
    issues.map(({ path, message }) => {
      const found = JSON.stringify(at(value, path))?.slice(0, 60);
      return [path.join("."), `${path.join(".") || "the file"}: expected ${message}, found ${found}`];
    }),
  );
  return [...clauses.values()].join("; ");
};
