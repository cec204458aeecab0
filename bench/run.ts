// `npm run bench`: what the packaged artifact costs, each figure beside its floor, measured in one run on this machine.

import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { packageArtifact } from "../local/artifact.ts";
import { startFunction } from "../local/runtime-api.ts";
import { stamped } from "../local/stamp.ts";
import { type BenchStack, startBenchStack } from "./bench-stack.ts";
import { median, recorded } from "./events.ts";
import { measureLoad } from "./load.ts";
import { measureLongChat } from "./long-chat.ts";
import { measurePromptTokens, promptTable } from "./prompt-tokens.ts";
import { type Exchange, roundTrips } from "./recorder.ts";
import { measureSkills, skillsTable } from "./skills.ts";

const COLD_STARTS = 9;

/** Long against everything the function computes, so that what waits for a request shows as one delay. */
const DELAY_MS = 150;

const root = fileURLToPath(new URL("..", import.meta.url));

/** A floor handler, bundled as the artifact is. */
const bundleFloor = async (folder: string, name: "webhook" | "turn"): Promise<string> => {
  const directory = join(folder, `floor-${name}`);
  mkdirSync(join(directory, "src"), { recursive: true });
  writeFileSync(join(directory, "src", "package.json"), '{ "type": "module" }');
  await build({
    entryPoints: [join(root, "bench", "floor", `${name}.ts`)],
    outfile: join(directory, "src", "handler.js"),
    bundle: true,
    minify: true,
    platform: "node",
    format: "esm",
    target: "node24",
    mainFields: ["module", "main"],
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
  });
  return directory;
};

/** From the start of a fresh process to `reached`, in ms; the median of COLD_STARTS. */
const coldStart = async (
  stack: BenchStack,
  directory: string,
  payload: () => unknown,
  reached: (exchanges: readonly Exchange[], answeredMs: number) => number,
): Promise<number> => {
  const times: number[] = [];
  for (let run = 0; run < COLD_STARTS; run += 1) {
    stack.exchanges.length = 0;
    const lambda = startFunction({ directory, handler: "src/handler.handler", env: stack.env });
    const startMs = performance.now();
    const outcome = await lambda.invoke(payload());
    if (outcome.kind === "error") throw new Error(`${outcome.errorType}: ${outcome.errorMessage}`);
    times.push(reached(stack.exchanges, performance.now()) - startMs);
    await lambda.close();
  }
  return median(times);
};

const answered = (_exchanges: readonly Exchange[], answeredMs: number): number => answeredMs;
const modelAsked = (exchanges: readonly Exchange[]): number =>
  exchanges.find(({ service }) => service === "model")?.startMs ?? Number.NaN;

let updates = Date.now();
/** A message that is answered without tools: a plain turn. */
const freshWebhook = (): unknown => {
  updates += 1;
  return stamped(recorded("telegram-emoji-rtl.json"), {
    nowMs: updates,
    messageId: () => updates % 2_147_483_647,
  });
};

/** Something to do for the next turn: a webhook that leaves its wake unrung. */
const leaveMessage = async (stack: BenchStack, artifact: string): Promise<void> => {
  const lambda = startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
  await lambda.invoke(freshWebhook());
  await lambda.close();
};

const measureColdStarts = async (stack: BenchStack, artifact: string, folder: string) => {
  const floorWebhook = await bundleFloor(folder, "webhook");
  const floorTurn = await bundleFloor(folder, "turn");
  const webhook = await coldStart(stack, artifact, freshWebhook, answered);
  const webhookFloor = await coldStart(stack, floorWebhook, freshWebhook, answered);
  const turns: { readonly ms: number; readonly peakMemoryBytes?: number; readonly cpuMs?: number }[] = [];
  for (let run = 0; run < COLD_STARTS; run += 1) {
    await leaveMessage(stack, artifact);
    turns.push(await coldStartOnce(stack, artifact));
  }
  const turnFloor = await coldStart(stack, floorTurn, () => ({}), modelAsked);
  return {
    webhook,
    webhookFloor,
    turn: median(turns.map(({ ms }) => ms)),
    turnFloor,
    peakMemoryBytes: Math.max(...turns.map((turn) => turn.peakMemoryBytes ?? 0)),
    cpuMs: median(turns.map((turn) => turn.cpuMs ?? 0)),
  };
};

const coldStartOnce = async (stack: BenchStack, artifact: string) => {
  stack.exchanges.length = 0;
  const lambda = startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
  const startMs = performance.now();
  await lambda.invoke(recorded("wake.json"));
  const [usage] = lambda.usage();
  await lambda.close();
  return { ms: modelAsked(stack.exchanges) - startMs, ...usage };
};

