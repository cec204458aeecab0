// Which version of a skill's file a conversation has seen last: from the results of skill_view and skill_manage in its
// transcript, as they begin. Only a tool writes them. Called by skill-manage.ts and skills.ts.

import type { Message } from "../message.ts";

const TEXT = String.raw`"((?:[^"\\]|\\.)*)"`;
const HEAD = new RegExp(`^\\{"success":true,"name":${TEXT},"path":${TEXT},"version":${TEXT}`);

const SEES: ReadonlySet<string> = new Set(["skill_view", "skill_manage"]);

export const seenVersion = (messages: readonly Message[], path: string): string | undefined => {
  const wanted = JSON.stringify(path).slice(1, -1);
  for (const message of messages.toReversed()) {
    if (message.role !== "tool" || !SEES.has(message.toolName)) continue;
    const [, , seenPath, version] = HEAD.exec(message.content) ?? [];
    if (seenPath === wanted) return version;
  }
  return undefined;
};
