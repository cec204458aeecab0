// A model stream that breaks off in the middle of a tool call: half a call is never run, the reply is asked for again, and
// the person gets one answer.

import { describe, expect, it } from "vitest";
import type { ScriptedReply, Step } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import { type AdasWorld, asked, errorsIn, expectRest, rolesOf, saidToAda, startAdasWorld } from "./kit.ts";

/** Counts how often it is really run. */
const COUNTER = `
  let runs = 0;
  export function register(host) {
    host.addTool({
      name: "count",
      description: "Counts.",
      parameters: { type: "object", properties: { what: { type: "string" } }, required: ["what"] },
      toolset: "count",
      parallel: false,
      repeatable: false,
      run: async ({ what }) => ({ text: what + " " + ++runs }),
    });
  }
`;

const call: ScriptedReply = {
  reasoning: "Let me count.",
  toolCalls: [{ name: "count", arguments: { what: "sheep on the hill" } }],
};

/** Reasoning is three pieces here, then the call's name, then its arguments in two halves. */
const [AFTER_NAME, AFTER_HALF, AFTER_ALL] = [4, 5, 6];

const world = () => startAdasWorld({ home: { "plugins/count.mjs": COUNTER } });

const countsSheep = async (ada: AdasWorld, ...broken: readonly Step[]): Promise<void> => {
  ada.model.enqueue(...broken, { reply: call }, { reply: { content: "One sheep." } });
  await ada.say("count sheep");
  await ada.quiet();
  const results = asked(ada)
    .at(-1)
    ?.body.messages.flatMap(({ role, content }) => (role === "tool" ? [textOf(content)] : []));
  expect(results).toEqual(["sheep on the hill 1"]);
  expect(saidToAda(ada)).toEqual(["One sheep."]);
  expect(await rolesOf(ada)).toEqual(["user", "assistant", "tool", "assistant"]);
  expect(errorsIn(ada)).toEqual([]);
  await expectRest(ada);
};

describe("a stream that is cut in a tool call", () => {
  it.concurrent.each([
    ["after its name", AFTER_NAME],
    ["in its arguments", AFTER_HALF],
    ["before its finish reason", AFTER_ALL],
  ])("%s by a reset is asked for again, and the call runs once", async (_where, cutAfter) => {
    await using ada = await world();
    await countsSheep(ada, { cutAfter, reset: true, reply: call });
  });

  it.concurrent.each([
    ["after its name", AFTER_NAME],
    ["in its arguments", AFTER_HALF],
    ["before its finish reason", AFTER_ALL],
  ])(
    "%s by a clean end without a finish reason is asked for again, and the call runs once",
    async (_w, cutAfter) => {
      await using ada = await world();
      await countsSheep(ada, { cutAfter, reply: call });
    },
  );
});
