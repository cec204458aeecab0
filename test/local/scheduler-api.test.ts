import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  ConflictException,
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  InternalServerException,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  type ListSchedulesCommandInput,
  paginateListSchedules,
  ResourceNotFoundException,
  ThrottlingException,
  ValidationException,
} from "@aws-sdk/client-scheduler";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { startScheduler } from "../../local/scheduler/server.ts";
import { ARN, clientOf, type Kit, NOW, PLAIN, ROLE, startKit } from "./scheduler-kit.ts";

let kit: Kit;
beforeEach(async () => {
  kit = await startKit();
});
afterEach(() => kit[Symbol.asyncDispose]());

const get = (Name = "one") => kit.client.send(new GetScheduleCommand({ Name, GroupName: "hermes" }));
const list = (input: ListSchedulesCommandInput = {}) => kit.client.send(new ListSchedulesCommand(input));
const remove = (input: { Name?: string; ClientToken?: string } = {}) =>
  kit.client.send(new DeleteScheduleCommand({ Name: "one", GroupName: "hermes", ...input }));
const names = async (input?: ListSchedulesCommandInput) =>
  (await list(input)).Schedules?.map(({ Name }) => Name);

describe("a schedule", () => {
  it("is kept as it was written, with the service's defaults for what was left out", async () => {
    expect(await kit.create()).toMatchObject({
      ScheduleArn: "arn:aws:scheduler:us-east-1:000000000000:schedule/hermes/one",
    });
    const { $metadata, ...got } = await get();
    expect(got).toEqual({
      Arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/hermes/one",
      Name: "one",
      GroupName: "hermes",
      ScheduleExpression: "at(2026-11-24T09:00:00)",
      ScheduleExpressionTimezone: "UTC",
      State: "ENABLED",
      ActionAfterCompletion: "NONE",
      FlexibleTimeWindow: { Mode: "OFF" },
      CreationDate: new Date(NOW),
      LastModificationDate: new Date(NOW),
      Target: {
        Arn: ARN,
        RoleArn: ROLE,
        Input: PLAIN.Target?.Input,
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
    });
  });

  it("keeps dates, description, window and retry policy when they are given", async () => {
    const given = {
      ScheduleExpression: "rate(5 minutes)",
      ScheduleExpressionTimezone: "Europe/Berlin",
      StartDate: new Date("2026-12-01T00:00:00Z"),
      EndDate: new Date("2026-12-02T00:00:00Z"),
      Description: "briefing",
      FlexibleTimeWindow: { Mode: "FLEXIBLE", MaximumWindowInMinutes: 5 },
      Target: {
        Arn: ARN,
        RoleArn: ROLE,
        Input: "{}",
        RetryPolicy: { MaximumRetryAttempts: 0, MaximumEventAgeInSeconds: 60 },
      },
    } as const;
    await kit.create(given);
    expect(await get()).toMatchObject(given);
  });

  it("is replaced whole by an update: what the request leaves out is a default again", async () => {
    const StartDate = new Date("2026-12-01T00:00:00Z");
    await kit.create({
      ScheduleExpression: "cron(0 9 * * ? *)",
      ScheduleExpressionTimezone: "Europe/Berlin",
      Description: "briefing",
      State: "DISABLED",
      ActionAfterCompletion: "DELETE",
      StartDate,
      Target: { Arn: ARN, RoleArn: ROLE, Input: "{}", RetryPolicy: { MaximumRetryAttempts: 0 } },
    });
    await kit.timers.advance(60_000);
    await kit.update({ ScheduleExpression: "cron(0 10 * * ? *)" });
    const got = await get();
    expect(got).toMatchObject({
      ScheduleExpressionTimezone: "UTC",
      State: "ENABLED",
      ActionAfterCompletion: "NONE",
      CreationDate: new Date(NOW),
      LastModificationDate: new Date(NOW + 60_000),
      Target: { RetryPolicy: { MaximumRetryAttempts: 185 } },
    });
    expect([got.Description, got.StartDate]).toEqual([undefined, undefined]);
  });

  it("is gone when deleted, and is not found again", async () => {
    await kit.create();
    await remove();
    expect(kit.scheduler.schedules()).toEqual([]);
    await expect(get()).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(remove()).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(kit.update()).rejects.toBeInstanceOf(ResourceNotFoundException);
  });

  it("is looked for in the default group when no group is named", async () => {
    await kit.create();
    await expect(kit.client.send(new GetScheduleCommand({ Name: "one" }))).rejects.toThrow(
      /one does not exist/,
    );
  });

  it("cannot be created twice, nor in a group there is not", async () => {
    await kit.create();
    await expect(kit.create()).rejects.toBeInstanceOf(ConflictException);
    await expect(kit.create({ GroupName: "none" })).rejects.toBeInstanceOf(ResourceNotFoundException);
    await kit.create({ GroupName: "default" });
    expect(kit.scheduler.schedules()).toHaveLength(2);
  });
});

describe("a client token", () => {
  it("gets the answer of the first request again, and nothing else happens", async () => {
    const first = await kit.create({ ClientToken: "t-1" });
    expect(await kit.create({ ClientToken: "t-1" })).toMatchObject({
      ScheduleArn: (first as { ScheduleArn: string }).ScheduleArn,
    });
    await remove({ ClientToken: "t-2" });
    await remove({ ClientToken: "t-2" });
    // The trap of tokens made from names: the schedule is not there, whatever the answer says.
    await kit.create({ ClientToken: "t-1" });
    expect(kit.scheduler.schedules()).toEqual([]);
  });

  it("is refused for a request with other parameters", async () => {
    await kit.create({ ClientToken: "t-1" });
    const other = kit.create({ ClientToken: "t-1", ScheduleExpression: "rate(1 day)" });
    await expect(other).rejects.toBeInstanceOf(ConflictException);
  });

  it("of the SDK's own making lets a lost answer be asked for again", async () => {
    const retrying = clientOf(kit.scheduler, 3);
    kit.scheduler.fail("drop-after", { operation: "CreateSchedule" });
    await retrying.send(new CreateScheduleCommand(PLAIN));
    kit.scheduler.fail("drop-after", { operation: "DeleteSchedule" });
    await retrying.send(new DeleteScheduleCommand({ Name: "one", GroupName: "hermes" }));
    expect(kit.scheduler.schedules()).toEqual([]);
    retrying.destroy();
  });
});

describe("a list of schedules", () => {
  it("has summaries, without expression, input and role", async () => {
    await kit.create();
    const { Schedules } = await list();
    expect(Schedules).toEqual([
      {
        Arn: "arn:aws:scheduler:us-east-1:000000000000:schedule/hermes/one",
        Name: "one",
        GroupName: "hermes",
        State: "ENABLED",
        CreationDate: new Date(NOW),
        LastModificationDate: new Date(NOW),
        Target: { Arn: ARN },
      },
    ]);
  });

  it("is of a group, of a prefix, of a state", async () => {
    await kit.create({ Name: "chat-a" });
    await kit.create({ Name: "chat-b", State: "DISABLED" });
    await kit.create({ Name: "other", GroupName: "default" });
    expect(await names({ GroupName: "hermes" })).toEqual(["chat-a", "chat-b"]);
    expect(await names({ NamePrefix: "o" })).toEqual(["other"]);
    expect(await names({ State: "DISABLED" })).toEqual(["chat-b"]);
    await expect(list({ GroupName: "none" })).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(list({ NamePrefix: "a b" })).rejects.toBeInstanceOf(ValidationException);
  });

  it("comes in pages of at most a hundred", async () => {
    for (let index = 0; index < 105; index += 1)
      await kit.create({ Name: `n-${String(index).padStart(3, "0")}` });
    const pages = [];
    for await (const { Schedules } of paginateListSchedules({ client: kit.client }, {}))
      pages.push(Schedules ?? []);
    expect(pages.map(({ length }) => length)).toEqual([100, 5]);
    expect(new Set(pages.flat().map(({ Name }) => Name)).size).toBe(105);
    expect((await list({ MaxResults: 5 })).Schedules).toHaveLength(5);
    for (const MaxResults of [0, 101]) {
      await expect(list({ MaxResults })).rejects.toBeInstanceOf(ValidationException);
    }
    await expect(list({ NextToken: "nonsense" })).rejects.toBeInstanceOf(ValidationException);
  });
});

describe("a group", () => {
  it("is created once, found and listed", async () => {
    const answer = await kit.client.send(new CreateScheduleGroupCommand({ Name: "more" }));
    expect(answer.ScheduleGroupArn).toBe("arn:aws:scheduler:us-east-1:000000000000:schedule-group/more");
    const again = kit.client.send(new CreateScheduleGroupCommand({ Name: "more" }));
    await expect(again).rejects.toBeInstanceOf(ConflictException);
    expect(await kit.client.send(new GetScheduleGroupCommand({ Name: "more" }))).toMatchObject({
      Name: "more",
      State: "ACTIVE",
      CreationDate: new Date(NOW),
    });
    const { ScheduleGroups } = await kit.client.send(new ListScheduleGroupsCommand({}));
    expect(ScheduleGroups?.map(({ Name }) => Name)).toEqual(["default", "hermes", "more"]);
  });

  it("takes its schedules along when it is deleted; the default one stays", async () => {
    await kit.create();
    await kit.create({ Name: "two", GroupName: "default" });
    await kit.client.send(new DeleteScheduleGroupCommand({ Name: "hermes" }));
    expect(kit.scheduler.schedules().map(({ Name }) => Name)).toEqual(["two"]);
    const gone = kit.client.send(new GetScheduleGroupCommand({ Name: "hermes" }));
    await expect(gone).rejects.toBeInstanceOf(ResourceNotFoundException);
    const defaults = kit.client.send(new DeleteScheduleGroupCommand({ Name: "default" }));
    await expect(defaults).rejects.toBeInstanceOf(ValidationException);
  });
});

describe("scripted faults", () => {
  it.each([
    ["throttle", ThrottlingException, 0],
    ["error", InternalServerException, 0],
    ["drop-before", Error, 0],
    ["drop-after", Error, 1],
  ] as const)("%s", async (fault, error, effects) => {
    kit.scheduler.fail(fault, { operation: "CreateSchedule" });
    await expect(get()).rejects.toBeInstanceOf(ResourceNotFoundException);
    await expect(kit.create()).rejects.toBeInstanceOf(error);
    expect(kit.scheduler.schedules()).toHaveLength(effects);
    await kit.create({ Name: "two" });
  });

  it("hang until the caller gives up, as often as they are scripted", async () => {
    kit.scheduler.fail("hang", { times: 2 });
    for (let call = 0; call < 2; call += 1) {
      const abortSignal = AbortSignal.timeout(500);
      await expect(kit.client.send(new CreateScheduleCommand(PLAIN), { abortSignal })).rejects.toThrow();
    }
    await kit.create();
  });
});

describe("what reaches the wire wrongly", () => {
  it("is refused: unsigned, signed for another service, no JSON, no such operation", async () => {
    const url = `${kit.scheduler.endpoint}/schedules/one`;
    const signed = (service: string) => ({
      authorization: `AWS4-HMAC-SHA256 Credential=a/20261124/eu-central-1/${service}/aws4_request, Signature=0`,
    });
    const post = (body: string, headers: Record<string, string>) =>
      fetch(url, { method: "POST", body, headers });
    expect((await post("{}", {})).status).toBe(403);
    expect((await post("{}", signed("lambda"))).status).toBe(403);
    expect((await post("[", signed("scheduler"))).status).toBe(400);
    expect((await post("{}", signed("scheduler"))).headers.get("x-amzn-errortype")).toBe(
      "ValidationException",
    );
    expect((await fetch(`${kit.scheduler.endpoint}/tags/x`)).status).toBe(404);
  });
});

describe("a state file", () => {
  it("keeps groups and schedules for the next run, and says when it is none", async () => {
    const directory = mkdtempSync(join(tmpdir(), "hermes-scheduler-"));
    const stateFile = join(directory, "state", "scheduler.json");
    await using first = await startKit({ stateFile });
    await first.create();
    await using second = await startKit({ stateFile, groups: [] });
    expect(second.scheduler.schedules()).toEqual(first.scheduler.schedules());
    await second.create({ Name: "two" });
    expect(JSON.parse(readFileSync(stateFile, "utf8")).schedules).toHaveLength(2);
    writeFileSync(stateFile, "{");
    await expect(startScheduler({ stateFile, invoke: () => undefined })).rejects.toThrow(
      /delete it to start over/,
    );
    rmSync(directory, { recursive: true });
  });
});
