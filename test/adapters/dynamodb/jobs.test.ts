import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createJobs } from "../../../src/adapters/dynamodb/jobs.ts";
import { createJob, removeJob } from "../../../src/jobs/manage.ts";
import { jobsContract } from "../../contracts/jobs.ts";
import { newSession } from "../../contracts/said.ts";
import { createFakeJobs } from "../../fakes/jobs.ts";
import { jobPorts, NOW_MS, WHO } from "../../jobs/kit.ts";
import { type LocalTable, startTable } from "./local-table.ts";

let local: LocalTable;
beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());

jobsContract("in memory", createFakeJobs);
jobsContract("over DynamoDB", () => createJobs(local.table));

describe("a record over DynamoDB", () => {
  it("survives a write whose answer was lost, and ends by itself once it is a tombstone", async () => {
    const ports = { ...jobPorts(), jobs: createJobs(local.table) };
    const who = { ...WHO, owner: newSession() };
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    const job = await createJob(ports, who, { prompt: "Tea", schedule: "every 1h" });
    expect(await local.item(`JOBS#${who.owner}`, job.id)).not.toHaveProperty("expiration");
    local.dynamoDb.fail("drop-after", { operation: "PutItem" });
    await removeJob(ports, who.owner, job.id);
    const item = await local.item(`JOBS#${who.owner}`, job.id);
    expect(item).toMatchObject({ job: { state: "removed" }, expiration: NOW_MS / 1_000 + 30 * 86_400 });
  });
});
