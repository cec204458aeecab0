// The turn's half of the composition: everything that a webhook answered by 200 and a wake does not need.
// handler.ts loads it with the first turn, so that it costs the webhook's cold start nothing.

import { createArchive } from "./adapters/dynamodb/archive.ts";
import { createFailures } from "./adapters/dynamodb/failures.ts";
import { createForgettings } from "./adapters/dynamodb/forgettings.ts";
import { createJobs } from "./adapters/dynamodb/jobs.ts";
import { createLedger } from "./adapters/dynamodb/ledger.ts";
import { createNotices } from "./adapters/dynamodb/notices.ts";
import type { Table } from "./adapters/dynamodb/table.ts";
import { createHomeFiles, type HomeFiles } from "./adapters/home-files.ts";
import { createModel } from "./adapters/model/model.ts";
import { createScheduler } from "./adapters/scheduler.ts";
import { createTelegram } from "./adapters/telegram/client.ts";
import { createTrace } from "./adapters/telemetry.ts";
import { createChatBudget } from "./agent/chat-budget.ts";
import { createLedgerAhead } from "./agent/ledger-ahead.ts";
import { runTurn } from "./agent/run-turn.ts";
import { createServicePauses } from "./agent/service-pauses.ts";
import type { AgentPorts, AgentSettings, Models } from "./agent/turn-context.ts";
import type { AppPorts } from "./app.ts";
import type { Config } from "./config.ts";
import type { Home } from "./home/home.ts";
import { ownerOf } from "./jobs/owner.ts";
import type { Log } from "./log.ts";
import { createMemory } from "./memory-side.ts";
import type { ModelConfig } from "./model-config.ts";
import type { Clock, Doorbell, Inbox, Model, Telegram, Web } from "./ports.ts";
import { createSkillsSide } from "./skills-side.ts";
import { createClarify } from "./tools/clarify.ts";
import { createCronjob } from "./tools/cronjob.ts";
import { createSessionSearch } from "./tools/session-search.ts";
import { createTodo } from "./tools/todo.ts";
import { createWebExtract } from "./tools/web-extract.ts";
import { correlationOf } from "./turn-correlation.ts";

export interface AgentSideOptions {
  readonly config: Config;
  readonly log: Log;
  readonly clock: Clock;
  readonly inbox: Inbox;
  readonly doorbell: Doorbell;
  readonly table: Table;
  /** Where the packaged home/ lies. */
  readonly homeSource: URL;
}

export interface AgentSide {
  readonly homes: HomeFiles;
  readonly foresee: AppPorts["foresee"];
  readonly runTurn: AppPorts["runTurn"];
  readonly endJob: AppPorts["endJob"];
}

export const createAgentSide = async (options: AgentSideOptions): Promise<AgentSide> => {
  const { config, log, table } = options;
  const telegram = createTelegram({ token: config.telegram.token, apiRoot: config.telegram.apiRoot, log });
  const archive = createArchive(table);
  const jobs = createJobs(table);
  const timers = timersOf(config);
  const home = (): Promise<Home> => homes.seed();
  const [skillsSide, memory] = await Promise.all([
    createSkillsSide({ ...options, home }),
    createMemory({ ...options, home }),
  ]);
  const tools = [
    ...[createTodo(), createClarify(), createSessionSearch(archive), createWebExtract(web)],
    ...(timers === undefined
      ? []
      : [createCronjob({ ...options, jobs, timers, keys: config.sessions.keys, delivery: config.telegram })]),
    ...(skillsSide?.tools ?? []),
  ];
  const homes = createHomeFiles({
    source: options.homeSource,
    target: config.home,
    log,
    builtInTools: [...tools, ...memory.tools].map((tool) => tool.name),
  });
  const ledger = createLedgerAhead(createLedger(table, options.clock), options.clock);
  const ports = {
    ...options,
    ...{ telegram, archive, tools, jobs },
    ...(timers === undefined ? {} : { timers }),
    ...(skillsSide === undefined ? {} : { skills: skillsSide.skills }),
    ...(skillsSide?.skillSync === undefined ? {} : { skillSync: skillsSide.skillSync }),
    memories: [memory],
    forgettings: createForgettings(table),
    pauses: createServicePauses(options.clock),
    budget: createChatBudget(options.clock),
    failures: createFailures(table),
    notices: createNotices(table),
    ledger,
    models: createModels(options, telegram),
  };
  const trace = createTrace(log);
  return {
    async endJob(job) {
      const { endJob } = await import("./agent/end-job.ts");
      await endJob({ ports }, ownerOf(job, config.sessions.keys), job.id, REVOKED);
    },
    homes,
    foresee: (session) => ledger.begin(session),
    runTurn: ({ turn, claims, ...invocation }) =>
      trace(correlationOf(turn), () =>
        runTurn({ ...ports, claims } satisfies AgentPorts, settingsOf(config), invocation),
      ),
  };
};

/** Comes with the first page that is read. */
const web: Web = {
  fetch: async (url, signal) => (await import("./adapters/web.ts")).createWeb().fetch(url, signal),
};

const REVOKED = "its owner may no longer speak to this bot";

/** The ARN of the function itself, from what the deployment knows: name and region, and the account of the role. */
const timersOf = ({ scheduler, functionName, region }: Config) => {
  if (scheduler === undefined || functionName === undefined || region === undefined) return undefined;
  const [, partition, , , account] = scheduler.roleArn.split(":");
  const functionArn = `arn:${partition}:lambda:${region}:${account}:function:${functionName}`;
  return createScheduler({ ...scheduler, functionArn, region });
};

const settingsOf = (config: Config): AgentSettings => ({
  ...(config.timezone === undefined ? {} : { timezone: config.timezone }),
  buttonSecret: config.telegram.webhookSecret,
  access: config.telegram.access,
  homeChannel: config.telegram.homeChannel,
  ...config.sessions.keys,
});

/** Models by name share their provider's endpoint and key; each keeps its connection for the life of the process. */
const createModels = ({ config, log }: AgentSideOptions, telegram: Telegram): Models => {
  const open = (model: ModelConfig): Model =>
    createModel({
      ...model,
      ...(config.region === undefined ? {} : { region: config.region }),
      loadPhoto: (fileId, signal) => telegram.download(fileId, signal),
      log,
    });
  const byName = new Map<string, Model>();
  const primary = (name = config.model.model): Model => {
    const known = byName.get(name) ?? open({ ...config.model, model: name });
    byName.set(name, known);
    return known;
  };
  primary();
  return {
    primary,
    ...(config.fallbackModel === undefined ? {} : { fallback: open(config.fallbackModel) }),
  };
};
