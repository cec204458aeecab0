// Lambda's Runtime API over loopback, and the execution environments behind it: the packaged artifact runs in fresh
// processes, one event at a time each, as on Lambda. Used by the replay tests and the benchmark.

import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { listen, readBody } from "./http.ts";

export interface FunctionOptions {
  /** The unpacked artifact. */
  readonly directory: string;
  /** `src/handler.handler`, as in serverless.yml. */
  readonly handler: string;
  readonly env: Readonly<Record<string, string>>;
  /** Arguments for node, before the bootstrap (`--import` of a module that shifts the clock). */
  readonly nodeArguments?: readonly string[];
  readonly timeoutMs?: number;
  /** What the function writes to stdout and stderr, line by line. */
  readonly onLog?: (line: string) => void;
  /** Told of each process before it starts; the variables it returns win over all others. */
  readonly onEnvironment?: (environment: EnvironmentHandle) => Readonly<Record<string, string>>;
  /** The clock that says when an invocation ends, for functions whose own is shifted; the machine's when left out. */
  readonly now?: () => number;
}

/** One process, for tests that break it on purpose. */
export interface EnvironmentHandle {
  /** From 1, in the order of their starts. */
  readonly number: number;
  /** Host and port of its Runtime API. */
  readonly runtimeApi: string;
  /** SIGKILL, or SIGSTOP and SIGCONT. */
  signal(name: NodeJS.Signals): void;
}

/** What an invocation came to. */
export type Outcome =
  | { readonly kind: "result"; readonly result: unknown }
  | { readonly kind: "error"; readonly errorType: string; readonly errorMessage: string };

export interface LambdaFunction {
  /** Runs in an idle environment, or in a new one: a cold start. */
  invoke(event: unknown, options?: { readonly requestId?: string }): Promise<Outcome>;
  /** Ends every environment between events: the next one starts cold. */
  recycle(): Promise<void>;
  /** SIGKILL to every environment, whatever it is doing. */
  kill(): void;
  /** What the environments have used so far; Linux alone tells. */
  usage(): readonly Usage[];
  close(): Promise<void>;
}

/** Of one environment since it started. */
export interface Usage {
  readonly peakMemoryBytes: number;
  readonly cpuMs: number;
}

interface Work {
  readonly requestId: string;
  readonly event: unknown;
  readonly deadlineMs: number;
  settle(outcome: Outcome): void;
}

/** One process: asks for an event, gets one, reports, asks again. */
interface Environment {
  readonly process: ChildProcess;
  readonly server: Server;
  /** Its unanswered request for the next event: it is idle. */
  idle?: ServerResponse;
  work?: Work;
}

/** As in serverless.yml. */
const DEFAULT_TIMEOUT_MS = 900_000;

