// A suite that cannot fail proves nothing: each scenario is green on the artifact, and red on a build that lacks the one
// thing it is about (design.md 5: "each of these, left out, loses or doubles a message").

import { describe, expect, inject, it } from "vitest";
import { type Break, buildWith } from "./broken-build.ts";
import { PLUGIN } from "./plugin.ts";
import * as scenarios from "./scenarios.ts";
import { foldedIn, longAnswer, plainAnswer, toolRounds } from "./shapes.ts";
import { firstMessage, learntTurn, newSkill, paidTurn, spentBudget } from "./shapes-kept.ts";
import { openWorld, type WorldOptions } from "./world.ts";

interface Broken extends Break {
  readonly scenario: scenarios.Scenario;
  /** What must be found wrong, so that no build is red for another reason. */
  readonly found: RegExp;
  readonly services?: WorldOptions["services"];
}

const KILLED_AFTER_SENDING = { name: "telegram.sendMessage", occurrence: 1, fault: "kill-after" } as const;

const BROKEN: readonly Broken[] = [
  {
    title: "no fence in a commit",
    found: /replies are .*mark-early.*mark-late/,
    scenario: scenarios.frozenBeforeItsCommit,
    file: "src/adapters/dynamodb/sessions.ts",
    text: '"#fence = :fence AND attribute_exists(#until)"',
    instead: '"(#fence = :fence OR attribute_exists(#fence)) AND attribute_exists(#until)"',
  },
  {
    title: "no fence in a row",
    found: /the transcript is[\s\S]*mark-early_0[\s\S]*mark-late_0[\s\S]*instead of/,
    scenario: scenarios.rowThatComesLate,
    file: "src/adapters/dynamodb/sessions.ts",
    text: '"attribute_not_exists(SK) OR fence <= :fence"',
    instead: '"attribute_not_exists(SK) OR fence <= :fence OR attribute_exists(SK)"',
  },
  {
    title: "no look after the release",
    found: /mark-2 was never asked for/,
    scenario: scenarios.messageAtTheRelease,
    file: "src/lease.ts",
    text: "if (waiting.length === 0) return false;",
    instead: "if (waiting.length >= 0) return false;",
  },
  {
    title: "no claim read under the lease",
    found: /replies are .*mark-1.*mark-1.* instead of/,
    scenario: scenarios.updateThatWasAnswered,
    file: "src/agent/work.ts",
    text: "return ids.filter((_, index) => answered[index]);",
    instead: "return ids.filter((_, index) => answered[index] && false);",
  },
  {
    title: "success for an event whose own earlier run holds the lease",
    found: /replies are \[\] instead of/,
    scenario: scenarios.retryThatIsTooEarly,
    file: "src/lease-take.ts",
    text: 'throw new HermesError("busy", "this event is already being worked on", { retryable: true });',
    instead: "return undefined;",
  },
  {
    title: "a lost holder that returns normally",
    found: /replies are \[\] instead of/,
    scenario: scenarios.twinThatDies,
    file: "middleware/answer-errors.ts",
    text: "if (!isHttpEvent(request.event)) return;",
    instead: `if (error.name === "LeaseLost") request.response = { statusCode: 200, body: "" };
      if (!isHttpEvent(request.event)) return;`,
  },
  {
    title: "no lease check before a send",
    found: /replies are .*mark-1.*mark-1.* instead of/,
    scenario: scenarios.frozenBeforeItsSend,
    file: "src/lease-hold.ts",
    text: "if (hasTime(held)) return;",
    instead: "if (held.isHeld) return;",
  },
  {
    title: "200 before the inbox row",
    found: /mark-1 was never asked for/,
    scenario: scenarios.tableThatTakesNothing,
    file: "middleware/idempotency.ts",
    text: 'if (turn.kind === "arrival") await accept(inbox, turn);',
    instead: 'if (turn.kind === "arrival") void accept(inbox, turn).catch(() => undefined);',
  },
  {
    title: "a delivery that is not recorded",
    found: /replies are .*Paragraph 0.*Paragraph 0.*instead of/,
    // A crash between two parts goes on with the next.
    scenario: scenarios.faultsIn(longAnswer, {
      name: "telegram.sendRichMessage",
      occurrence: 2,
      fault: "kill-before",
    }),
    file: "src/agent/deliver.ts",
    text: "if (!isFinished) await c.lease.commit({ out: at });",
    instead: "void isFinished;",
  },
  {
    title: "a part in doubt that goes out until somebody knows",
    found: /replies are .*mark-1.*mark-1.*mark-1.*instead of/,
    scenario: scenarios.faultsIn(plainAnswer, KILLED_AFTER_SENDING, KILLED_AFTER_SENDING),
    file: "src/agent/deliver.ts",
    text: "const wasResent = out.unsure?.part === out.next && out.unsure.resent;",
    instead: "const wasResent = false as boolean;",
  },
  {
    title: "an unrepeatable tool that runs again",
    found: /\/launch\/3 ran 2 times/,
    scenario: scenarios.faultsIn(toolRounds, { name: "tool.launch", occurrence: 1, fault: "kill-after" }),
    file: "src/agent/plan-calls.ts",
    text: "return (read.tool.repeatable ? runnable(read) : undefined) ?? answered(read, OUTCOME_UNKNOWN);",
    instead: "return runnable(read) ?? answered(read, OUTCOME_UNKNOWN);",
  },
  {
    title: "no look around where a turn is taken up again",
    found: /replies are .*mark-2.*mark-2.*instead of/,
    scenario: scenarios.faultsIn(foldedIn, {
      // The row of the message that is folded in.
      name: "dynamodb.PutItem MSG",
      occurrence: 5,
      fault: "kill-before",
    }),
    file: "src/agent/loop.ts",
    text: 'return run.messages.at(-1)?.role === "tool" ? boundary(run) : undefined;',
    instead: "return undefined;",
  },
  {
    title: "a skill that is stored before its sync is on record",
    found: /documents are \[\] instead of .*sea-CHAT/,
    services: ["skills", "search"],
    scenario: scenarios.faultsIn(newSkill, {
      name: "s3.PutObject SKILL.md",
      occurrence: 1,
      fault: "kill-after",
    }),
    file: "src/skills/change.ts",
    text: `if (isSearched) await shop.sync?.begin(folder);
  const etag = await shop.files.write(path, bytes, expected);`,
    instead: `const etag = await shop.files.write(path, bytes, expected);
  if (isSearched) await shop.sync?.begin(folder);`,
  },
  {
    title: "a list of skills that is not stored with the session",
    found: /the session had 2 system prompts/,
    services: ["skills", "search"],
    scenario: scenarios.promptThatStays,
    file: "src/adapters/dynamodb/rows.ts",
    text: "...(row.skillsIndex === undefined ? {} : { skillsIndex: row.skillsIndex }),",
    instead: "",
  },
  {
    title: "a menu made of what the process saw last",
    found: /skills in the menu are \[\] instead of/,
    services: ["skills", "search"],
    scenario: scenarios.skillOfAnother,
    file: "src/agent/command-menu.ts",
    text: "skills.list({ isFresh: true, needsBucket: true })",
    instead: "skills.list({ isFresh: false })",
  },
  {
    title: "a conversation that is handed over without a token",
    found: /events at the memory are .*In yours.*In yours.* instead of/,
    services: ["memory"],
    scenario: scenarios.faultsIn(learntTurn, {
      name: "agentcore.CreateEvent",
      occurrence: 1,
      fault: "kill-after",
    }),
    file: "src/adapters/agentcore.ts",
    text: "    clientToken: token,\n",
    instead: "",
  },
  {
    title: "a memory that is told anew what it may have taken",
    found: /events at the memory are .*Aye.*Aye.*Aye.*Aye.* instead of/,
    services: ["memory"],
    scenario: scenarios.faultsIn(paidTurn, {
      name: "agentcore.CreateEvent",
      occurrence: 1,
      fault: "kill-after",
    }),
    file: "src/agent/pay-owed.ts",
    text: "user, assistant, at, id, missed }",
    instead: "user, assistant, at, id: String(endsAt), missed }",
  },
  {
    title: "a note that does not know its call",
    found: /the transcript is[\s\S]*instead of/,
    services: ["skills"],
    // The second note: what it replaces is gone by then.
    scenario: scenarios.faultsIn(firstMessage, {
      name: "dynamodb.PutItem NOTES",
      occurrence: 2,
      fault: "kill-after",
    }),
    file: "src/tools/memory.ts",
    text: "applied.includes(operation)",
    instead: 'applied.includes("")',
  },
  {
    title: "a cost that is added whenever it is told",
    found: /of 3 calls of a model 4 are charged to the user/,
    scenario: scenarios.faultsIn(plainAnswer, {
      name: "dynamodb.UpdateItem USAGE",
      occurrence: 1,
      fault: "lose-answer",
    }),
    file: "src/adapters/dynamodb/ledger.ts",
    text: "        ConditionExpression: isNotCountedYet,\n",
    instead: "",
  },
  {
    title: "a notice that its own turn takes for another's",
    found: /replies are .*All is well.* instead of .*is used up/,
    scenario: scenarios.faultsIn(spentBudget, {
      name: "dynamodb.PutItem NOTICE",
      occurrence: 1,
      fault: "kill-after",
    }),
    file: "src/agent/over-budget.ts",
    text: ", clock.now(), turn);",
    instead: ", clock.now());",
  },
];

const wrongIn = async (
  artifact: string,
  { scenario, services = [] }: Pick<Broken, "scenario" | "services">,
): Promise<readonly string[]> => {
  const world = await openWorld({ artifact, services, home: { "plugins/faults.mjs": PLUGIN } });
  try {
    return await scenario(world);
  } finally {
    await world.close();
  }
};

describe.each(BROKEN)("$title", (broken) => {
  it.concurrent("is missed by nobody in the artifact", async () => {
    expect(await wrongIn(inject("artifact"), broken)).toEqual([]);
  });

  it.concurrent("is found in a build that is broken so", async () => {
    const build = await buildWith(broken);
    try {
      expect((await wrongIn(build.directory, broken)).join("\n")).toMatch(broken.found);
    } finally {
      build.remove();
    }
  });
});

it.concurrent("a build that is made the same way and not broken is as good as the artifact", async () => {
  const build = await buildWith(undefined);
  try {
    expect(await wrongIn(build.directory, { scenario: scenarios.frozenBeforeItsSend })).toEqual([]);
  } finally {
    build.remove();
  }
});
