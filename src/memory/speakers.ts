// Who speaks in a turn. A memory is one person's, and where several speak at once nobody can tell whose a tool's call is meant
// for: it would put one's words into another's memory, or show one what another said. Called by the tools of memories.

import type { Message, UserMessage } from "../message.ts";
import type { Origin } from "../turn.ts";

/** Whether somebody else than this person has said something that is not answered yet. */
export const doOthersSpeak = (messages: readonly Message[], userId: number): boolean => {
  const answered = messages.findLastIndex(
    (message) => message.role === "assistant" && message.toolCalls === undefined,
  );
  return messages
    .slice(answered + 1)
    .some((message) => message.role === "user" && isAnothers(message, userId));
};

/** What people say has a context; one who speaks as a chat has no id. Words of ours (a summary, a nudge) have neither. */
const isAnothers = (message: UserMessage, userId: number): boolean =>
  message.userId === undefined ? message.context !== undefined : message.userId !== userId;

/** For the model. */
export const SEVERAL_SPEAK =
  "Nothing was done: several people speak at once here, and a memory is one person's. Do it when one of them asks for it alone.";

/** Beside what a tool tells where others read along, as it goes with what is recalled (agent/prompt.ts). */
const READ_ALONG =
  "Others read along here: what was told in private stays unsaid unless the person themselves brings it up.";

export const readAlong = ({ chatType }: Pick<Origin, "chatType">): { readonly privacy?: string } =>
  chatType === "dm" ? {} : { privacy: READ_ALONG };
