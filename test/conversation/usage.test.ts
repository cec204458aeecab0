// What /usage says of jobs and tokens; the budgets it shows are in budgets.test.ts.

import { describe, expect, it } from "vitest";
import { budget } from "./budget-kit.ts";
import { calls, errorsIn, reply, startConversation } from "./conversation.ts";

describe("/usage", () => {
  it.concurrent("names each job of the chat with what its day has cost and may cost", async () => {
    await using chat = await startConversation();
    await chat.ask("Hello");
    expect(await chat.ask("/usage")).not.toContain("Job ‘");
    const made = [
      { action: "create", prompt: "Tell Ada to drink tea.", name: "Tea_time", schedule: "10m" },
      { action: "create", prompt: "Tell Ada to stretch.", name: "Stretch", schedule: "every 5h" },
      { action: "create", prompt: "Tell Ada to leave.", name: "Leave", schedule: "every 6h" },
    ];
    for (const job of made) {
      chat.model.enqueue(calls(["cronjob", job]), reply("Done."));
      await chat.ask("Please");
    }
    chat.model.enqueue(calls(["cronjob", { action: "remove", job_id: "Leave" }]), reply("Done."));
    await chat.ask("Please");
    const told = await chat.ask("/usage");
    expect(told).toContain("Job ‘Stretch’: $0.00 of $0.25, 0 calls");
    expect(told).toContain("Job ‘Tea_time’: $0.00 of $0.25, 0 calls");
    expect(told).not.toContain("Leave");

    await chat.tick();
    await budget(chat, "set default", { "job-day": "2" });
    // It has run its last, and is shown for what it cost today.
    const after = await chat.ask("/usage");
    expect(after).toMatch(/Job ‘Tea_time’: (under )?\$0\.\d{4} of \$2\.00, 1 calls\nJob ‘Stretch’: \$0\.00/);
    expect(errorsIn(chat)).toEqual([]);
  });

  it.concurrent("tells the tokens of the person's day and the chat's, those from the cache apart", async () => {
    await using chat = await startConversation();
    await chat.ask("My name is Grace.");
    await chat.ask("What is my name?");
    const told = await chat.ask("/usage");
    const [tokens] =
      /\d,\d{3} prompt tokens \([1-9]\d? % from the cache\), \d+ completion tokens/.exec(told) ?? [];
    expect(told).toMatch(/^You, jobs included: .* left; \d/m);
    expect(told).toMatch(/^This chat: .* calls; \d/m);
    // Ada speaks nowhere else.
    expect(told.split(tokens ?? "?")).toHaveLength(3);
  });
});
