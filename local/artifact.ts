// Packages the function as a deploy would, offline, and unpacks the zip, for what runs the artifact: replay tests, bench.

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipSync } from "fflate";

export interface Artifact {
  /** Where the zip is unpacked. */
  readonly directory: string;
  readonly zipBytes: number;
  remove(): void;
}

const root = fileURLToPath(new URL("..", import.meta.url));

/** Values that satisfy the packaging; the processes that run the artifact get their own. */
const PARAMETERS = [
  "--param=telegramBotToken=1:packaged",
  "--param=telegramWebhookSecret=packaged-secret-0123456789abcdefgh",
  "--param=deepseekApiKey=packaged",
];

type Run = (file: string, args: readonly string[], options: object) => Promise<unknown>;

export const packageArtifact = async (run: Run): Promise<Artifact> => {
  const folder = mkdtempSync(join(tmpdir(), "hermes-artifact-"));
  const zip = join(folder, "package", "hermes.zip");
  await run(
    process.execPath,
    [
      join(root, "node_modules/serverless/bin/serverless.js"),
      "package",
      "--package",
      dirname(zip),
      ...PARAMETERS,
    ],
    // Without the person's AWS variables and .env: packaging needs neither credentials nor network.
    { cwd: root, env: { PATH: process.env["PATH"], HOME: folder, AWS_EC2_METADATA_DISABLED: "true" } },
  );
  const bytes = readFileSync(zip);
  const directory = join(folder, "task");
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
