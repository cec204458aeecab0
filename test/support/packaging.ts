// What serverless-esbuild hands on to esbuild: the block of that name in serverless.yml, with its plugins loaded. For tests that
// build the function themselves.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import type { BuildOptions, Plugin } from "esbuild";
import { load } from "js-yaml";

const PROJECT = resolve(import.meta.dirname, "../..");

interface Block {
  readonly custom: {
    readonly esbuild: Omit<BuildOptions, "plugins"> & {
      readonly exclude: unknown;
      /** The file that exports them. */
      readonly plugins: string;
    };
  };
}

export const packagingOptions = (): BuildOptions & { readonly plugins: Plugin[] } => {
  const text = readFileSync(join(PROJECT, "serverless.yml"), "utf8");
  const block = /^custom:\n(?:(?: .*)?\n)+/m.exec(text)?.[0] ?? "";
  const { exclude: _, plugins, ...options } = (load(block) as Block).custom.esbuild;
  const require = createRequire(import.meta.url);
  return { ...options, plugins: require(join(PROJECT, plugins)) as Plugin[] };
};
