// Schedules in a local run: kept in its state, firing while `npm start` runs.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { CreateScheduleCommand } from "@aws-sdk/client-scheduler";
import { expect, it } from "vitest";
import { LOCAL_FUNCTION_ARN, LOCAL_SCHEDULE_GROUP } from "../../local/environment.ts";
import { startScheduler } from "../../local/scheduler/server.ts";
import { clientOf, PLAIN, ROLE } from "../local/scheduler-kit.ts";
import { inOrderOf, openProject, TERMINAL } from "./kit.ts";

it("npm start fires what is due, and invoke local leaves it for later", async () => {
  const project = openProject();
  const HERMES_LOCAL_STATE = project.state();
  const stateFile = join(HERMES_LOCAL_STATE, "scheduler.json");
  const before = await startScheduler({
    stateFile,
    groups: [LOCAL_SCHEDULE_GROUP],
    isHeld: true,
    invoke: () => undefined,
  });
  const client = clientOf(before);
  const ScheduleExpression = `at(${new Date().toISOString().slice(0, 19)})`;
  const Input = readFileSync(join(project.directory, "events", "cron-tick.json"), "utf8");
  const Target = { Arn: LOCAL_FUNCTION_ARN, RoleArn: ROLE, Input };
  await client.send(new CreateScheduleCommand({ ...PLAIN, ScheduleExpression, Target }));
  client.destroy();
  await before.close();

  const quiet = await project.invokeLocal("telegram-text", { HERMES_LOCAL_STATE });
  expect(quiet.status).toBe(0);
  expect(quiet.output).not.toContain("Scheduler");
  const run = await project.run(TERMINAL, { env: { HERMES_LOCAL_STATE }, input: "My name is Grace" });
  expect(run).toMatchObject({ status: 0, left: [] });
  const said = ["Scheduler “Morning briefing” is due", "Ada      My name is Grace"];
  expect(inOrderOf(run.output, said)).toEqual(said);
  expect(run.output.match(/^Hermes /gm)?.length).toBeGreaterThan(1);
});
