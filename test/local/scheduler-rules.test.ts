import {
  type CreateScheduleCommandInput,
  CreateScheduleGroupCommand,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ARN, type Kit, NOW, ROLE, startKit } from "./scheduler-kit.ts";

let kit: Kit;
beforeAll(async () => {
  kit = await startKit();
});
afterAll(() => kit[Symbol.asyncDispose]());

let created = 0;
const create = (input: object) => {
  created += 1;
  return kit.create({ Name: `n${created}`, ...(input as Partial<CreateScheduleCommandInput>) });
};
const target = (changes: object) => ({ Target: { Arn: ARN, RoleArn: ROLE, Input: "{}", ...changes } });

describe.each([
  ["a name of 65 characters", { Name: "n".repeat(65) }, /at 'name'.*less than or equal to 64/],
  ["a name with a colon", { Name: "job:1" }, /at 'name'.*pattern/],
  ["a group's name with a space", { GroupName: "my group" }, /at 'groupName'.*pattern/],
  ["a client token with a dot", { ClientToken: "a.b" }, /at 'clientToken'.*pattern/],
  ["a client token of 65 characters", { ClientToken: "t".repeat(65) }, /at 'clientToken'/],
  ["a description of 513 characters", { Description: "d".repeat(513) }, /at 'description'.*512/],
  ["no expression", { ScheduleExpression: undefined }, /at 'scheduleExpression'.*not be null/],
  ["an expression of 257 characters", { ScheduleExpression: `rate(1 day${" ".repeat(246)})` }, /256/],
  ["a time zone that does not exist", { ScheduleExpressionTimezone: "Europe/Atlantis" }, /Invalid Time Zone/],
  ["an offset for a time zone", { ScheduleExpressionTimezone: "+02:00" }, /Invalid Time Zone/],
  ["an empty time zone", { ScheduleExpressionTimezone: "" }, /at 'scheduleExpressionTimezone'/],
  ["a time zone of 51 characters", { ScheduleExpressionTimezone: "E".repeat(51) }, /50/],
  ["no window", { FlexibleTimeWindow: undefined }, /at 'flexibleTimeWindow'.*not be null/],
  ["a window without mode", { FlexibleTimeWindow: {} }, /'flexibleTimeWindow.mode'/],
  [
    "a window of an unknown mode",
    { FlexibleTimeWindow: { Mode: "ON" } },
    /enum value set: \[OFF, FLEXIBLE\]/,
  ],
  [
    "a flexible window without minutes",
    { FlexibleTimeWindow: { Mode: "FLEXIBLE" } },
    /MaximumWindowInMinutes/,
  ],
  [
    "minutes without a window",
    { FlexibleTimeWindow: { Mode: "OFF", MaximumWindowInMinutes: 5 } },
    /FLEXIBLE/,
  ],
  [
    "a window of a day and more",
    { FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 1441 } },
    /1440/,
  ],
  ["no target", { Target: undefined }, /at 'target'.*not be null/],
  ["a target without ARN", target({ Arn: undefined }), /'target.arn'/],
  ["a target that is no function", target({ Arn: "arn:aws:sqs:us-east-1:123456789012:q" }), /no function/],
  ["a function by its name alone", target({ Arn: "hermes" }), /no function/],
  ["a target without role", target({ RoleArn: undefined }), /'target.roleArn'.*not be null/],
  ["a role by its name alone", target({ RoleArn: "hermes-scheduler" }), /at 'roleArn'.*pattern/],
  ["an input that is no JSON", target({ Input: "{" }), /well-formed JSON/],
  ["an empty input", target({ Input: "" }), /at 'input'/],
  ["an input beyond 256 KB", target({ Input: JSON.stringify("ä".repeat(128 * 1024)) }), /256 KB/],
  ["186 retries", target({ RetryPolicy: { MaximumRetryAttempts: 186 } }), /at 'maximumRetryAttempts'.*185/],
  ["half a retry", target({ RetryPolicy: { MaximumRetryAttempts: 0.5 } }), /whole number/],
  ["an age of 59 seconds", target({ RetryPolicy: { MaximumEventAgeInSeconds: 59 } }), /60/],
  ["an age of over a day", target({ RetryPolicy: { MaximumEventAgeInSeconds: 86_401 } }), /86400/],
  ["a dead letter queue that is none", target({ DeadLetterConfig: { Arn: "queue" } }), /pattern/],
  ["an unknown action after completion", { ActionAfterCompletion: "KEEP" }, /\[NONE, DELETE\]/],
  ["an unknown state", { State: "PAUSED" }, /\[ENABLED, DISABLED\]/],
  [
    "an end before the start",
    { ScheduleExpression: "rate(1 day)", StartDate: new Date(NOW + 2_000), EndDate: new Date(NOW + 1_000) },
    /EndDate/,
  ],
  [
    "a start of more than five minutes ago",
    { ScheduleExpression: "rate(1 day)", StartDate: new Date(NOW - 301_000) },
    /cannot be earlier than 5 minutes ago/,
  ],
])("%s", (_, input, message) => {
  it("is refused, on creating as on updating", async () => {
    const refused = create(input);
    await expect(refused).rejects.toBeInstanceOf(ValidationException);
    await expect(refused).rejects.toThrow(message);
    await expect(kit.update(input as object)).rejects.toThrow(message);
  });
});

