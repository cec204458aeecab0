// A suite that cannot fail proves nothing: each scenario is green on the artifact, and red on a build that lacks the one
// thing it is about (design.md 5: "each of these, left out, loses or doubles a message").

import { describe, expect, inject, it } from "vitest";
import { type Break, buildWith } from "./broken-build.ts";
import { PLUGIN } from "./plugin.ts";
import * as scenarios from "./scenarios.ts";
import { openWorld } from "./world.ts";

interface Broken extends Break {
  readonly scenario: scenarios.Scenario;
}

const BROKEN: readonly Broken[] = [
  {
    title: "no fence in a commit",
    scenario: scenarios.frozenBeforeItsCommit,
    file: "src/adapters/dynamodb/sessions.ts",
    text: '"#fence = :fence AND attribute_exists(#until)"',
    instead: '"(#fence = :fence OR attribute_exists(#fence)) AND attribute_exists(#until)"',
  },
  {
    title: "no fence in a row",
    scenario: scenarios.rowThatComesLate,
    file: "src/adapters/dynamodb/sessions.ts",
    text: '"attribute_not_exists(SK) OR fence <= :fence"',
    instead: '"attribute_not_exists(SK) OR fence <= :fence OR attribute_exists(SK)"',
  },
  {
    title: "no look after the release",
    scenario: scenarios.messageAtTheRelease,
    file: "src/lease.ts",
    text: "if (waiting.length === 0) return false;",
    instead: "if (waiting.length >= 0) return false;",
  },
  {
    title: "no claim read under the lease",
    scenario: scenarios.updateThatWasAnswered,
    file: "src/agent/work.ts",
    text: "return ids.filter((_, index) => answered[index]);",
    instead: "return ids.filter((_, index) => answered[index] && false);",
  },
  {
    title: "success for an event whose own earlier run holds the lease",
    scenario: scenarios.retryThatIsTooEarly,
    file: "src/lease-take.ts",
    text: 'throw new HermesError("busy", "this event is already being worked on", { retryable: true });',
    instead: "return undefined;",
  },
  {
    title: "a lost holder that returns normally",
    scenario: scenarios.twinThatDies,
    file: "middleware/answer-errors.ts",
    text: "if (!isHttpEvent(request.event)) return;",
    instead: `if (error.name === "LeaseLost") request.response = { statusCode: 200, body: "" };
      if (!isHttpEvent(request.event)) return;`,
  },
  {
    title: "no lease check before a send",
    scenario: scenarios.frozenBeforeItsSend,
    file: "src/lease-hold.ts",
    text: "if (hasTime(held)) return;",
    instead: "if (held.isHeld) return;",
  },
  {
    title: "200 before the inbox row",
    scenario: scenarios.tableThatTakesNothing,
    file: "middleware/idempotency.ts",
    text: 'if (turn.kind === "arrival") await accept(inbox, turn);',
    instead: 'if (turn.kind === "arrival") void accept(inbox, turn).catch(() => undefined);',
  },
  {
    title: "a delivery that is not recorded",
    scenario: scenarios.crashBetweenParts,
    file: "src/agent/deliver.ts",
    text: "if (!isFinished) await c.lease.commit({ out: at });",
    instead: "void isFinished;",
  },
];

const wrongIn = async (artifact: string, scenario: scenarios.Scenario): Promise<readonly string[]> => {
  const world = await openWorld({ artifact, home: { "plugins/faults.mjs": PLUGIN } });
  try {
    return await scenario(world);
  } finally {
    await world.close();
  }
};

describe.each(BROKEN)("$title", (broken) => {
  it.concurrent("is missed by nobody in the artifact", async () => {
    expect(await wrongIn(inject("artifact"), broken.scenario)).toEqual([]);
  });

  it.concurrent("is found in a build that is broken so", async () => {
    const build = await buildWith(broken);
    try {
      expect(await wrongIn(build.directory, broken.scenario)).not.toEqual([]);
    } finally {
      build.remove();
    }
  });
});
