// An answer is kept on META until it is delivered, and META is one item: what a model wrote is cut to what fits.
// Called by think.ts.

import { Buffer } from "node:buffer";
import type { AssistantMessage } from "../message.ts";

/**
 * An item holds 400 KB (facts/platform.md 6). The text is on it twice, to be sent and as the row to be, the reasoning
 * once; some 35 KB are left for the rest of META.
 */
const MAX_TEXT_BYTES = 150_000;
const MAX_REASONING_BYTES = 65_000;

const CUT_NOTE = "\n\n✂️ This answer was too long for one go and ends here. Ask me to go on.";

/** Reasoning that is too large is left out: a model is sent a blank in its place (adapters/model/reasoning.ts). */
export const storableAnswer = ({ reasoning, content, ...message }: AssistantMessage): AssistantMessage => ({
  ...message,
  content: clipBytes(content, MAX_TEXT_BYTES),
  ...(reasoning === undefined || Buffer.byteLength(reasoning) > MAX_REASONING_BYTES ? {} : { reasoning }),
});

const clipBytes = (text: string, maxBytes: number): string => {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  const bytes = Buffer.from(text).subarray(0, maxBytes - Buffer.byteLength(CUT_NOTE));
  // As a stream: the bytes of a character that was cut are left out.
  return `${new TextDecoder().decode(bytes, { stream: true })}${CUT_NOTE}`;
};
