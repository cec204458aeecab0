// Packages the function as a deploy would, offline, and unpacks the zip, for what runs the artifact: replay tests, bench.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";
import { copyProject, SCHEMA_CACHE } from "./project-copy.ts";

export interface Artifact {
  /** Where the zip is unpacked. */
  readonly directory: string;
  readonly zipBytes: number;
  remove(): void;
}

/** The CloudFormation template that a deploy would send, as far as it is looked at. */
export interface Template {
  readonly Resources: Readonly<Record<string, Resource>>;
}

export interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
}

/** Values that satisfy the packaging; the processes that run the artifact get their own. */
const PARAMETERS = [
  "--param=telegramBotToken=1:packaged",
  "--param=telegramWebhookSecret=packaged-secret-0123456789abcdefgh",
  "--param=deepseekApiKey=packaged",
];

/** After a build that failed serverless may never end: esbuild's own process keeps it alive. Seconds are usual. */
const PACKAGING_MS = 180_000;

type Run = (file: string, args: readonly string[], options: object) => Promise<unknown>;

export const packageArtifact = async (run: Run): Promise<Artifact> => {
  const folder = mkdtempSync(join(tmpdir(), "hermes-artifact-"));
  const project = join(folder, "project");
  const directory = join(folder, "task");
  copyProject(project);
  await run(
    process.execPath,
    ["node_modules/serverless/bin/serverless.js", "package", ...PARAMETERS],
    // Without the person's variables: packaging needs neither credentials nor network nor a HOME.
    {
      cwd: project,
      env: { PATH: process.env["PATH"], SLS_SCHEMA_CACHE_BASE_DIR: SCHEMA_CACHE },
      timeout: PACKAGING_MS,
    },
  );
  const bytes = readFileSync(join(project, ".serverless", "hermes.zip"));
  for (const [name, content] of Object.entries(unzipSync(bytes))) {
    if (name.endsWith("/")) continue;
    mkdirSync(dirname(join(directory, name)), { recursive: true });
    writeFileSync(join(directory, name), content);
  }
  return {
    directory,
    zipBytes: bytes.byteLength,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
};

/** The template that was made with the artifact in `directory`. */
export const templateOf = (directory: string): Template => {
  const file = join(directory, "../project/.serverless/cloudformation-template-update-stack.json");
  return JSON.parse(readFileSync(file, "utf8")) as Template;
};
