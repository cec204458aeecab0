// The layers of design.md 3, enforced: who may import whom, no cycles, one reader of the environment.

import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));

const sourcesIn = (folder: string): string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".d.ts"))
    .map((file) => join(folder, file));

const sources = [...sourcesIn("src"), ...sourcesIn("middleware")];
const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

/** Specifiers of every static, dynamic and type import. */
const importsOf = (file: string): string[] =>
  [...textOf(file).matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)"([^"]+)"/gm)].map(
    ([, name]) => name ?? "",
  );

const localImports = (file: string): string[] =>
  importsOf(file)
    .filter((name) => name.startsWith("."))
    .map((name) => relative(root, resolve(root, dirname(file), name)))
    .filter((name) => name.endsWith(".ts"));

/** The inside's own words: no SDK, no Middy, no adapter. */
const isInner = (file: string): boolean => /^src\/[^/]+\.ts$/.test(file) && !isComposition(file);
const isComposition = (file: string): boolean =>
  /^src\/(handler|app|agent-side|skills-side|memory-side)\.ts$/.test(file);
const layerOf = (file: string): string => {
  if (file.startsWith("middleware/")) return "middleware";
  if (isComposition(file)) return file.replace("src/", "").replace(".ts", "");
  return isInner(file) ? "inner" : (file.split("/")[1] ?? "");
};

/**
 * `inner` is src/*.ts but the composition; `home` is what config.yaml and plugins mean; `jobs`, `skills`, `memory` and
 * `usage` are what these are about.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  inner: ["inner"],
  jobs: ["inner", "jobs"],
  skills: ["inner", "skills"],
  memory: ["inner", "memory"],
  usage: ["inner", "usage"],
  home: ["inner", "skills", "usage", "home"],
  tools: ["inner", "jobs", "skills", "memory", "tools"],
  agent: ["inner", "home", "jobs", "skills", "memory", "usage", "agent"],
  middleware: ["inner", "home", "middleware"],
  adapters: ["inner", "skills", "home", "adapters"],
  app: ["inner", "home", "middleware"],
  "skills-side": ["inner", "home", "skills", "tools", "adapters"],
  "memory-side": ["inner", "home", "memory", "agent", "tools", "adapters"],
  "agent-side": [
    "skills-side",
    "memory-side",
    "inner",
    "home",
    "jobs",
    "skills",
    "memory",
    "usage",
    "agent",
    "tools",
    "adapters",
    "app",
  ],
  handler: ["inner", "adapters", "app", "agent-side"],
};

/** Libraries that do no input or output may be used anywhere; everything else is an adapter's. */
const PURE =
  /^(node:(crypto|buffer|util|path)|zod\/mini|yaml|js-yaml|jsonrepair|minisearch|croner|temporal-polyfill|@grammyjs\/types|aws-lambda)$/;
const MIDDY = /^@middy\//;

describe("the architecture", () => {
  it("lets a layer import only the layers below it", () => {
    const wrong = sources.flatMap((file) =>
      localImports(file)
        .filter((target) => !MAY_IMPORT[layerOf(file)]?.includes(layerOf(target)))
        .map((target) => `${file} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });

  it("keeps SDKs in the adapters and Middy in middleware/ and app.ts", () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((name) => !name.startsWith(".") && !PURE.test(name))
        .filter((name) => !(MIDDY.test(name) && ["middleware", "app"].includes(layerOf(file))))
        .filter(() => layerOf(file) !== "adapters")
        .filter((name) => !(layerOf(file) === "middleware" && name.startsWith("node:")))
        .map((name) => `${file} imports ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  it("calls fetch and opens sockets only in the adapters", () => {
    const wrong = sources.filter(
      (file) =>
        layerOf(file) !== "adapters" && /(?<![.\w])fetch\(|node:(net|http|https|dns|tls)/.test(codeOf(file)),
    );
    expect(wrong).toEqual([]);
  });

  it("reads the environment in handler.ts alone", () => {
    const wrong = sources.filter(
      (file) => file !== "src/handler.ts" && /process\s*\.\s*env/.test(textOf(file)),
    );
    expect(wrong).toEqual([]);
  });

  it("never asks whether it runs locally, and never imports a stand-in", () => {
    const wrong = sources.filter((file) =>
      /IS_LOCAL|IS_OFFLINE|isLocal|NODE_ENV|from "[./]*local\//.test(textOf(file)),
    );
    expect(wrong).toEqual([]);
  });

  it("has no cycle of files", () => {
    expect(cycles()).toEqual([]);
  });

  it("keeps every file short enough to read in one go", () => {
    const long = sources
      .map((file) => ({ file, lines: codeLines(textOf(file)) }))
      .filter(({ lines }) => lines > 250);
    expect(long).toEqual([]);
  });
});

/** Without the port that is called fetch, and without comments. */
const codeOf = (file: string): string =>
  file === "src/ports.ts" ? "" : textOf(file).replaceAll(/^\s*(\/\/|\/?\*).*$/gm, "");

const codeLines = (text: string): number =>
  text.split("\n").filter((line) => line.trim() !== "" && !/^\s*(\/\/|\/?\*)/.test(line)).length;

const cycles = (): string[] => {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      found.push([...path.slice(path.indexOf(file)), file].join(" → "));
      return;
    }
    if (done.has(file)) return;
    for (const target of localImports(file)) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of sources) visit(file, []);
  return found;
};
