// The pipeline, in order. Nothing else: what a step does is in the file of its name in middleware/.

import middy from "@middy/core";
import { allowlist } from "../middleware/allowlist.ts";
import { answerErrors } from "../middleware/answer-errors.ts";
import { idempotency } from "../middleware/idempotency.ts";
import { lease } from "../middleware/lease.ts";
import { correlate, observe, type Telemetry } from "../middleware/observe.ts";
import { parseTurn } from "../middleware/parse-turn.ts";
import { seedHome } from "../middleware/seed-home.ts";
import { type Answer, inOrder } from "../middleware/step.ts";
import { verifySecret } from "../middleware/verify-secret.ts";
import { wake } from "../middleware/wake.ts";
import type { Config } from "./config.ts";
import type { Home } from "./home/home.ts";
import type { Lease } from "./lease.ts";
import type { Log } from "./log.ts";
import type { Claims, Clock, Doorbell, Inbox, Notices, Sessions } from "./ports.ts";
import type { Job, SessionKey, Turn } from "./turn.ts";

export interface AppPorts {
  readonly log: Log;
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly sessions: Sessions;
  readonly inbox: Inbox;
  readonly claims: Claims;
  readonly notices: Notices;
  readonly doorbell: Doorbell;
  readonly homes: { seed(): Promise<Home> };
  /** Pauses a job whose owner may not speak any more. */
  endJob(job: Job): Promise<void>;
  /** What a turn will ask first is begun while the lease is being taken (agent/ledger-ahead.ts). */
  foresee(session: SessionKey): void;
  /** The use case (agent/run-turn.ts), loaded with the first turn. */
  runTurn(work: {
    readonly turn: Turn;
    readonly claims: Claims;
    readonly home: Home;
    readonly lease: Lease;
    readonly signal: AbortSignal;
    remainingMs(): number;
  }): Promise<void>;
}

export type AppConfig = Pick<Config, "telegram" | "dispatch"> & {
  readonly sessions: Pick<Config["sessions"], "keys">;
  readonly readsImages: boolean;
};

/** Before Lambda ends an invocation: room for the last writes. What is open then is for the retry. */
const GRACE_MS = 5_000;

export const createApp = (ports: AppPorts, config: AppConfig) =>
  middy<unknown, Answer>({ timeoutEarlyInMillis: GRACE_MS })
    .use(
      inOrder(
        answerErrors(ports.log),
        observe(ports.telemetry),
        verifySecret(config.telegram, ports.log),
        parseTurn({ ...ports, ...config, sessionKeys: config.sessions.keys }),
        correlate(ports.telemetry),
        allowlist({ ...ports, ...config }),
        idempotency(ports.inbox, ports.claims),
        wake(ports.doorbell, config.dispatch),
        seedHome(ports.homes),
        lease(ports),
      ),
    )
    .handler(async (_event, { turn, claims, home, lease, ...lambda }, { signal }) => {
      await ports.runTurn({
        turn,
        claims,
        home,
        lease,
        signal,
        remainingMs: () => lambda.getRemainingTimeInMillis() - GRACE_MS,
      });
      return { statusCode: 200, body: "" };
    });
