// What people, tools and models say that is not what anybody expected: too long, empty, in every script, too large to
// store. Each gets a clear answer, and the next message works.

import type { Update } from "@grammyjs/types";
import { describe, expect, it } from "vitest";
import type { RecordedRequest, Step } from "../../local/model/chat-api.ts";
import { textOf } from "../../local/model/chat-api.ts";
import { type Deployment, httpEvent, saidTo, startDeployment, textUpdate } from "../support/deployment.ts";
import { inboxOf, itemsOf, metaOf, rowsOf } from "../support/stored.ts";

/** Requests of turns; titles are asked for without tools. */
const asked = ({ model }: Deployment) => model.requests.filter(({ body }) => body.tools);

/** The person's last words as the model got them, without the context that goes with them. */
const lastWords = (request: RecordedRequest | undefined): string =>
  textOf(request?.body.messages.findLast(({ role }) => role === "user")?.content);

const repeating: Step = (request) => ({
  reply: { content: lastWords(request).split("\n\n<message-context>")[0] ?? "" },
});

const withMessage = (fields: object): Update => {
  const { update_id, message } = textUpdate("");
  const { text: _, ...frame } = message as { text?: string };
  return { update_id, message: { ...frame, ...fields } } as unknown as Update;
};

describe("a message", () => {
  it.concurrent("without a word in it is taken in silence", async () => {
    await using deployment = await startDeployment();
    const silent = [{}, { text: "" }, { text: " \n\t" }, { new_chat_title: "Ada & Hermes" }, { caption: "" }];
    for (const fields of silent) {
      expect(await deployment.webhook(withMessage(fields))).toMatchObject({ statusCode: 200 });
    }
    await deployment.settled();
    expect(deployment.model.requests).toEqual([]);
    expect(saidTo(deployment.telegram)).toEqual([]);
    expect(await itemsOf(deployment.dynamodb.endpoint)).toEqual([]);
  });

  it.concurrent("of 4,096 characters that was forwarded arrives whole and is remembered whole", async () => {
    await using deployment = await startDeployment();
    const text = `${"All of it, to the last letter. ".repeat(140).slice(0, 4_092)}END.`;
    const origin = { type: "hidden_user", date: 1_790_000_000, sender_user_name: "Somebody" };
    const update = withMessage({ text, forward_origin: origin });
    await deployment.webhook(update);
    await deployment.settled();
    expect(lastWords(asked(deployment)[0]).slice(0, 4_096)).toBe(text);
    await deployment.say("and now?");
    expect(textOf(asked(deployment)[1]?.body.messages[1]?.content).slice(0, 4_096)).toBe(text);
  });

  it.concurrent("in any script is the same at every station", async () => {
    await using deployment = await startDeployment();
    const texts = [
      "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 👍🏽 🏴󠁧󠁢󠁳󠁣󠁴󠁿 é ǆ 𝕳𝖊𝖗𝖒𝖊𝖘",
      "שלום עולם — مرحبا بالعالم\u200f (RTL) \u2067עברית\u2069 123",
      "Z̸̢̛a̵l̶g̷o̴ ก็็็็ ᚠᛇᚻ 𓀀𓂀 नमस्ते 한국어 ㋿",
    ];
    for (const text of texts) {
      deployment.model.enqueue(repeating);
      await deployment.say(text);
    }
    const asRead = asked(deployment).map((request) => lastWords(request).split("\n\n<message-context>")[0]);
    expect(asRead).toEqual(texts);
    expect(saidTo(deployment.telegram)).toEqual(texts);
    const stored = (await rowsOf(deployment.dynamodb.endpoint)).map(({ message }) => message);
    expect(stored).toMatchObject(texts.flatMap((content) => [{ content }, { content }]));
  });

  it.concurrent("that ends in half a character is read with a mark in its place", async () => {
    await using deployment = await startDeployment();
    const body = JSON.stringify(textUpdate("cut off: HALF")).replace("HALF", "\\ud83d");
    expect(await deployment.invoke(httpEvent(body))).toMatchObject({ result: { statusCode: 200 } });
    await deployment.settled();
    expect(deployment.model.refusals).toEqual([]);
    expect(lastWords(asked(deployment)[0])).toContain("cut off: \ufffd");
    expect(saidTo(deployment.telegram)).toHaveLength(1);
  });
});

