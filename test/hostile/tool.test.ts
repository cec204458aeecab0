// A tool that never returns: it ends by its own time-out or by the invocation's, and a stop works meanwhile.

import { describe, expect, it } from "vitest";
import { textOf } from "../../local/model/chat-api.ts";
import { metaOf } from "../support/stored.ts";
import { type AdasWorld, asked, expectRest, saidToAda, startAdasWorld } from "./kit.ts";

const HANG = `
  export function register(host) {
    host.addTool({
      name: "hang",
      description: "Never returns, and does not listen either.",
      parameters: { type: "object", properties: {} },
      toolset: "hang",
      parallel: true,
      repeatable: true,
      run: () => { return new Promise(() => {}); },
    });
  }
`;

/** How fast time passes while something is waited for that takes minutes. */
const FAST = 20;

/** Ada's words have made the model call the tool, which hangs from now on. */
const hanging = async (options: Parameters<typeof startAdasWorld>[0] = {}): Promise<AdasWorld> => {
  const ada = await startAdasWorld({ home: { "plugins/hang.mjs": HANG }, ...options });
  ada.model.enqueue(
    { reply: { reasoning: "Hm.", toolCalls: [{ name: "hang", arguments: {} }] } },
    { reply: { content: "It hangs." } },
  );
  await ada.say("hang");
  await ada.model.waitForRequest(1);
  return ada;
};

const toolResults = (ada: AdasWorld) =>
  asked(ada)
    .at(-1)
    ?.body.messages.flatMap(({ role, content }) => (role === "tool" ? [textOf(content)] : []));

describe("a tool that hangs", () => {
  it.concurrent("is given up after two minutes, and the model is told so", async () => {
    await using ada = await hanging();
    const startedAt = ada.clock.now();
    await ada.clock.during(FAST, ada.quiet());
    expect(toolResults(ada)).toEqual(["Error: hang did not finish within 120 s."]);
    const tookMs = ada.clock.now() - startedAt;
    expect(tookMs).toBeGreaterThanOrEqual(120_000);
    expect(saidToAda(ada)).toEqual(["It hangs."]);
    // Nobody took it for dead meanwhile.
    expect(await metaOf(ada.dynamodb.endpoint)).toMatchObject({ fence: 1 });
    await expectRest(ada);
  });

  it.concurrent("ends before its invocation does, and a fresh one goes on", async () => {
    await using ada = await hanging({ timeoutMs: 150_000 });
    await ada.clock.during(FAST, ada.quiet());
    expect(toolResults(ada)?.[0]).toMatch(/^Error: hang did not finish within (\d\d|1[01]\d) s\.$/);
    expect(saidToAda(ada)).toEqual(["It hangs."]);
    expect(await Promise.all([ada.ended(1), ada.ended(2)])).toEqual([undefined, undefined]);
    expect(ada.begun()).toBe(2);
    await expectRest(ada);
  });

  it.concurrent("is left at once by /stop, and the chat goes on", async () => {
    await using ada = await hanging();
    const startedAt = ada.clock.now();
    await ada.say("/stop");
    await ada.quiet();
    expect(ada.clock.now() - startedAt).toBeLessThan(20_000);
    expect(saidToAda(ada)).toEqual(["⏹ Stopped."]);
    await ada.say("hello");
    await ada.quiet();
    expect(saidToAda(ada)).toEqual(["⏹ Stopped.", "It hangs."]);
    await expectRest(ada);
  });
});
