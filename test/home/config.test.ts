import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { HermesError } from "../../src/errors.ts";
import { parseConfig } from "../../src/home/config.ts";
import { parseYaml } from "../../src/yaml.ts";

const parse = async (text: string) => parseConfig(text, "config.yaml", parseYaml);

const refusal = async (text: string): Promise<HermesError> => {
  const thrown: unknown = await parse(text).catch((error: unknown) => error);
  if (!(thrown instanceof HermesError)) throw new Error(`not refused: ${JSON.stringify(thrown)}`);
  return thrown;
};

describe("config.yaml", () => {
  it("is complete with nothing in it", async () => {
    for (const text of ["", "# only a comment\n", "{}", "null"]) {
      const { config, unknownKeys } = await parse(text);
      expect(unknownKeys).toEqual([]);
      expect(config.agent).toEqual({
        max_turns: 90,
        api_max_retries: 3,
        reasoning_effort: "default",
        disabled_toolsets: [],
      });
      expect(config.session_reset).toEqual({ mode: "none", at_hour: 4, idle_minutes: 1440, notify: true });
      expect(config.toolsets).toEqual(["hermes-telegram"]);
      expect(config.timezone).toBe("");
    }
  });

  it("as packaged says exactly the defaults, so that its comments are true", async () => {
    const packaged = await parse(await readFile(new URL("../../home/config.yaml", import.meta.url), "utf8"));
    const { config } = await parse("");
    expect(packaged.unknownKeys).toEqual([]);
    expect({ ...packaged.config, toolsets: [] }).toEqual({ ...config, toolsets: [] });
  });

  it("keeps what it is told and fills in the rest of a section", async () => {
    const { config } = await parse(
      "agent:\n  max_turns: 12\ncompression: {threshold_tokens: 32000}\ntimezone: Europe/Berlin\n",
    );
    expect(config.agent.max_turns).toBe(12);
    expect(config.agent.api_max_retries).toBe(3);
    expect(config.compression).toMatchObject({ enabled: true, threshold: 0.5, threshold_tokens: 32_000 });
    expect(config.timezone).toBe("Europe/Berlin");
  });

  it.each([
    ["none", "off"],
    ["minimal", "low"],
    ["medium", "medium"],
    ["xhigh", "max"],
    ["max", "max"],
    ['""', "default"],
  ])("translates Hermes' reasoning effort %s to %s", async (word, effort) => {
    const { config } = await parse(`agent: {reasoning_effort: ${word}}`);
    expect(config.agent.reasoning_effort).toBe(effort);
  });

  it("takes a key without a value as not set", async () => {
    const { config } = await parse("agent:\nsession_reset:\n  mode:\n  at_hour: 6\n");
    expect(config.agent.max_turns).toBe(90);
    expect(config.session_reset).toMatchObject({ mode: "none", at_hour: 6 });
  });

  it("names every key it does not know and honours the others", async () => {
    const { config, unknownKeys } = await parse(
      "agent: {max_turn: 5, max_turns: 7, gateway_timeout: 60}\nstt: {enabled: true}\nmodel: {default: x}\n",
    );
    expect(unknownKeys).toEqual(["agent.gateway_timeout", "agent.max_turn", "model.default", "stt"]);
    expect(config.agent.max_turns).toBe(7);
  });

  it("refuses wrong values all at once, naming file, key, what was expected and what was found", async () => {
    const error = await refusal(
      [
        "agent: {max_turns: many, disabled_toolsets: terminal}",
        "session_reset: {mode: weekly, at_hour: 24.5}",
        "compression: {enabled: 'yes', threshold: 7}",
        "timezone: Berlin",
        "typo: 1",
      ].join("\n"),
    );
    expect(error.code).toBe("config");
    expect(error.message).toMatch(/^config\.yaml: /);
    for (const clause of [
      'agent.max_turns: expected a whole number from 1 to 500, found "many"',
      'agent.disabled_toolsets: expected a list of names, found "terminal"',
      'session_reset.mode: expected one of none, idle, daily, both, found "weekly"',
      "session_reset.at_hour: expected a whole number from 0 to 23, found 24.5",
      'compression.enabled: expected true or false, found "yes"',
      "compression.threshold: expected a number from 0.1 to 0.95, found 7",
      'timezone: expected a time zone such as "Europe/Berlin", or "", found "Berlin"',
    ]) {
      expect(error.message).toContain(clause);
    }
    expect(error.message.split("; ")).toHaveLength(7);
  });

  it.each([
    ["agent: 5", "agent: expected a section of keys, found 5"],
    ["model: deepseek-flash", "the model's name is set with HERMES_MODEL"],
    ["toolsets: [web, 7]", "toolsets.1: expected a list of names, found 7"],
    ["- a\n- b", "the file: expected a section of keys"],
    ["agent: {reasoning_effort: extreme}", "agent.reasoning_effort: expected one of none, minimal"],
    ["agent: {max_turns: 0}", "agent.max_turns: expected a whole number from 1 to 500, found 0"],
  ])("refuses %j", async (text, message) => {
    expect((await refusal(text)).message).toContain(message);
  });

  it.each(["agent: {max_turns: 1", "a: 1\na: 2", "\tagent: 1"])(
    "refuses broken YAML %j with the place",
    async (text) => {
      expect((await refusal(text)).message).toMatch(/^config\.yaml is not valid YAML: .*\(\d+:\d+\)/s);
    },
  );

  it("is not brought down by a tower of aliases", async () => {
    const tower = Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [*a${i}, *a${i}]`).join("\n");
    expect((await refusal(`a0: &a0 [x]\n${tower}`)).code).toBe("config");
  });
});