describe("an id", () => {
  const BEYOND = "9007199254740993";

  it.concurrent("that no double can hold is refused with 400, wherever it stands", async () => {
    await using deployment = await startDeployment();
    for (const field of ["update_id", "message_id", "from", "chat"]) {
      const exact = new RegExp(`("${field}":(?:\\{"id":)?)(\\{[^}]*"id":)?\\d+`);
      const body = JSON.stringify(textUpdate("hello")).replace(exact, `$1$2${BEYOND}`);
      expect(body).toContain(BEYOND);
      expect(await deployment.invoke(httpEvent(body))).toMatchObject({ result: { statusCode: 400 } });
    }
    await deployment.settled();
    expect(deployment.model.requests).toEqual([]);
  });

  it.concurrent("of 52 bits is used to its last digit", async () => {
    const id = 2 ** 52 - 1;
    await using deployment = await startDeployment({ env: { TELEGRAM_ALLOWED_USERS: String(id) } });
    const { update_id, message } = textUpdate("hello");
    const person = { id, is_bot: false, first_name: "Ada" };
    const chat = { id, type: "private", first_name: "Ada" };
    await deployment.webhook({ update_id, message: { ...message, from: person, chat } } as Update);
    await deployment.settled();
    expect(saidTo(deployment.telegram, id)).toHaveLength(1);
    const session = "agent:main:telegram:dm:4503599627370495";
    expect(await rowsOf(deployment.dynamodb.endpoint, session)).toHaveLength(2);
  });
});

/** A plugin as a person would write one: `flood` says as many characters as it is asked for. */
const FLOOD = `
  export function register(host) {
    host.addTool({
      name: "flood",
      description: "Says a lot.",
      parameters: { type: "object", properties: { characters: { type: "integer" } } },
      toolset: "flood",
      parallel: true,
      repeatable: true,
      run: async ({ characters }) => ({ text: "beginning " + "😀".repeat(characters / 2) + " end" }),
    });
  }
`;

const flood = (characters: number, reasoning = "I need a lot."): Step => ({
  reply: { reasoning, toolCalls: [{ name: "flood", arguments: { characters } }] },
});

describe("too much of it", () => {
  it.concurrent("from a tool is cut for the model, which is told so, and the chat goes on", async () => {
    await using deployment = await startDeployment({ home: { "plugins/flood.mjs": FLOOD } });
    deployment.model.enqueue(flood(1_000_000), { reply: { content: "That was a lot." } });
    await deployment.say("flood me");
    const result = asked(deployment)[1]?.body.messages.at(-1);
    expect(result?.role).toBe("tool");
    const text = textOf(result?.content);
    expect(text.length).toBeLessThan(60_000);
    expect(text).toMatch(/beginning 😀[\s\S]*Result cut: the first \d+ of 10000\d\d characters are shown/);
    expect(text.isWellFormed()).toBe(true);

    await deployment.say("and now?");
    expect(saidTo(deployment.telegram)).toHaveLength(2);
    expect(saidTo(deployment.telegram)[0]).toBe("That was a lot.");
    expect(textOf(asked(deployment)[2]?.body.messages[3]?.content)).toBe(text);
  });

  it.concurrent("for one item of the table is split over several and comes back whole", async () => {
    await using deployment = await startDeployment({ home: { "plugins/flood.mjs": FLOOD } });
    const reasoning = "think".repeat(400).concat(" ").repeat(200);
    deployment.model.enqueue(flood(10, reasoning), { reply: { content: "Done." } });
    await deployment.say("flood me");
    await deployment.function.recycle();
    await deployment.say("and now?");
    expect(saidTo(deployment.telegram)).toHaveLength(2);
    const kept = asked(deployment)[2]?.body.messages.find(
      ({ reasoning_content: r }) => r && r.length > 1_000,
    );
    expect(kept?.reasoning_content).toBe(reasoning);
    expect(deployment.model.refusals).toEqual([]);
  });

  it.concurrent("in an answer still arrives, whole or cut with a word about it, and is asked for once", async () => {
    await using deployment = await startDeployment();
    const paragraph = `${"Word-after-word-".repeat(60)}.`;
    const content = Array.from({ length: 500 }, (_, n) => `${n}. ${paragraph}`).join("\n\n");
    deployment.model.enqueue({ reply: { content, reasoning: `${"hm".repeat(500)} `.repeat(100) } });
    await deployment.say("write a book");
    expect(deployment.lambda.waiting()).toBe(0);
    expect(asked(deployment)).toHaveLength(1);
    expect(saidTo(deployment.telegram).length).toBeGreaterThan(3);
    expect(saidTo(deployment.telegram).at(-1)).toContain("ends here. Ask me to go on.");
    expect(await inboxOf(deployment.dynamodb.endpoint)).toEqual([]);
    expect(await metaOf(deployment.dynamodb.endpoint)).not.toHaveProperty("out");
    await deployment.say("thank you");
    expect(asked(deployment)).toHaveLength(2);
    expect(deployment.model.refusals).toEqual([]);
  });

  it.concurrent("in a request of more than 1 MB is refused with 413", async () => {
    await using deployment = await startDeployment();
    const body = JSON.stringify(withMessage({ text: "x".repeat(1_050_000) }));
    expect(await deployment.invoke(httpEvent(body))).toMatchObject({ result: { statusCode: 413 } });
  });
});
