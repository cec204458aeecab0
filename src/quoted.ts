// Words that are not ours, shown in a message of ours: what is remembered, and what skills say of themselves. Called by /memory, by
// the question whether something may be forgotten, and by /skills.

import { clip, oneLine } from "./clip.ts";

/** On one line and escaped: it is somebody's words, perhaps a page's, and must not become a link or markup in ours. */
export const quoted = (text: string, maxChars: number): string =>
  clip(oneLine(text), maxChars).replace(/[\\`*_[\]<>~|#$]/g, "\\$&");
