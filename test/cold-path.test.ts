// What a cold start loads, by the bundle that is deployed: a webhook what it needs to answer 200, a plain turn what comes before its
// model request. Everything else comes with the first that asks for it.

import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { beforeAll, describe, expect, it } from "vitest";
import { packagingOptions } from "./support/packaging.ts";

const PROJECT = join(import.meta.dirname, "..");

type Outputs = Metafile["outputs"];

/** The chunk that begins with this source, and all it imports statically: what is loaded with it. */
const loadedWith = (outputs: Outputs, source: string): readonly Outputs[string][] => {
  const entry = Object.keys(outputs).find((path) => outputs[path]?.entryPoint === source) ?? "";
  const seen = new Set([entry]);
  for (const path of seen)
    for (const { kind, path: next } of outputs[path]?.imports ?? [])
      if (kind === "import-statement" && next in outputs) seen.add(next);
  return [...seen].flatMap((path) => outputs[path] ?? []);
};

const sourcesOf = (chunks: readonly Outputs[string][]): readonly string[] =>
  chunks.flatMap(({ inputs }) => Object.keys(inputs));

const nodeModulesOf = (chunks: readonly Outputs[string][]): readonly string[] =>
  chunks.flatMap(({ imports }) => imports.filter(({ external }) => external).map(({ path }) => path));

let outputs: Outputs = {};
let inputs: Metafile["inputs"] = {};
beforeAll(async () => {
  const { metafile } = await build({
    ...packagingOptions(),
    absWorkingDir: PROJECT,
    entryPoints: ["src/handler.ts"],
    outdir: join(PROJECT, "nowhere"),
    write: false,
    metafile: true,
    logLevel: "error",
  });
  ({ outputs, inputs } = metafile);
});

describe("the cold path", () => {
  it("of a webhook has nothing of the agent, of skills, of memory or of jobs", () => {
    const sources = sourcesOf(loadedWith(outputs, "src/handler.ts"));
    expect(sources).toContain("src/handler.ts");
    expect(
      sources.filter((file) => /^src\/(agent|home|jobs|memory|skills|tools|usage)\//.test(file)),
    ).toEqual([]);
  });

  it("of a webhook has no HTTP/2, which no client of ours speaks and Node needs milliseconds to load", () => {
    expect(nodeModulesOf(loadedWith(outputs, "src/handler.ts"))).toContain("node:https");
    expect(nodeModulesOf(loadedWith(outputs, "src/handler.ts"))).not.toContain("node:http2");
  });

  it("has no module of the SDK wrapped into a function, as where a CommonJS package requires its ES build", () => {
    const required = Object.values(inputs).flatMap((input) =>
      input.imports.filter(({ kind, path }) => kind === "require-call" && inputs[path]?.format === "esm"),
    );
    expect(required.map(({ path }) => path).filter((path) => /@(aws-sdk|smithy)\//.test(path))).toEqual([]);
  });

  it("of a turn has no library of skills, no scans of them, and no service that is not configured", () => {
    const sources = sourcesOf(loadedWith(outputs, "src/agent-side.ts"));
    expect(sources).toContain("src/tools/skill-manage.ts");
    const late =
      /^src\/(skills\/(library|scan|patch|sync|search)|adapters\/(knowledge-base|agentcore|web)|tools\/(agentcore|cronjob-actions)|yaml)/;
    expect(sources.filter((file) => late.test(file))).toEqual([]);
  });

  it("of a turn has no SDK but the table's, no calendar, no YAML, no reader of pages, and no writer of messages", () => {
    const sources = sourcesOf(loadedWith(outputs, "src/agent-side.ts"));
    const heavy =
      /node_modules\/(@aws-sdk\/client-(s3|scheduler|bedrock)|croner|temporal-polyfill|js-yaml|minisearch|linkedom|turndown|ipaddr|grammy|micromark|mdast-util)/;
    expect(sources.filter((file) => heavy.test(file))).toEqual([]);
  });
});
