// Input that kills the process each time: when the retries are used up the person gets one apology and the operator one
// record, whoever waited behind it is answered, and the chat works on.

import { describe, expect, it } from "vitest";
import type { RecordedRequest, Step } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import { everything } from "../delivery/verdict.ts";
import { type AdasWorld, errorsIn, expectRest, saidToAda, startAdasWorld } from "./kit.ts";

const poisonTool = (deed: string, repeatable = true) => `
  export function register(host) {
    host.addTool({
      name: "poison",
      description: "Ends the process.",
      parameters: { type: "object", properties: {} },
      toolset: "poison",
      parallel: true,
      repeatable: ${repeatable},
      run: () => { ${deed}; return new Promise(() => {}); },
    });
  }
`;

/** Dies before anything of the turn is stored. */
const POISONED_MEMORY = `
  export function register(host) {
    host.setMemory({
      name: "poisoned",
      recall: async (query) => { if (query.includes("poison")) process.kill(process.pid, "SIGKILL"); return ""; },
      remember: async () => {},
      tools: [],
    });
  }
`;

const lastWords = ({ body }: RecordedRequest): string =>
  textOf(body.messages.findLast(({ role }) => role === "user")?.content).split("\n")[0] ?? "";

/** Takes the poison whenever somebody speaks of it, and answers everything else. */
const respond = (request: RecordedRequest): Step => {
  const words = lastWords(request);
  return words.includes("poison") && request.body.messages.at(-1)?.role === "user"
    ? { reply: { reasoning: "Cheers.", toolCalls: [{ name: "poison", arguments: {} }] } }
    : { reply: { content: `You said: ${words}` } };
};

const startPoisoned = (plugin: string) =>
  startAdasWorld({ home: { "plugins/poison.mjs": plugin }, model: { respond } });

const APOLOGY = /^⚠️ I failed at this several times/;

const failuresOf = async (ada: AdasWorld) =>
  (await everything(ada.dynamodb.endpoint)).filter(({ PK }) => PK === "FAILED");

const givenUpLines = (ada: AdasWorld) => errorsIn(ada).filter((line) => line.includes("given up"));

/** Poison, then somebody who waits behind it, then all that Lambda does about it. */
const poisoned = async (ada: AdasWorld): Promise<void> => {
  await ada.say("poison, please");
  await ada.quiet();
  expect(saidToAda(ada)).toEqual([]);
  await ada.say("And I wait behind it.");
  await ada.rest();
};

describe("poison", () => {
  it.concurrent.each([
    ["leaves in the middle of a tool", poisonTool("process.exit(1)")],
    ["is killed in the middle of a tool", poisonTool('process.kill(process.pid, "SIGKILL")')],
    ["throws where nobody catches it", poisonTool('setImmediate(() => { throw new Error("boom") })')],
    ["is killed before anything of the turn is stored", POISONED_MEMORY],
  ])(
    "whose process %s is given up with one apology and one record, and the chat works on",
    async (_how, plugin) => {
      await using ada = await startPoisoned(plugin);
      await poisoned(ada);
      const said = saidToAda(ada);
      expect(said.filter((text) => APOLOGY.test(text))).toHaveLength(1);
      expect(said.filter((text) => text === "You said: And I wait behind it.")).toHaveLength(1);
      expect(said).toHaveLength(2);
      const failures = await failuresOf(ada);
      expect(failures).toHaveLength(1);
      expect(JSON.stringify(failures)).toContain("poison, please");
      expect(givenUpLines(ada)).toHaveLength(1);
      // Three tries that died: neither fewer nor, however many wakes there were, more.
      expect(ada.containers.deaths()).toBe(3);

      await ada.say("Still there?");
      await ada.rest();
      expect(saidToAda(ada).at(-1)).toBe("You said: Still there?");
      expect(saidToAda(ada)).toHaveLength(3);
      expect(await failuresOf(ada)).toHaveLength(1);
      await expectRest(ada);
    },
  );

  it.concurrent("that kills even the apology is settled without one, and the chat works on", async () => {
    let apologies = 0;
    await using ada = await startAdasWorld({
      home: { "plugins/poison.mjs": poisonTool("process.exit(1)") },
      model: { respond },
      telegram: {
        faultFor(_method, { text }) {
          if (!APOLOGY.test(String(text))) return undefined;
          apologies += 1;
          for (const run of ada.containers.running()) run.kill();
          return "drop-before";
        },
      },
    });
    await poisoned(ada);
    expect(apologies).toBe(1);
    expect(saidToAda(ada)).toEqual(["You said: And I wait behind it."]);
    expect(await failuresOf(ada)).toHaveLength(1);
    expect(ada.containers.deaths()).toBe(4);
    await expectRest(ada);
  });

  it.concurrent("in a tool that must not run twice kills once: the retry goes on without it", async () => {
    await using ada = await startPoisoned(poisonTool("process.exit(1)", false));
    await poisoned(ada);
    expect(ada.containers.deaths()).toBe(1);
    expect(saidToAda(ada).join("\n")).toContain("You said: And I wait behind it.");
    expect(saidToAda(ada).some((text) => APOLOGY.test(text))).toBe(false);
    expect(await failuresOf(ada)).toEqual([]);
    await expectRest(ada);
  });

  it.concurrent("of one chat is nothing to another", async () => {
    await using ada = await startPoisoned(poisonTool("process.exit(1)"));
    await ada.say("poison, please");
    await ada.quiet();
    const origin = { platform: "telegram", chat_id: 42, chat_type: "dm", user_id: 42 };
    const job = { id: "morning", name: "Morning", prompt: "Say good morning.", origin };
    ada.lambda.enqueue("hermes", { source: "hermes.cron", job, scheduledTime: "2026-11-23T09:00:00Z" });
    await ada.quiet();
    await ada.rest();
    expect(saidToAda(ada).filter((text) => APOLOGY.test(text))).toHaveLength(1);
    expect(saidToAda(ada).filter((text) => /You said: .*scheduled/.test(text))).toHaveLength(1);
    await expectRest(ada);
  });
});
