// What a stand-in keeps from one run to the next, as one JSON file.

import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

/**
 * `of` names the stand-in, for whoever has to mend the file. Undefined when the stand-in keeps none, or has not written it yet;
 * throws when it is not JSON.
 */
export const readStateFile = (file: string | undefined, of: string): unknown => {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new Error(`${file} is no state of the ${of} stand-in; delete it to start over`, { cause });
  }
};

/** Whole or not at all: a run that is killed leaves the state of the change before. */
export const writeStateFile = (file: string, state: unknown): void => {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(state));
  renameSync(`${file}.new`, file);
};
