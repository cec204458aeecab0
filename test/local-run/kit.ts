// Runs the project's own commands as a person does, in a copy of the project with a state folder of its own.

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { copyProject, SCHEMA_CACHE } from "../../local/project-copy.ts";

export interface Finished {
  /** Exit status, or the signal that ended it. */
  readonly status: number | NodeJS.Signals | null;
  /** What was written to stdout and stderr, in the order it was written. */
  readonly output: string;
  /** Processes of the command that are still there. */
  readonly left: readonly string[];
}

export interface Running {
  readonly finished: Promise<Finished>;
  /** As from the keyboard: to all of the command's processes. */
  signal(signal: NodeJS.Signals): void;
}

export interface CommandOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** What stdin holds; it ends there. */
  readonly input?: string;
}

export interface Project {
  readonly directory: string;
  /** A folder for HERMES_LOCAL_STATE. */
  state(): string;
  start(command: readonly string[], options?: CommandOptions): Running;
  run(command: readonly string[], options?: CommandOptions): Promise<Finished>;
  /** `serverless invoke local` of a recorded event. */
  invokeLocal(event: string, env: Readonly<Record<string, string>>): Promise<Finished>;
}

/** Runs a command of the project with the node that runs the tests. */
export const NODE = process.execPath;
export const SERVERLESS = [NODE, "node_modules/serverless/bin/serverless.js"] as const;
export const TERMINAL = [NODE, "local/run.cjs", "./terminal.ts"] as const;

export const invokeLocal = (event: string) =>
  [...SERVERLESS, "invoke", "local", "-f", "hermes", "-p", `events/${event}.json`] as const;

const folders: string[] = [];
const children: ChildProcess[] = [];

// At the end of the file: of tests that run side by side, vitest's onTestFinished takes any for the current one.
afterAll(() => {
  for (const child of children) endAll(child);
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder that is gone after the tests. */
export const temporary = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "hermes-local-"));
  folders.push(folder);
  return folder;
};

export const openProject = (files: Readonly<Record<string, string>> = {}): Project => {
  const folder = temporary();
  const directory = join(folder, "project");
  copyProject(directory);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(directory, name), text);
  let states = 0;
  const start = (command: readonly string[], options?: CommandOptions): Running =>
    startCommand(directory, folder, command, options);
  return {
    directory,
    state() {
      states += 1;
      return join(folder, `state-${states}`);
    },
    start,
    run: (command, options) => inTurn(() => start(command, options).finished),
    invokeLocal: (event, env) => inTurn(() => start(invokeLocal(event), { env }).finished),
  };
};

/** As many commands at once as use a small machine well; more would only wait for each other inside their time-outs. */
const AT_ONCE = 2;
const waiting: (() => void)[] = [];
let running = 0;

const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
  if (running >= AT_ONCE) await new Promise<void>((begin) => waiting.push(begin));
  else running += 1;
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }
};

let outputs = 0;

const startCommand = (
  directory: string,
  folder: string,
  [file = "", ...args]: readonly string[],
  { env = {}, input = "" }: CommandOptions = {},
): Running => {
  outputs += 1;
  const outputFile = join(folder, `output-${outputs}`);
  const output = openSync(outputFile, "a");
  const child = spawn(file, args, {
    cwd: directory,
    // Nothing of the machine's own: a person's key must not reach a test.
    env: { PATH: process.env["PATH"], HOME: folder, SLS_SCHEMA_CACHE_BASE_DIR: SCHEMA_CACHE, ...env },
    // One file for both, so that what is said and what is returned stay in order.
    stdio: ["pipe", output, output],
    detached: true,
  });
  closeSync(output);
  child.stdin?.on("error", () => undefined).end(input);
  const group = child.pid ?? 0;
  const finished = new Promise<Finished>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      leftOver(group)
        .then((left) => resolve({ status: code ?? signal, output: readFileSync(outputFile, "utf8"), left }))
        .catch(reject);
    });
  });
  children.push(child);
  return { finished, signal: (signal) => void process.kill(-group, signal) };
};

/** The command and whatever it started. */
const endAll = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid !== undefined && exitCode === null && signalCode === null) process.kill(-pid, "SIGKILL");
};

/** Children may end a moment after their parent (esbuild's service notices that its stdin closed). */
const GRACE_MS = 2_000;

const leftOver = async (group: number): Promise<readonly string[]> => {
  for (const until = Date.now() + GRACE_MS; ; ) {
    const living = processesOf(group);
    if (living.length === 0 || Date.now() > until) return living;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const processesOf = (group: number): readonly string[] => {
  try {
    process.kill(-group, 0);
  } catch {
    return []; // nobody of this group is there
  }
  if (process.platform !== "linux") return [`a process of group ${group}`];
  return readdirSync("/proc").flatMap((pid) => (/^\d+$/.test(pid) ? memberOf(group, pid) : []));
};

/** proc(5), stat: pid (name) state ppid pgrp; a zombie is no process any more, only not yet collected. */
const memberOf = (group: number, pid: string): readonly string[] => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [state, , pgrp] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return state !== "Z" && Number(pgrp) === group ? [`${pid} ${stat}`] : [];
  } catch {
    return []; // ended while it was looked at
  }
};

/** The environment in which a run may reach loopback only; `attempts()` is what it tried beside that. */
export const onlyLoopback = () => {
  const file = join(temporary(), "attempts");
  writeFileSync(file, "");
  const guard = new URL("./only-loopback.mjs", import.meta.url).href;
  return {
    env: { NODE_OPTIONS: `--import ${guard}`, ATTEMPTS_FILE: file },
    attempts: () => readFileSync(file, "utf8"),
  };
};

/** What `invoke local` returned: the JSON at the end of its output. */
export const answerIn = (output: string): unknown => JSON.parse(output.slice(output.lastIndexOf("\n{\n")));

/** Asserts nothing itself: the words in the order they were said, without what stands between them. */
export const inOrderOf = (output: string, words: readonly string[]): readonly string[] => {
  const found = words.map((word) => ({ word, at: output.indexOf(word) })).filter(({ at }) => at >= 0);
  return found.sort((a, b) => a.at - b.at).map(({ word }) => word);
};