/** Counted in a warm process, in a chat that has been spoken in, with every request slowed down. */
const countRoundTrips = async (stack: BenchStack, artifact: string) => {
  const lambda = startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
  const turn = async () => {
    await lambda.invoke(freshWebhook());
    const webhook = stack.exchanges.splice(0);
    await lambda.invoke(recorded("wake.json"));
    return { webhook, turn: stack.exchanges.splice(0) };
  };
  stack.exchanges.length = 0;
  await turn();
  stack.slowDown(DELAY_MS);
  const counted = await turn();
  stack.slowDown(0);
  await lambda.close();
  const asked = counted.turn.find(({ service }) => service === "model");
  const sent = counted.turn.find(({ operation }) => /^send(Rich)?Message$/i.test(operation));
  if (asked === undefined || sent === undefined) throw new Error("the turn asked no model or sent nothing");
  const before = counted.turn.filter(({ endMs }) => endMs <= asked.startMs);
  const answer =
    counted.turn.findLast(({ service, endMs }) => service === "model" && endMs <= sent.startMs) ?? asked;
  const toSend = counted.turn.filter(
    ({ startMs, endMs }) => startMs >= answer.endMs && endMs <= sent.startMs,
  );
  const after = counted.turn.filter(({ startMs }) => startMs >= sent.endMs);
  return {
    webhook: roundTrips(counted.webhook),
    beforeModel: roundTrips(before),
    lastTokenToSend: roundTrips(toSend),
    afterSend: roundTrips(after),
    requests: counted.turn.length,
  };
};

const row = (cells: readonly string[]): string => cells.map((cell) => cell.padEnd(16)).join("");

const named = (chain: readonly Exchange[]): string =>
  `${chain.length}  ${chain.map(({ service, operation }) => `${service}.${operation}`).join(" → ")}`;

const main = async (): Promise<void> => {
  const folder = mkdtempSync(join(tmpdir(), "hermes-bench-"));
  console.log("packaging …");
  const artifact = await packageArtifact(promisify(execFile));
  const stack = await startBenchStack(folder);
  try {
    console.log(`measuring ${COLD_STARTS} cold starts of each kind …`);
    const cold = await measureColdStarts(stack, artifact.directory, folder);
    const trips = await countRoundTrips(stack, artifact.directory);
    console.log("measuring turns in a long chat …");
    const chats = await measureLongChat(stack, artifact.directory);
    console.log("measuring with skills in the bucket …");
    const skills = await measureSkills(stack, artifact.directory);
    const prompts = await measurePromptTokens(folder, artifact.directory);
    console.log("measuring many people at once …");
    const load = await measureLoad(folder, artifact.directory);
    console.log(`
zip                                   ${(artifact.zipBytes / 1e6).toFixed(2)} MB   (target ≤ 1.5)

cold start, median, this machine      hermes      floor
  webhook: process start → 200        ${cold.webhook.toFixed(0)} ms      ${cold.webhookFloor.toFixed(0)} ms
  wake: process start → model request ${cold.turn.toFixed(0)} ms      ${cold.turnFloor.toFixed(0)} ms
  a whole cold turn: peak memory      ${(cold.peakMemoryBytes / 1e6).toFixed(0)} MB
  a whole cold turn: CPU time         ${cold.cpuMs.toFixed(0)} ms

sequential round trips, warm
  webhook → 200                       ${named(trips.webhook)}   (target 2)
  wake → model request                ${named(trips.beforeModel)}   (target ≤ 2)
  last token → send                   ${named(trips.lastTokenToSend)}   (target 1)
  after the send                      ${named(trips.afterSend)}
  requests of the whole turn          ${trips.requests}

a turn, warm, median                  ${chats.map(({ messages }) => `${messages} messages`.padEnd(16)).join("")}
  requests                            ${row(chats.map(({ requests }) => `${requests}`))}
  rows read                           ${row(chats.map(({ rows }) => `${rows}`))}
  bytes on the wire                   ${row(chats.map(({ bytes }) => `${(bytes / 1e3).toFixed(0)} kB`))}
  wake → model request                ${row(chats.map(({ ms }) => `${ms.toFixed(0)} ms`))}

wake → model request, median
${skillsTable(skills)}

${promptTable(prompts)}

${load.updates} updates of ${load.people} people at once, ${load.environments} environments
  updates per second                  ${load.updatesPerSecond.toFixed(1)}
  webhook → model request             median ${load.medianMs.toFixed(0)} ms, p95 ${load.p95Ms.toFixed(0)} ms
`);
  } finally {
    await stack.close();
    artifact.remove();
    rmSync(folder, { recursive: true, force: true });
  }
};

await main();
process.exit();
