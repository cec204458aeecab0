// Rows of the history that are no messages any more: written by a version that is gone, or by hand. They are skipped,
// the log says which, and the chat goes on.

import { describe, expect, it } from "vitest";
import { textOf } from "../../local/model/chat-api.ts";
import { type Deployment, saidTo, startDeployment } from "../support/deployment.ts";
import { metaOf, putItem, rowsOf } from "../support/stored.ts";

/** Puts each poison over a row, from the first on. What the function holds in memory goes with its process. */
const poison = async ({ dynamodb, function: lambda }: Deployment, poisons: readonly object[]) => {
  const rows = await rowsOf(dynamodb.endpoint);
  if (rows.length < poisons.length) throw new Error("there are fewer rows than poisons");
  for (const [index, row] of rows.slice(0, poisons.length).entries()) {
    await putItem(dynamodb.endpoint, { ...row, ...poisons[index] });
  }
  await lambda.recycle();
};

const broken = (chunk: string) => ({ chunk: Buffer.from(chunk), message: undefined });

const POISONS = [
  { message: null },
  { message: { role: "user", content: 42 } },
  { message: { role: "user" } },
  { message: "abracadabra" },
  { message: { role: "wizard", content: "abracadabra" } },
  { message: { role: "user", content: "look", photos: ["?"] } },
  { message: { role: "assistant", content: "", toolCalls: { id: 1 } } },
  { message: { role: "tool", content: "done" } },
  { marker: { kind: "summary" } },
  { parts: 3, ...broken('{"role"') },
  { parts: 1, ...broken("abracadabra") },
];

describe("damaged rows", () => {
  it.concurrent("of every kind are skipped and named in the log, and the chat goes on", async () => {
    await using deployment = await startDeployment();
    for (const text of ["remember: bread, milk", "a", "b", "c", "d", "My name is Ada"]) {
      await deployment.say(text);
    }
    await poison(deployment, POISONS);
    await deployment.say("What is my name?");
    expect(saidTo(deployment.telegram).at(-1)).toContain("Your name is Ada.");
    expect(deployment.model.refusals).toEqual([]);
    const skipped = deployment.logs.filter((line) =>
      line.includes("a damaged row of the history is skipped"),
    );
    const places = new Set(skipped.map((line) => /"seq":(\d+)/.exec(line)?.[1]));
    expect(places.size).toBe(POISONS.length);
    expect(deployment.logs.join("\n")).not.toMatch(/abracadabra|bread/);

    for (const command of ["/title A chat with a hole in it", "/undo", "/new"]) await deployment.say(command);
    await deployment.say("hello");
    expect(saidTo(deployment.telegram).at(-1)).toMatch(/^Hello!/);
    expect(deployment.lambda.waiting()).toBe(0);
  });

  it.concurrent("do not keep a chat from being compacted and searched", async () => {
    await using deployment = await startDeployment();
    await deployment.say("hello");
    await poison(deployment, [{ message: { role: "user", content: [1, 2] } }]);
    for (let n = 1; n <= 6; n += 1) {
      deployment.model.enqueue({
        reply: { content: `The wombat lives in burrows. ${"Really. ".repeat(200)}` },
      });
      await deployment.say(`Tell me more about the wombat, part ${n}`);
    }
    await deployment.say("/compress");
    expect((await metaOf(deployment.dynamodb.endpoint))?.["base"]).toBeGreaterThan(1);

    await deployment.say("/new");
    await deployment.say("Search for wombat in our past chats");
    const results = deployment.model.requests.flatMap(({ body }) =>
      body.messages.filter(({ role }) => role === "tool"),
    );
    expect(results.map(({ content }) => textOf(content)).join()).toContain("lives in burrows");
    expect(deployment.lambda.waiting()).toBe(0);
  });
});
