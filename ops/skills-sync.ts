// `npm run skills:sync`: brings the Knowledge Base up to date with a bucket of skills that was changed by hand.
// Uses the AWS credentials of the shell, and what `npx serverless deploy` made; reads the environment, else .env.

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/adapters/clock.ts";
import { createPendingSyncs } from "../src/adapters/dynamodb/pending-syncs.ts";
import { openTable } from "../src/adapters/dynamodb/table.ts";
import { createKnowledgeBase } from "../src/adapters/knowledge-base.ts";
import { createSkillFiles } from "../src/adapters/s3.ts";
import { asError, HermesError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Clock } from "../src/ports.ts";
import type { PendingSync, SkillFiles } from "../src/skill-ports.ts";
import { MAX_SKILL_BYTES } from "../src/skills/document.ts";
import { withheldFor } from "../src/skills/entry.ts";
import { folderOf, isSkillPath } from "../src/skills/paths.ts";
import { BATCH, type SyncPorts, syncBatch } from "../src/skills/sync-batch.ts";
import { readSkillRules } from "./read-skills.ts";

/** In the order they are asked for, each with where it comes from. */
const NEEDED: Readonly<Record<string, string>> = {
  HERMES_SKILLS_S3_BUCKET: "the bucket of skills",
  HERMES_KNOWLEDGE_BASE_ID: "10 letters and digits, in the console below Bedrock, Knowledge Bases",
  HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID:
    "10 letters and digits, the Knowledge Base's data source of the type Custom",
  HERMES_SESSIONS_TABLE: '"npx serverless info --verbose" prints it as SessionsTableName',
};

const NO_ACCESS = `Check the AWS credentials and the region of this shell (AWS_PROFILE, AWS_REGION). They need s3:ListBucket and s3:GetObject
on the bucket, dynamodb:Query, UpdateItem and DeleteItem on the table, and bedrock:StartIngestionJob,
IngestKnowledgeBaseDocuments, DeleteKnowledgeBaseDocuments, GetKnowledgeBaseDocuments and ListKnowledgeBaseDocuments on
the Knowledge Base.
`;

const NO_SKILLS = `Nothing was changed: with no skill in the bucket all would be removed, and more likely the bucket is another one.
Check HERMES_SKILLS_S3_BUCKET and HERMES_SKILLS_S3_PREFIX.
`;

const TRY_AGAIN = `The service may be busy, or cannot be reached: run the same command again; repeating it is harmless.
`;

const STAYS = `It is on record: the agent goes on with it by itself, and running this again does too.
`;

/** Ours: indexing takes seconds a document, and some hundred of them a few minutes. */
const PATIENCE_MS = 15 * 60_000;
const LOOK_MS = 5_000;
const BUSY_MS = 15_000;
/** After so many the operator is told, and not kept waiting. */
const GIVE_UP_ATTEMPTS = 3;
const MOST_NAMED = 20;

type Print = (text: string) => void;
type Environment = Readonly<Record<string, string | undefined>>;

