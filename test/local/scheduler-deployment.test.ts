import { CreateScheduleCommand } from "@aws-sdk/client-scheduler";
import { expect, it } from "vitest";
import tick from "../../events/cron-tick.json" with { type: "json" };
import { LOCAL_FUNCTION_ARN } from "../../local/environment.ts";
import { saidTo, startDeployment } from "../support/deployment.ts";
import { clientOf, PLAIN, ROLE } from "./scheduler-kit.ts";

it("a schedule of a deployment wakes the function through Lambda's queue, at its time", async () => {
  await using deployment = await startDeployment();
  const client = clientOf(deployment.scheduler);
  const at = new Date(Date.now() + 3_600_000).toISOString().slice(0, 19);
  const Input = JSON.stringify({ ...tick, scheduledTime: "<aws.scheduler.scheduled-time>" });
  const Target = { Arn: LOCAL_FUNCTION_ARN, RoleArn: ROLE, Input };
  const ActionAfterCompletion = "DELETE";
  await client.send(
    new CreateScheduleCommand({ ...PLAIN, ScheduleExpression: `at(${at})`, Target, ActionAfterCompletion }),
  );
  await deployment.settled();
  expect(saidTo(deployment.telegram)).toEqual([]);
  await deployment.tick();
  expect(saidTo(deployment.telegram)).not.toEqual([]);
  expect(deployment.scheduler.schedules()).toEqual([]);
  await expect(deployment.tick()).rejects.toThrow("no schedule is due");
  client.destroy();
});