describe.each([
  ["the longest name", { Name: `${"n".repeat(60)}-_.9` }],
  ["a description of 512 characters", { Description: "d".repeat(512) }],
  ["a start of five minutes ago", { ScheduleExpression: "rate(1 day)", StartDate: new Date(NOW - 300_000) }],
  ["any dates with an at(), which ignores them", { StartDate: new Date(0), EndDate: new Date(0) }],
  ["a function with an alias", target({ Arn: `${ARN}:live` })],
  ["a role with a path", target({ RoleArn: "arn:aws:iam::123456789012:role/app/hermes" })],
  [
    "the shortest retry policy",
    target({ RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 } }),
  ],
  ["an old name of a zone", { ScheduleExpressionTimezone: "Asia/Calcutta" }],
])("%s", (_, input) => {
  it("is taken", async () => {
    await create(input);
  });
});

describe("an expression", () => {
  it.each([
    "at(2026-02-28T00:00:00)",
    "rate(1 minute)",
    "rate(1 hours)",
    "rate(20 days)",
    "cron(0 9 * * ? *)",
    "cron(0 9 ? * * *)",
    "cron(30 8 ? * MON-FRI *)",
    "cron(0/15 8-17 ? * 2-6 2026-2030)",
    "cron(*/5 0 1,15 JAN,6,SEP-NOV ? *)",
    "cron(0 0 L * ? *)",
    "cron(0 0 3W * ? *)",
    "cron(15 10 ? * 6L 2026-2027)",
    "cron(0 0 ? * TUE#2 *)",
    "cron(0-15/1 8-8 ? * 2,3,4 *)",
  ])("%s is taken", async (ScheduleExpression) => {
    await create({ ScheduleExpression, State: "DISABLED" });
  });

  it.each([
    ["2026-11-24T09:00:00", "none of"],
    ["at(2026-11-24T09:00:00Z)", "yyyy-mm-dd"],
    ["at(2026-11-24T09:00)", "yyyy-mm-dd"],
    ["at(2026-11-24 09:00:00)", "yyyy-mm-dd"],
    ["at(2026-02-29T09:00:00)", "no such date"],
    ["at(2026-11-24T24:00:00)", "no such date"],
    ["rate(0 minutes)", "positive"],
    ["rate(-5 minutes)", "positive"],
    ["rate(1.5 hours)", "positive"],
    ["rate(5 weeks)", "positive"],
    ["rate(5minutes)", "positive"],
    ["rate(30 seconds)", "positive"],
    ["cron(0 9 * * *)", "six fields"],
    ["cron(0 0 9 * * ? *)", "six fields"],
    ["cron(0 9 * * * *)", "exactly one"],
    ["cron(0 9 1 * 2 *)", "exactly one"],
    ["cron(0 9 ? * ? *)", "exactly one"],
    ["cron(? 9 * * ? *)", "minutes"],
    ["cron(60 9 * * ? *)", "minutes"],
    ["cron(0/60 9 * * ? *)", "minutes"],
    ["cron(*/0 9 * * ? *)", "minutes"],
    ["cron(/5 9 * * ? *)", "minutes"],
    ["cron(5,, 9 * * ? *)", "minutes"],
    ["cron(0 24 * * ? *)", "hours"],
    ["cron(0 17-8 * * ? *)", "hours"],
    ["cron(0 9 0 * ? *)", "day-of-month"],
    ["cron(0 9 32 * ? *)", "day-of-month"],
    ["cron(0 9 32W * ? *)", "day-of-month"],
    ["cron(0 9 1,L * ? *)", "day-of-month"],
    ["cron(0 9 1 13 ? *)", "month"],
    ["cron(0 9 1 JUNE ? *)", "month"],
    ["cron(0 9 ? * 0 *)", "day-of-week"],
    ["cron(0 9 ? * 8 *)", "day-of-week"],
    ["cron(0 9 ? * MON#6 *)", "day-of-week"],
    ["cron(0 9 ? * 3#1,6#3 *)", "day-of-week"],
    ["cron(0 9 ? * 3W *)", "day-of-week"],
    ["cron(0 9 1 * ? 1969)", "year"],
    ["cron(0 9 1 * ? 2200)", "year"],
  ])("%s is refused", async (ScheduleExpression, message) => {
    await expect(create({ ScheduleExpression })).rejects.toThrow(
      new RegExp(`Invalid Schedule Expression .*${message}`),
    );
  });
});

it("a group's name is checked too", async () => {
  const group = kit.client.send(new CreateScheduleGroupCommand({ Name: "a/b" }));
  await expect(group).rejects.toThrow(/at 'name'.*pattern/);
});

it("a role that cannot be assumed is refused, where the roles are known", async () => {
  await using strict = await startKit({ roles: [ROLE] });
  await strict.create();
  const other = { Target: { Arn: ARN, RoleArn: `${ROLE}-2`, Input: "{}" } };
  await expect(strict.create({ Name: "two", ...other })).rejects.toThrow(/to assume the role/);
  await expect(strict.update(other)).rejects.toThrow(/to assume the role/);
});
