// Builds the artifact with one thing broken on purpose: the sources with one text replaced, bundled as serverless.yml says.
// Used by broken-builds.test.ts.

import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";
import { packagingOptions } from "../support/packaging.ts";

export interface Break {
  /** What is missing from the build. */
  readonly title: string;
  /** Of the project. */
  readonly file: string;
  /** Must stand there exactly once. */
  readonly text: string;
  readonly instead: string;
}

export interface Build {
  readonly directory: string;
  remove(): void;
}

const PROJECT = resolve(import.meta.dirname, "../..");

/** `what` undefined: the healthy build, made the same way. */
export const buildWith = async (what: Break | undefined): Promise<Build> => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-broken-"));
  const remove = () => rmSync(directory, { recursive: true, force: true });
  try {
    await bundle(directory, what);
  } catch (error) {
    remove();
    throw error;
  }
  cpSync(join(PROJECT, "home"), join(directory, "home"), { recursive: true });
  mkdirSync(join(directory, "src"), { recursive: true });
  cpSync(join(PROJECT, "src/package.json"), join(directory, "src/package.json"));
  return { directory, remove };
};

const bundle = (directory: string, what: Break | undefined) => {
  const { plugins, ...options } = packagingOptions();
  return build({
    ...options,
    absWorkingDir: PROJECT,
    entryPoints: ["src/handler.ts"],
    outbase: PROJECT,
    outdir: directory,
    logLevel: "error",
    plugins: what === undefined ? plugins : [...plugins, breaking(what)],
  });
};

const breaking = ({ file, text, instead }: Break): Plugin => ({
  name: "break",
  setup({ onLoad }) {
    const path = join(PROJECT, file);
    onLoad({ filter: /\.ts$/ }, (args) => {
      if (args.path !== path) return undefined;
      const source = readFileSync(path, "utf8");
      const parts = source.split(text);
      if (parts.length !== 2) throw new Error(`${file} has ${parts.length - 1} times: ${text}`);
      return { contents: parts.join(instead), loader: "ts" };
    });
  },
});
