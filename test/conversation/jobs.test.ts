// A scheduled job: a session of its own, and a result that belongs to the chat.

import { describe, expect, it } from "vitest";
import { saidTo } from "../support/deployment.ts";
import { calls, errorsIn, lastTurnRequest, lines, reply, startConversation, tick } from "./conversation.ts";

const JOB_SESSION = "agent:main:cron:3f2a9c1b7d4e";

describe("a scheduled job", () => {
  it.concurrent("runs apart from the chat and posts its result there, where it can be talked about", async () => {
    await using chat = await startConversation();
    await chat.ask("My name is Grace.");
    chat.model.enqueue(calls(["roll_dice", { dice: "1d6" }]), reply("Fair winds."));

    await chat.invoke(tick({ prompt: "Tell me the weather." }));
    await chat.settled();

    expect(saidTo(chat.telegram).at(-1)).toBe(
      "Cronjob Response: Morning briefing\n(job_id: 3f2a9c1b7d4e)\n-------------\n\nFair winds.\n\n" +
        'To stop or manage this job, send me a new message (e.g. "stop reminder Morning briefing").',
    );
    const run = lastTurnRequest(chat.model);
    expect(lines(run)).toEqual([
      expect.stringMatching(/^user: \[This is a scheduled run[\s\S]*Tell me the weather\.$/),
      "assistant: <roll_dice>",
      expect.stringMatching(/^tool: /),
    ]);
    expect(String(run.body.messages[0]?.content)).toContain("# Where you are: a scheduled job");
    expect(run.body.tools?.map((tool) => tool.function.name)).toEqual(
      expect.not.arrayContaining(["clarify", "cronjob"]),
    );
    expect((await chat.meta(JOB_SESSION))["sessionId"]).toBe("cron_3f2a9c1b7d4e_20261123_090000");

    expect(await chat.ask("What is my name?")).toContain("Your name is Grace.");
    expect(lines(lastTurnRequest(chat.model)).at(-2)).toMatch(
      /^assistant: Cronjob Response: Morning briefing/,
    );
    expect(chat.model.refusals).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("can be the first thing that is said in a chat", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply("Fair winds."));

    await chat.invoke(tick({ prompt: "Tell me the weather." }));
    await chat.settled();
    await chat.function.recycle();
    await chat.ask("Is that sure?");

    expect(lines(lastTurnRequest(chat.model))).toEqual([
      expect.stringContaining("Fair winds."),
      "user: Is that sure?",
    ]);
    const ids = new Set((await chat.rows()).map((row) => row["sessionId"]));
    expect(ids).toEqual(new Set([(await chat.meta())["sessionId"]]));
    expect(await chat.ask("/title")).toMatch(/^Title: /);
  });

  it.concurrent("runs once however often its tick comes, and starts afresh with the next", async () => {
    await using chat = await startConversation();

    await chat.invoke(tick({ prompt: "Count." }));
    await chat.settled();
    await chat.invoke(tick({ prompt: "Count.", at: "2026-11-23T09:00:00.000Z" }));
    await chat.settled();
    await chat.invoke(tick({ prompt: "Count.", at: "2026-11-24T09:00:00Z" }));
    await chat.settled();

    expect(saidTo(chat.telegram)).toHaveLength(2);
    expect(chat.model.requests).toHaveLength(2);
    expect(lines(lastTurnRequest(chat.model))).toEqual([expect.stringMatching(/Count\.$/)]);
  });

  it.concurrent("with nothing new says nothing", async () => {
    await using chat = await startConversation();
    chat.model.enqueue(reply("[SILENT]"));

    await chat.invoke(tick({ prompt: "Anything new?" }));
    await chat.settled();

    expect(chat.model.requests).toHaveLength(1);
    expect(chat.telegram.calls()).toEqual([]);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("that fails says that it did", async () => {
    await using chat = await startConversation();
    chat.model.enqueue({ status: 402, error: "Insufficient Balance" });

    await chat.invoke(tick({ prompt: "Tell me the weather." }));
    await chat.settled();

    expect(saidTo(chat.telegram)).toEqual([
      expect.stringMatching(
        /^⚠️ Cron job 'Morning briefing' failed:\n⚠️ No reply: billing or credits exhausted/,
      ),
    ]);
  });

  it.concurrent("of somebody who may no longer speak does nothing", async () => {
    await using chat = await startConversation({ env: { TELEGRAM_REFUSAL: "true" } });

    await chat.invoke(tick({ prompt: "Tell me secrets.", userId: 666 }));
    await chat.settled();

    expect(chat.model.requests).toEqual([]);
    expect(chat.telegram.calls()).toEqual([]);
  });
});
