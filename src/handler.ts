// The Lambda entry, and the only reader of process.env: configuration, adapters, app. Made once a process; a
// configuration that is wrong refuses to start, naming every variable that is.

import { systemClock } from "./adapters/clock.ts";
import { createDoorbell, openLambda } from "./adapters/doorbell.ts";
import { createClaims } from "./adapters/dynamodb/claims.ts";
import { createInbox } from "./adapters/dynamodb/inbox.ts";
import { createNotices } from "./adapters/dynamodb/notices.ts";
import { createSessions } from "./adapters/dynamodb/sessions.ts";
import { openTable } from "./adapters/dynamodb/table.ts";
import { readsImages } from "./adapters/model/reads-images.ts";
import { createTelemetry } from "./adapters/telemetry.ts";
import type { AgentSide } from "./agent-side.ts";
import { createApp } from "./app.ts";
import { parseConfig } from "./config.ts";

const config = parseConfig(process.env);
const { log, ...telemetry } = createTelemetry();
for (const warning of config.warnings) log.warn(warning);

const clock = systemClock;
const table = openTable({ name: config.sessions.table });
const inbox = createInbox(table);
// Without a name of our own there is nobody to wake: then the configuration says `inline`, and only jobs ring.
const doorbell = createDoorbell({ functionName: config.functionName ?? "hermes", client: openLambda() });

let loaded: Promise<AgentSide> | undefined;
const agentSide = (): Promise<AgentSide> => {
  loaded ??= import("./agent-side.ts").then(({ createAgentSide }) =>
    createAgentSide({
      config,
      log,
      clock,
      inbox,
      doorbell,
      table,
      homeSource: new URL("../home/", import.meta.url),
    }),
  );
  return loaded;
};

export const handler = createApp(
  {
    log,
    telemetry,
    clock,
    sessions: createSessions(table, clock),
    inbox,
    claims: createClaims(table),
    notices: createNotices(table),
    doorbell,
    homes: { seed: async () => (await agentSide()).homes.seed() },
    endJob: async (job) => (await agentSide()).endJob(job),
    // Loaded by now: the home is seeded before a lease is taken.
    foresee: (session) => void loaded?.then((side) => side.foresee(session)),
    runTurn: async (work) => (await agentSide()).runTurn(work),
  },
  { ...config, readsImages: readsImages(config.model) },
);