export const startFunction = (options: FunctionOptions): LambdaFunction => {
  const environments = new Set<Environment>();
  const { now = Date.now, timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  let started = 0;
  return {
    async invoke(event, { requestId = randomUUID() } = {}) {
      // One that has reported and not yet asked again is free too: it gets the event when it asks.
      const free = [...environments].find((one) => one.work === undefined);
      started += free === undefined ? 1 : 0;
      const environment = free ?? (await startEnvironment(options, environments, started));
      const deadlineMs = now() + timeoutMs;
      return new Promise((settle) => {
        give(environment, { requestId, event, deadlineMs, settle });
        environments.add(environment);
      });
    },
    async recycle() {
      const idle = [...environments].filter((one) => one.work === undefined);
      await Promise.all(idle.map((one) => end(one, environments)));
    },
    kill() {
      for (const one of environments) {
        environments.delete(one);
        one.process.kill("SIGKILL");
      }
    },
    usage: () => [...environments].map(({ process }) => usageOf(process)),
    async close() {
      await Promise.all([...environments].map((one) => end(one, environments)));
    },
  };
};

const give = (environment: Environment, work: Work): void => {
  environment.work = work;
  const { idle } = environment;
  if (idle === undefined) return;
  delete environment.idle;
  idle.writeHead(200, {
    "Content-Type": "application/json",
    "Lambda-Runtime-Aws-Request-Id": work.requestId,
    "Lambda-Runtime-Deadline-Ms": String(work.deadlineMs),
    "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:000000000000:function:hermes",
    "Lambda-Runtime-Trace-Id": "Root=1-5759e988-bd862e3fe1be46a994272793;Sampled=0",
  });
  idle.end(JSON.stringify(work.event));
};

/** Not among the others until it has its first event. */
const startEnvironment = async (
  options: FunctionOptions,
  environments: Set<Environment>,
  number: number,
): Promise<Environment> => {
  const server = createServer();
  const { host: runtimeApi } = new URL(await listen(server));
  const signal = (name: NodeJS.Signals) => {
    // One that is dying gets no event any more.
    if (name === "SIGKILL") environments.delete(environment);
    environment.process.kill(name);
  };
  const variables = options.onEnvironment?.({ number, runtimeApi, signal });
  const environment: Environment = { server, process: spawnRuntime(options, runtimeApi, variables) };
  server.on("request", (request, response) => {
    answer(environment, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  environment.process.once("exit", (code, signal) => {
    environments.delete(environment);
    server.close();
    environment.work?.settle({
      kind: "error",
      errorType: "Runtime.ExitError",
      errorMessage: `the runtime exited with ${signal ?? `status ${code}`}`,
    });
  });
  return environment;
};

const spawnRuntime = (
  options: FunctionOptions,
  runtimeApi: string,
  variables: Readonly<Record<string, string>> = {},
): ChildProcess => {
  const bootstrap = fileURLToPath(new URL("./runtime-bootstrap.mjs", import.meta.url));
  const [path, name] = [options.handler.replace(/\.[^.]+$/, ""), options.handler.split(".").at(-1)];
  const child = spawn(
    process.execPath,
    [...(options.nodeArguments ?? []), bootstrap, `${options.directory}/${path}.js`, name ?? "handler"],
    {
      cwd: options.directory,
      env: {
        PATH: process.env["PATH"],
        AWS_LAMBDA_RUNTIME_API: runtimeApi,
        AWS_LAMBDA_FUNCTION_NAME: "hermes",
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
        LAMBDA_TASK_ROOT: options.directory,
        ...options.env,
        ...variables,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      for (const line of text.split("\n")) if (line !== "") options.onLog?.(line);
    });
  }
  return child;
};

const answer = async (environment: Environment, request: IncomingMessage, response: ServerResponse) => {
  const path = (request.url ?? "").replace("/2018-06-01/runtime/", "");
  if (path === "invocation/next") {
    environment.idle = response;
    if (environment.work !== undefined) give(environment, environment.work);
    return;
  }
  const body: unknown = JSON.parse((await readBody(request)).toString("utf8"));
  response.writeHead(202).end();
  const { work } = environment;
  if (!path.startsWith("init/")) delete environment.work;
  work?.settle(path.endsWith("/response") ? { kind: "result", result: body } : failureOf(body));
};

const failureOf = (body: unknown): Outcome => {
  const { errorType, errorMessage } = body as { errorType: string; errorMessage: string };
  return { kind: "error", errorType, errorMessage };
};

const end = async (environment: Environment, environments: Set<Environment>): Promise<void> => {
  environments.delete(environment);
  const exited = new Promise((resolve) => environment.process.once("exit", resolve));
  environment.process.kill("SIGKILL");
  if (environment.process.exitCode === null && environment.process.signalCode === null) await exited;
};

/** USER_HZ of Linux: /proc counts CPU time in hundredths of a second. */
const TICK_MS = 10;

const usageOf = ({ pid }: ChildProcess): Usage => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  // The command's name in brackets may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return {
    peakMemoryBytes: Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1_024,
    cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS,
  };
};
