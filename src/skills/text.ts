// What of the bucket's bytes is text. Called wherever a file of a skill is read.

import { asError } from "../errors.ts";

/** Undefined for what is no text. */
export const textOf = (bytes: Uint8Array): string | undefined => {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch (thrown) {
    if (asError(thrown).name === "TypeError") return undefined;
    throw thrown;
  }
};
