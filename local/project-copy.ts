// A copy of the project as a command needs it, with the installed packages by link: what runs there meets neither the
// person's .env and .hermes nor another run's build. Used for packaging in tests and by the tests of local runs.

import { cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PARTS = [
  ".npmrc",
  "src",
  "middleware",
  "local",
  "home",
  "events",
  "package.json",
  "serverless.yml",
  "tsconfig.json",
];

const root = fileURLToPath(new URL("..", import.meta.url));

/** For SLS_SCHEMA_CACHE_BASE_DIR: serverless compiles its schema once, which takes seconds, and keeps it here. */
export const SCHEMA_CACHE = join(root, "node_modules/.cache/serverless");

export const copyProject = (directory: string): void => {
  for (const part of PARTS) cpSync(join(root, part), join(directory, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(directory, "node_modules"), "dir");
};
