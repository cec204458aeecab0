import middy from "@middy/core";
import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { seedHome } from "../../middleware/seed-home.ts";
import { type Answer, inOrder, type Step } from "../../middleware/step.ts";
import { HermesError } from "../../src/errors.ts";
import { assembleHome, type Home } from "../../src/home/home.ts";
import { createLogLines } from "../home/log-lines.ts";

const home = (): Promise<Home> =>
  assembleHome({ soul: "I am me", skills: [], plugins: [] }, { log: createLogLines(), builtInTools: [] });

const handler = (homes: { seed(): Promise<Home> }) =>
  middy<unknown, Answer>()
    .use(inOrder(seedHome(homes)))
    .handler(async (_event, context: Context & { home: Home }) => ({
      statusCode: 200,
      body: context.home.soul,
    }));

const invoke = (homes: { seed(): Promise<Home> }) => handler(homes)({}, {} as Context & { home: Home });

describe("seed home", () => {
  it("leaves the home on the context", async () => {
    expect(await invoke({ seed: home })).toEqual({ statusCode: 200, body: "I am me" });
  });

  it("passes on why the home could not be set up", async () => {
    const wrong = new HermesError("config", "config.yaml: agent.max_turns: expected a whole number");
    await expect(invoke({ seed: () => Promise.reject(wrong) })).rejects.toBe(wrong);
  });

  it("makes any other failure one of configuration, with its cause", async () => {
    const full = new Error("ENOSPC: no space left on device");
    await expect(invoke({ seed: () => Promise.reject(full) })).rejects.toMatchObject({
      name: "HermesError",
      code: "config",
      cause: full,
    });
  });

  it("comes before every step that needs the home, or the pipeline does not compile", () => {
    const reader: Step<{ home: Home }> = {};
    expect(inOrder(seedHome({ seed: home }), reader)).toHaveLength(2);
    // @ts-expect-error the reader needs what only a later step adds
    expect(inOrder(reader, seedHome({ seed: home }))).toHaveLength(2);
  });
});
