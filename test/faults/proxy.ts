// Stands between the function's processes and everything outside of them: sees every call in order, and at one of them
// kills the process that makes it, loses the answer, or holds the call. Used by world.ts.

import {
  type ClientRequest,
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import { answering, close, listen, readBody } from "../../local/http.ts";
import type { EnvironmentHandle } from "../../local/runtime-api.ts";
import { type Call, nameOf, SERVICES, type Service } from "./calls.ts";

/**
 * - `kill-before`: SIGKILL before the call reaches anybody
 * - `kill-after`: the call takes effect, then SIGKILL, and its answer reaches nobody
 * - `lose-answer`: the call takes effect, its answer is lost, the process lives on
 */
export type Fault = "kill-before" | "kill-after" | "lose-answer";

/** What happens to a call. A promise holds it until it resolves. */
export interface Watcher {
  before(call: Call): Fault | undefined | Promise<Fault | undefined>;
  /** It has taken effect; its answer has not been passed back yet. */
  after(call: Call): void | Promise<void>;
  /** The fault has happened, to its end. */
  over(call: Call): void;
}

export interface CallProxy {
  /** Variables of a process that lead its calls through here. */
  variablesOf(environment: EnvironmentHandle): Record<string, string>;
  watch(watcher: Watcher): void;
  kill(environment: number): void;
  signal(environment: number, name: NodeJS.Signals): void;
  close(): Promise<void>;
}

export type Upstreams = Readonly<Record<Exclude<Service, "runtime">, string>>;

const NOBODY: Watcher = { before: () => undefined, after: () => undefined, over: () => undefined };

interface State {
  readonly upstreams: Upstreams;
  readonly now: () => number;
  readonly environments: Map<number, EnvironmentHandle>;
  watcher: Watcher;
  calls: number;
}

/** `now`: the time everybody outside says it is, in ms. A service whose `date` is another than a client's has its errors retried. */
export const startProxy = async (upstreams: Upstreams, now: () => number): Promise<CallProxy> => {
  const state: State = { upstreams, now, environments: new Map(), watcher: NOBODY, calls: 0 };
  const server = createServer(answering((request, response) => serve(state, request, response)));
  const url = await listen(server);
  return {
    variablesOf: (environment) => {
      state.environments.set(environment.number, environment);
      const own = `${url}/${environment.number}`;
      return {
        AWS_LAMBDA_RUNTIME_API: `${own.replace("http://", "")}/runtime`,
        AWS_ENDPOINT_URL_DYNAMODB: `${own}/dynamodb`,
        AWS_ENDPOINT_URL_LAMBDA: `${own}/lambda`,
        AWS_ENDPOINT_URL_SCHEDULER: `${own}/scheduler`,
        AWS_ENDPOINT_URL_S3: `${own}/s3`,
        AWS_ENDPOINT_URL_BEDROCK_AGENTCORE: `${own}/agentcore`,
        AWS_ENDPOINT_URL_BEDROCK_AGENT: `${own}/knowledgeBase`,
        AWS_ENDPOINT_URL_BEDROCK_AGENT_RUNTIME: `${own}/knowledgeBase`,
        TELEGRAM_API_ROOT: `${own}/telegram`,
        DEEPSEEK_BASE_URL: `${own}/model`,
        FAULTS_TOOLS: `${own}/tool`,
      };
    },
    watch: (watcher) => {
      state.watcher = watcher;
    },
    kill: (environment) => kill(state, environment),
    signal: (environment, name) => state.environments.get(environment)?.signal(name),
    close: () => close(server),
  };
};

const kill = ({ environments }: State, environment: number): void => {
  environments.get(environment)?.signal("SIGKILL");
  environments.delete(environment);
};

const ADDRESS = new RegExp(`^/(\\d+)/(${SERVICES.join("|")})(/.*)?$`);

const serve = async (state: State, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const [, number, service, path] = ADDRESS.exec(request.url ?? "") ?? [];
  const environment = state.environments.get(Number(number));
  if (environment === undefined || service === undefined) return void response.destroy();
  const route: Route = { state, environment, service: service as Service, path: path ?? "/" };
  const body = await readBody(request);
  // It was killed while its request came in: what is dead asks for nothing.
  if (!state.environments.has(environment.number)) return void response.destroy();
  // Waiting for work is no call of the function's.
  if (path?.endsWith("/invocation/next")) return pass(route, request, response, body);
  state.calls += 1;
  // REST says by its method what the others say by a header.
  const target = String(request.headers["x-amz-target"] ?? request.method);
  const text = body.toString();
  const call: Call = {
    order: state.calls,
    environment: environment.number,
    service: route.service,
    name: nameOf(route.service, route.path, target, text),
    body: text,
  };
  const { watcher } = state;
  const fault = await watcher.before(call);
  if (fault === undefined) return pass(route, request, response, body, () => watcher.after(call));
  if (fault === "kill-before") kill(state, environment.number);
  else await takeEffect(route, request, body, fault, () => watcher.after(call));
  if (fault === "kill-after") kill(state, environment.number);
  if (isReport(route) && fault === "lose-answer") response.writeHead(202).end();
  else response.destroy();
  watcher.over(call);
};

/** What became of an invocation: an HTTP answer, or the end of an event. */
const isReport = ({ service, path }: Route): boolean => service === "runtime" && path.endsWith("/response");

interface Route {
  readonly state: State;
  readonly environment: EnvironmentHandle;
  readonly service: Service;
  readonly path: string;
}

/** The stand-in behind the proxy gets the request as it is, on the path it knows. */
const open = ({ state, environment, service, path }: Route, request: IncomingMessage): ClientRequest => {
  const upstream = service === "runtime" ? `http://${environment.runtimeApi}` : state.upstreams[service];
  const { host: _, "content-length": __, ...headers } = request.headers;
  return forward(new URL(path, upstream), { method: request.method ?? "GET", headers });
};

/** Upstream first, and only then, when the effect is noted, back. */
const pass = (
  route: Route,
  request: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
  onEffect: () => void | Promise<void> = () => undefined,
): Promise<void> =>
  new Promise((resolve) => {
    const upstream = open(route, request);
    upstream.on("response", async (answer) => {
      await onEffect();
      const date = new Date(route.state.now()).toUTCString();
      response.writeHead(answer.statusCode ?? 502, { ...answer.headers, date });
      answer.pipe(response);
      answer.on("error", () => response.destroy());
      answer.on("close", resolve);
    });
    upstream.on("error", () => {
      response.destroy();
      resolve();
    });
    // Whoever asked has left: the model stops talking, an environment's wait is over.
    response.on("close", () => {
      if (!response.writableFinished && route.service !== "dynamodb") upstream.destroy();
    });
    upstream.end(body);
  });

/** The whole of it happens, and nobody is told. What is lost of a report is the report: the platform sees a failure. */
const takeEffect = (
  route: Route,
  request: IncomingMessage,
  body: Buffer,
  fault: Fault,
  onEffect: () => void | Promise<void>,
): Promise<void> =>
  new Promise((resolve) => {
    const isLost = fault === "lose-answer" && isReport(route);
    const path = isLost ? route.path.replace(/response$/, "error") : route.path;
    const upstream = open({ ...route, path }, request);
    upstream.on("response", (answer) => {
      answer.resume();
      answer.on("close", async () => {
        await onEffect();
        resolve();
      });
    });
    upstream.on("error", () => resolve());
    upstream.end(isLost ? LOST_REPORT : body);
  });

const LOST_REPORT = JSON.stringify({ errorType: "Lost", errorMessage: "the report was lost on its way" });
