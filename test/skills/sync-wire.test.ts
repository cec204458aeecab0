// The sync over the real adapters and the stand-ins: what a busy or broken service answers on the wire does no harm.

import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type KnowledgeBaseStandIn, startKnowledgeBase } from "../../local/knowledge-base/server.ts";
import { createPendingSyncs } from "../../src/adapters/dynamodb/pending-syncs.ts";
import { createKnowledgeBase } from "../../src/adapters/knowledge-base.ts";
import type { SkillSync } from "../../src/skill-ports.ts";
import { createSkillSync } from "../../src/skills/sync.ts";
import { type LocalTable, startTable } from "../adapters/dynamodb/local-table.ts";
import { createFakeClock, type FakeClock } from "../fakes/clock.ts";
import { createFakeSkillFiles, type FakeSkillFiles } from "../fakes/skill-files.ts";
import { createLogLines } from "../home/log-lines.ts";
import { never, searchable, skillText } from "./sync-kit.ts";

const PLACE = { knowledgeBaseId: "KB12345678", dataSourceId: "DS12345678" };

let local: LocalTable;
let service: KnowledgeBaseStandIn;
let clock: FakeClock;
let files: FakeSkillFiles;
let log: ReturnType<typeof createLogLines>;

beforeAll(async () => {
  local = await startTable();
});
afterAll(() => local.close());
beforeEach(async () => {
  service = await startKnowledgeBase(PLACE);
  clock = createFakeClock();
  files = createFakeSkillFiles({ now: clock.now });
  log = createLogLines();
  return () => service.close();
});

const container = (): SkillSync => {
  const { knowledgeBaseId: id, dataSourceId } = PLACE;
  const place = { id, dataSourceId, region: "us-east-1", endpoint: service.endpoint };
  const knowledgeBase = createKnowledgeBase(place);
  const pending = createPendingSyncs(local.table);
  return createSkillSync({
    files,
    knowledgeBase,
    pending,
    clock,
    log,
    maxFileBytes: 300_000,
    guard: async () => true,
  });
};

const change = async (sync: SkillSync, folder: string, body: string): Promise<void> => {
  await sync.begin(folder);
  files.put(`${folder}/SKILL.md`, skillText(folder, body));
};

const untilSettled = async (sync: SkillSync): Promise<void> => {
  for (let n = 0; n < 20 && (await local.items("SKILLSYNC")).length > 0; n += 1) {
    await sync.settle(never);
    service.index();
    await clock.advance(60_000);
  }
  expect(await local.items("SKILLSYNC")).toEqual([]);
};

const expectIndexed = (folder: string, body: string): void =>
  expect(service.documents()).toMatchObject([
    { id: `skills/${folder}`, status: "INDEXED", indexed: searchable(folder, body) },
  ]);

describe("a change on its way", () => {
  it("waits for a job that crawls the data source", async () => {
    const sync = container();
    service.startJob();
    await change(sync, "tea", "Boil water.");
    await sync.settle(never);
    expect(log.lines).toMatchObject([{ level: "info" }]);
    service.endJob();
    await clock.advance(60_000);
    await untilSettled(sync);
    expectIndexed("tea", "Boil water.");
    expect(await sync.search("boil", 5, never)).toEqual(["tea"]);
  });

  it.each(["throttle", "error", "drop-before"] as const)(
    "outlives a service that answers %s",
    async (fault) => {
      const sync = container();
      await change(sync, "tea", "Boil water.");
      service.fail(fault, { operation: "IngestKnowledgeBaseDocuments", times: 3 });
      await sync.settle(never);
      expect(service.documents()).toEqual([]);
      await clock.advance(60_000);
      await untilSettled(sync);
      expectIndexed("tea", "Boil water.");
    },
  );

  it("is taken once though its answers are lost, and one that failed to be indexed is sent again", async () => {
    const sync = container();
    await change(sync, "tea", "Boil water.");
    service.fail("drop-after", { operation: "IngestKnowledgeBaseDocuments" });
    service.failNext("skills/tea");
    local.dynamoDb.fail("drop-after", { operation: "UpdateItem" });
    await untilSettled(sync);
    expectIndexed("tea", "Boil water.");
  });

  it("is brought once by two containers, and by the other when the table fails for one", async () => {
    const [one, two] = [container(), container()];
    await change(one, "tea", "Boil water.");
    local.dynamoDb.fail("error", { operation: "Query", times: 3 });
    await one.settle(never);
    expect(log.lines).toMatchObject([{ level: "warn" }]);
    await Promise.all([one.settle(never), two.settle(never)]);
    await untilSettled(two);
    expectIndexed("tea", "Boil water.");
  });
});
