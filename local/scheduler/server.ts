// Amazon EventBridge Scheduler on loopback, for the AWS SDK's client: the schedules are kept, and really fire.
// The wire is REST-JSON, as in the SDK's schemas (@aws-sdk/client-scheduler, schemas_0). Called by the local runs and tests.

import type { ConnectionFault } from "../http.ts";
import { type Call, startRestJson } from "../rest-json/server.ts";
import { systemTimers, type Timers } from "../timers.ts";
import { createFiring, type Deliver, type Delivery } from "./firing.ts";
import {
  addGroup,
  DEFAULT_GROUP,
  OPERATIONS,
  type OperationName,
  type PastOneTime,
  type World,
} from "./operations.ts";
import { createReplays } from "./replays.ts";
import type { Schedule } from "./shapes.ts";
import { openStore } from "./store.ts";

export type SchedulerFault = ConnectionFault | "throttle" | "error";

export interface SchedulerOptions {
  /** Hands an event to the target; a throw is a delivery that failed, and is retried as the RetryPolicy says. */
  readonly invoke: Deliver;
  readonly timers?: Timers;
  /** Groups there are from the beginning, beside `default`. */
  readonly groups?: readonly string[];
  /** Roles that may be assumed; left out = any. */
  readonly roles?: readonly string[];
  /** What becomes of an at() that is past when it is created; it fires at once when left out. */
  readonly pastOneTime?: PastOneTime;
  /** Keeps schedules and groups from one run to the next. */
  readonly stateFile?: string;
  /** Nothing fires before `hold(false)`. */
  readonly isHeld?: boolean;
  /** Every call that got an answer. */
  readonly onCall?: (call: SchedulerCall) => void;
  readonly onDelivery?: (delivery: Delivery) => void;
}

export type SchedulerCall = Call<OperationName>;

export interface SchedulerStandIn {
  /** For AWS_ENDPOINT_URL_SCHEDULER. */
  readonly endpoint: string;
  /** Scripts the next `times` calls, of any operation or of one. */
  fail(
    fault: SchedulerFault,
    options?: { readonly operation?: OperationName; readonly times?: number },
  ): void;
  /** What is stored, in the order of creation. */
  schedules(): readonly Schedule[];
  /** When the next enabled schedule fires. */
  nextDue(): number | undefined;
  /** The next run is delivered this many times: delivery is "at least once". */
  repeatNext(times: number): void;
  /** Stops (true) or goes on (false) with firing. */
  hold(isHeld: boolean): void;
  close(): Promise<void>;
}

export const startScheduler = async (options: SchedulerOptions): Promise<SchedulerStandIn> => {
  const { timers = systemTimers, invoke, onDelivery, roles, pastOneTime = "fires" } = options;
  const now = () => timers.now();
  const store = openStore(options.stateFile, now());
  for (const name of [DEFAULT_GROUP, ...(options.groups ?? [])]) {
    if (!store.groups.has(name)) addGroup({ store, now }, name);
  }
  const firing = createFiring({ store, timers, invoke, ...(onDelivery && { onDelivery }) });
  firing.hold(options.isHeld ?? false);
  const world: World = {
    store,
    replays: createReplays(now),
    now,
    pastOneTime,
    changed: firing.changed,
    ...(roles && { roles }),
  };
  const server = await serve(world, options.onCall);
  return {
    ...server,
    schedules: () => [...store.schedules.values()].map(({ schedule }) => schedule),
    nextDue: firing.nextDue,
    repeatNext: firing.repeatNext,
    hold: firing.hold,
    close() {
      firing.stop();
      return server.close();
    },
  };
};

const serve = (world: World, onCall: SchedulerOptions["onCall"]) =>
  startRestJson({
    signedFor: "scheduler",
    routes: OPERATIONS,
    run: (operation, input) => OPERATIONS[operation].run(world, input),
    refusals: {
      throttle: ["ThrottlingException", "Rate exceeded"],
      error: ["InternalServerException", "Internal server error"],
    },
    errorBody: ({ message: Message }) => ({ Message }), // as in the service's model
    onCall,
  });
