// Lambda's execution environments side by side, each a process of its own that can be killed, frozen and thawed, and
// whose wall clock may be wrong. As many as allowed: an event that finds none free waits for one.

import {
  type EnvironmentHandle,
  type LambdaFunction,
  type Outcome,
  startFunction,
} from "../../local/runtime-api.ts";
import type { WorldClock } from "./world-clock.ts";

/** One event being worked on. */
export interface Run {
  readonly event: unknown;
  readonly requestId: string;
  /** From 1, in the order in which the containers were made. */
  readonly container: number;
  /** SIGKILL. */
  kill(): void;
  /** SIGSTOP: the process does not run, but its clocks go on. */
  freeze(): void;
  /** SIGCONT. */
  thaw(): void;
}

export interface Containers {
  invoke(event: unknown, requestId: string): Promise<Outcome>;
  running(): readonly Run[];
  /** Processes that ended while they worked. */
  deaths(): number;
  close(): Promise<void>;
}

export interface ContainersOptions {
  readonly directory: string;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: WorldClock;
  readonly limit: number;
  /** How far the wall clock of the n-th container (from 1) is ahead. */
  readonly skewMs?: (container: number) => number;
  /** How long an invocation may last; 900 s as deployed. */
  readonly timeoutMs?: number;
  readonly onLog?: (line: string) => void;
  /** An event has found its container. */
  readonly onRun?: (run: Run) => void;
}

interface Container {
  readonly number: number;
  readonly lambda: LambdaFunction;
  /** Its process, from the first event on. */
  process: EnvironmentHandle | undefined;
}

export const createContainers = (options: ContainersOptions): Containers => {
  const all: Container[] = [];
  const free: Container[] = [];
  const waiting: ((container: Container) => void)[] = [];
  const runs = new Set<Run>();
  let deaths = 0;
  const obtain = async (): Promise<Container> => {
    const idle = free.pop();
    if (idle !== undefined) return idle;
    if (all.length >= options.limit) return new Promise((resolve) => waiting.push(resolve));
    const made = makeContainer(all.length + 1, options);
    all.push(made);
    return made;
  };
  const giveBack = (container: Container) => {
    const next = waiting.shift();
    if (next === undefined) free.push(container);
    else next(container);
  };
  return {
    async invoke(event, requestId) {
      const container = await obtain();
      const run: Run = { event, requestId, container: container.number, ...signalsTo(container) };
      runs.add(run);
      options.onRun?.(run);
      const outcome = await container.lambda.invoke(event, { requestId });
      if (outcome.kind === "error" && outcome.errorType === "Runtime.ExitError") deaths += 1;
      runs.delete(run);
      giveBack(container);
      return outcome;
    },
    running: () => [...runs],
    deaths: () => deaths,
    close: async () => {
      await Promise.all(all.map(({ lambda }) => lambda.close()));
    },
  };
};

const signalsTo = (container: Container) => {
  const send = (signal: NodeJS.Signals) => {
    if (container.process === undefined) throw new Error("the container has not started yet");
    container.process.signal(signal);
  };
  return {
    kill: () => container.lambda.kill(),
    freeze: () => send("SIGSTOP"),
    thaw: () => send("SIGCONT"),
  };
};

const makeContainer = (number: number, options: ContainersOptions): Container => {
  const { directory, env, clock, skewMs = () => 0, timeoutMs = 900_000 } = options;
  const container: Partial<Mutable<Container>> = { number, process: undefined };
  const skew = skewMs(number);
  const lambda = startFunction({
    directory,
    handler: "src/handler.handler",
    env,
    nodeArguments: [clock.preload(skew)],
    timeoutMs,
    // The deadline is a moment by the container's own clock, as on Lambda.
    now: () => clock.now() + skew,
    onEnvironment(environment) {
      container.process = environment;
      return {};
    },
    ...(options.onLog === undefined ? {} : { onLog: options.onLog }),
  });
  return Object.assign(container, { lambda }) as Container;
};

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
