// Before all tests: the artifact is packaged once, as a deploy would, and unpacked for the tests that run it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { packageArtifact } from "../../local/artifact.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The unpacked artifact's directory. */
    artifact: string;
    /** Bytes of the zip. */
    zipBytes: number;
  }
}

const run = promisify(execFile);

export default async function setup(project: TestProject) {
  const { directory, zipBytes, remove } = await packageArtifact(run);
  project.provide("artifact", directory);
  project.provide("zipBytes", zipBytes);
  return remove;
}
