// Reads one of Hermes' own suites of cases.

import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = process.env["VECTORS"] ?? import.meta.dirname;

export const casesOf = <Case>(suite: string): readonly Case[] =>
  (JSON.parse(readFileSync(join(folder, `${suite}.json`), "utf8")) as { readonly cases: readonly Case[] })
    .cases;
