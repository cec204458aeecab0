// The record of a session that is left carries the state /resume restores: what if it cannot be written.

import { expect, it } from "vitest";
import {
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  said,
  startConversation,
} from "../conversation/conversation.ts";

/** Attempts of the SDK at one write. */
const ATTEMPTS = 3;

const isRecord = (target: string, body: unknown): boolean =>
  target.endsWith("PutItem") &&
  (body as { readonly Item?: { readonly SK?: { readonly S?: string } } }).Item?.SK?.S?.startsWith("SES#") ===
    true;

it("a session whose record could not be written is left by the retry, and resumed with all that was said", async () => {
  let toFail = 0;
  await using chat = await startConversation({
    onTableRequest: (target, body) => {
      if (toFail === 0 || !isRecord(target, body)) return;
      toFail -= 1;
      chat.dynamodb.fail("error");
    },
  });
  chat.model.enqueue(reply("1"), reply("Counting"), reply("2"));
  await chat.ask("One");
  await chat.ask("Two");

  toFail = ATTEMPTS;
  await chat.webhook(said("/new"));
  await chat.settled();
  expect(toFail).toBe(0);
  expect(chat.lambda.waiting()).toBe(1);
  await chat.retried();
  expect(errorsIn(chat)).not.toEqual([]);

  expect(await chat.ask("/resume Counting")).toContain("Back in");
  chat.model.enqueue(reply("3"));
  await chat.ask("Three");
  expect(lines(lastTurnRequest(chat.model))).toEqual([
    "user: One",
    "assistant: 1",
    "user: Two",
    "assistant: 2",
    "user: Three",
  ]);
  const seqs = (await chat.rows()).map(({ seq }) => seq);
  expect(seqs).toEqual([1, 2, 3, 4, 5, 6]);
});
