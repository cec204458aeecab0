import { describe, expect, it } from "vitest";
import { following, run } from "./run.ts";
import type { Scenario } from "./world.ts";

const scenario: Scenario = {
  name: "replayed",
  updates: ["m1 [tools]", "m2 [long]", "m3"],
  skewsMs: [0, 900],
};

describe("a simulated run", () => {
  it("is the same again when its schedule is played again, in every step and answer", async () => {
    let step = 0;
    const first = await run(scenario, (choices) => {
      step += 1;
      return (step % 17 === 0 ? choices.others.at(-1 - (step % 5)) : undefined) ?? choices.ordinary;
    });
    expect(first.schedule.length).toBeGreaterThan(3);
    const second = await run(scenario, following(first.schedule));
    expect(second.trace).toEqual(first.trace);
    expect(second.violations).toEqual(first.violations);
  });

  it("offers at every step each fault that the step can meet", async () => {
    const offered = new Set<string>();
    await run(scenario, (choices) => {
      for (const { kind, label } of choices.others)
        if (kind === "fault") offered.add(label.replace(/[ ,].*/, ""));
      return choices.ordinary;
    });
    expect([...offered].sort()).toEqual(
      ["again", "crash", "deadline", "freeze", "lose", "refuse", "slow", "twin"].sort(),
    );
  });

  it.each([
    [/^deadline of wake.* ADD/, /start wake-of-wake-of-u1/],
    [/^crash wake/, /start wake-of-u1\/1 \(attempt 2\)/],
    [/^lose the answer of wake.* ADD/, /GetItem META\n.*PutItem MSG#.*\n.*ask for m1/],
    [/^twin of wake.* ask/, /wake-of-u1\/1\/2 threw: this event is already being worked on/],
    [/^freeze wake.* ask/, /wake-of-u1\/1\/1 threw: the lease of this session is lost/],
    [/^slow wake.* ask/, /\n.*Query IN#\n.*SET #until = :until\n/],
  ])("shows what a fault leads to: %s", async (fault, consequence) => {
    let isDone = false;
    const { trace, violations } = await run({ name: "one fault", updates: ["m1", "m2"] }, (choices) => {
      const choice = isDone ? undefined : choices.others.find(({ label }) => fault.test(label));
      isDone ||= choice !== undefined;
      return choice ?? choices.ordinary;
    });
    expect(violations).toEqual([]);
    expect(trace.join("\n")).toMatch(consequence);
  });

  it("takes each of its updates through the table, the model and the chat", async () => {
    const { trace, violations } = await run(scenario, following([]));
    expect(violations).toEqual([]);
    for (const name of ["m1", "m2", "m3"])
      expect(trace.filter((line) => line.includes(`send "re: ${name} `))).toHaveLength(1);
    for (const operation of [
      "PutItem IN#",
      "UpdateItem META SET #by",
      "PutItem MSG#",
      "UpdateItem CLAIM",
      "ring",
    ])
      expect(trace.some((line) => line.includes(operation))).toBe(true);
  });
});