export interface SkillsSyncPlace extends Omit<SyncPorts, "files" | "clock" | "log" | "onRead"> {
  readonly files: Pick<SkillFiles, "read" | "list">;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

/** What to print when something is not set. */
export const missingIn = (env: Environment): string | undefined => {
  const missing = Object.entries(NEEDED).filter(([name]) => !env[name]?.trim());
  if (missing.length === 0) return undefined;
  return `Not set:\n${missing.map(([name, what]) => `  ${name}   ${what}\n`).join("")}Put them into .env or the environment.\n`;
};

/**
 * Runs to the end and returns the exit code. Every skill is sent, changed or not: the Knowledge Base does not tell what text
 * it has, and hashes kept elsewhere would be one more thing that a hand can put wrong, which is what this command is there
 * to mend. 500 skills cost some cents of embedding. It goes the way of the agent's own changes (sync-batch.ts), so that
 * neither an interruption nor an agent at work on the same skills leaves anything old behind.
 */
export const skillsSync = async (place: SkillsSyncPlace, print: Print): Promise<number> => {
  try {
    const { folders, gone } = await compare(place, print);
    if (folders.length === 0 && gone.length > 0) {
      print(NO_SKILLS);
      return 1;
    }
    const all = [...folders, ...gone];
    await record(place, all);
    const { left, withheld } = await bring(place, new Set(all), print);
    const arrived = (these: readonly string[]) => these.filter((one) => !left.has(one));
    const hidden = arrived(folders).filter((one) => withheld.has(one));
    const found = arrived(folders).length - hidden.length;
    print(`${found} skills are in the Knowledge Base, ${arrived(gone).length} were removed from it.\n`);
    const told = named(hidden.map((one) => `${one} (${withheld.get(one)})`));
    if (hidden.length > 0) print(`${hidden.length} withheld, and not to be found: ${told}.\n`);
    return report(left, print);
  } catch (thrown) {
    const isBusy = thrown instanceof HermesError && thrown.retryable;
    print(`${reasonOf(thrown)}\n${isBusy ? TRY_AGAIN : ""}${NO_ACCESS}`);
    return 1;
  }
};

const compare = async ({ files, knowledgeBase }: SkillsSyncPlace, print: Print) => {
  const folders = (await files.list())
    .map(({ path }) => path)
    .filter(isSkillPath)
    .map(folderOf);
  const has = await knowledgeBase.list();
  const gone = has.filter((id) => !folders.includes(id));
  print(
    `${folders.length} skills in the bucket, ${has.length} in the Knowledge Base, ${gone.length} of them to be removed.\n`,
  );
  return { folders, gone };
};

const record = async ({ pending, clock }: SkillsSyncPlace, folders: readonly string[]): Promise<void> => {
  for (let from = 0; from < folders.length; from += BATCH) {
    const some = folders.slice(from, from + BATCH);
    await Promise.all(some.map((folder) => pending.begin(folder, randomUUID(), clock.now())));
  }
};

interface Brought {
  /** What has not arrived, with its record. */
  readonly left: ReadonlyMap<string, PendingSync>;
  /** Why what is in the bucket is not to be in the Knowledge Base. */
  readonly withheld: ReadonlyMap<string, string>;
}

/** Until all have arrived or are given up. */
const bring = async (place: SkillsSyncPlace, all: ReadonlySet<string>, print: Print): Promise<Brought> => {
  const withheld = new Map<string, string>();
  const onRead: SyncPorts["onRead"] = (folder, found) => {
    // What the scan found is not told where it does not count.
    const why = found && withheldFor(found, true);
    if (why === undefined) withheld.delete(folder);
    else withheld.set(folder, why);
  };
  const ports: SyncPorts = { ...place, log: logTo(print), onRead };
  const endMs = place.clock.now() + PATIENCE_MS;
  const never = new AbortController().signal;
  let told = "";
  for (;;) {
    const records = (await place.pending.list()).filter(({ folder }) => all.has(folder));
    const line = `${all.size - records.length} of ${all.size} …${stateOf(records)}\n`;
    if (line !== told) print(line);
    told = line;
    const open = records.filter(({ attempts }) => attempts < GIVE_UP_ATTEMPTS);
    if (open.length === 0 || place.clock.now() > endMs)
      return { left: new Map(records.map((one) => [one.folder, one])), withheld };
    const isBusy = await pass(ports, open, never);
    if (isBusy) print("The Knowledge Base is busy; waiting.\n");
    await place.clock.sleep(isBusy ? BUSY_MS : LOOK_MS);
  }
};

const stateOf = (records: readonly PendingSync[]): string => {
  const indexing = records.filter(({ state }) => state === "submitted").length;
  return indexing > 0 ? ` ${indexing} being indexed` : "";
};

const pass = async (
  ports: SyncPorts,
  open: readonly PendingSync[],
  signal: AbortSignal,
): Promise<boolean> => {
  const nowMs = ports.clock.now();
  const isDue = ({ dueAt, claimedUntil }: PendingSync) => Math.max(dueAt, claimedUntil) <= nowMs;
  const folders = open.filter(isDue).map(({ folder }) => folder);
  for (let from = 0; from < folders.length; from += BATCH) {
    const { isBusy } = await syncBatch(ports, folders.slice(from, from + BATCH), signal);
    if (isBusy) return true;
  }
  return false;
};

const report = (left: ReadonlyMap<string, PendingSync>, print: Print): number => {
  const failed = [...left.values()].filter(({ attempts }) => attempts > 0).map(({ folder }) => folder);
  const slow = [...left.values()].filter(({ attempts }) => attempts === 0).map(({ folder }) => folder);
  if (failed.length > 0)
    print(
      `Failed: ${named(failed)}. The data source's sync history in the console says why: often the Knowledge Base's role may not\n` +
        `use its embedding model, or the model's quota is used up.\n${STAYS}`,
    );
  if (slow.length > 0) print(`Not done yet: ${named(slow)}.\n${STAYS}`);
  return left.size === 0 ? 0 : 1;
};

const named = (folders: readonly string[]): string => {
  const more = folders.length - MOST_NAMED;
  return folders.slice(0, MOST_NAMED).join(", ") + (more > 0 ? ` and ${more} more` : "");
};

/** Warnings are what an operator is here for; what was refused says why. */
const logTo = (print: Print): Log => {
  const tell: Log["warn"] = (message, { folder, error } = {}) =>
    print(`  ${String(folder ?? "")}: ${message}${error === undefined ? "" : ` (${reasonOf(error)})`}\n`);
  return { debug() {}, info() {}, warn: tell, error: tell };
};

const reasonOf = (thrown: unknown): string => {
  const { message, cause } = asError(thrown);
  return cause instanceof Error && thrown instanceof HermesError ? `${message}: ${cause.message}` : message;
};

const main = async (env: Environment): Promise<number> => {
  const print: Print = (text) => void process.stdout.write(text);
  const problem = missingIn(env);
  if (problem !== undefined) {
    process.stderr.write(problem);
    return 2;
  }
  const of = (name: string): string => env[name]?.trim() ?? "";
  const table = openTable({ name: of("HERMES_SESSIONS_TABLE") });
  const place: SkillsSyncPlace = {
    files: createSkillFiles({
      bucket: of("HERMES_SKILLS_S3_BUCKET"),
      prefix: of("HERMES_SKILLS_S3_PREFIX"),
      log: logTo(print),
    }),
    knowledgeBase: createKnowledgeBase({
      id: of("HERMES_KNOWLEDGE_BASE_ID"),
      dataSourceId: of("HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID"),
    }),
    pending: createPendingSyncs(table),
    clock: systemClock,
    maxFileBytes: MAX_SKILL_BYTES,
    guard: async () => readSkillRules().guard_agent_created,
  };
  return skillsSync(place, print);
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (existsSync(".env")) process.loadEnvFile(".env");
  process.exitCode = await main(process.env);
}
