// Names of people and conversations at AgentCore Memory. Different ones never share a name, or one person would be told what
// another one said. Called by agentcore-provider.ts and tools/agentcore-memory.ts.

import { createHash } from "node:crypto";
import type { SessionKey } from "../turn.ts";

/** facts/platform.md 4: sessionId is 1 to 100 of A–Z a–z 0–9 - _, and begins with a letter or a digit. */
const MAX_SESSION_CHARS = 100;

/** facts/platform.md 4: an actorId must not begin with "-", which a negative id would. */
export const actorOf = (userId: number): string => {
  if (!Number.isSafeInteger(userId)) throw new RangeError("a person's id is a whole number");
  return `tg-${userId}`;
};

/** Everything of one person. The slash at its end keeps `tg-1` apart from `tg-12`, should it ever be taken for a prefix. */
export const pathOf = (actor: string): string => `/users/${actor}/`;

/** What a person asked to be remembered, apart from what the service learns by itself. */
export const notesOf = (actor: string): string => `${pathOf(actor)}notes/`;

/** Readable where it fits, else a hash, which begins with another letter. */
export const sessionOf = (session: SessionKey, sessionId: string): string => {
  const name = `s-${spelled(session)}_s${spelled(sessionId)}`;
  return name.length <= MAX_SESSION_CHARS ? name : `h-${hashOf(name)}`;
};

/** Names one thing that is to happen once: 64 characters of 0–9 a–f, whatever names it here. */
export const tokenOf = (operation: string): string => hashOf(operation);

/** `_` begins each stand-in, so that no two texts are spelled alike, and `_s` between them is part of neither. */
const spelled = (text: string): string =>
  text.replace(/[^A-Za-z0-9-]/g, (unit) => {
    if (unit === ":") return "__";
    if (unit === "_") return "_u";
    return `_x${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });

/** JSON escapes the halves of characters that UTF-8 would make all the same. */
const hashOf = (text: string): string => createHash("sha256").update(JSON.stringify(text)).digest("hex");
