// Who speaks in a turn. A memory is one person's, and where several speak at once nobody can tell whose a tool's call is meant
// for: it would put one's words into another's memory, or show one what another said. Called by the tools of memories.

import type { Message, UserMessage } from "../message.ts";
import type { ToolContext } from "../ports.ts";
import type { Origin } from "../turn.ts";

/**
 * Why this call must not use the person's memory, in words for the model; undefined when it may. A turn of several people
 * is nobody's. What somebody else said before it and was never answered (their turn was stopped, or failed) closes nothing to
 * the one who speaks now, but the model may still mean it: it is told whose memory this is before anything is done.
 */
export const unclearWhose = (
  { messages, turnStart }: Pick<ToolContext, "messages" | "turnStart">,
  userId: number,
): string | undefined => {
  const [before, turn] = [messages.slice(0, turnStart), messages.slice(turnStart)];
  if (doOthersSpeak(turn, userId)) return SEVERAL_SPEAK;
  const unanswered = before.slice(before.findLastIndex(isAnswer) + 1);
  if (!doOthersSpeak(unanswered, userId) || wasTold(turn)) return undefined;
  return `${OTHERS_BEFORE} of user ${userId}, ${CALL_AGAIN}`;
};

const isAnswer = (message: Message): boolean =>
  message.role === "assistant" && message.toolCalls === undefined;

const doOthersSpeak = (messages: readonly Message[], userId: number): boolean =>
  messages.some((message) => message.role === "user" && isAnothers(message, userId));

/** What people say has a context; one who speaks as a chat has no id. Words of ours (a summary, a nudge) have neither. */
const isAnothers = (message: UserMessage, userId: number): boolean =>
  message.userId === undefined ? message.context !== undefined : message.userId !== userId;

/** Whether the model had read it when it made the call: not in a result of the same reply. */
const wasTold = (turn: readonly Message[]): boolean => {
  const calling = turn.findLastIndex(({ role }) => role === "assistant");
  return turn
    .slice(0, calling)
    .some(({ role, content }) => role === "tool" && content.includes(OTHERS_BEFORE));
};

const SEVERAL_SPEAK =
  "Nothing was done: several people speak at once here, and a memory is one person's. Do it when one of them asks for it alone.";

const OTHERS_BEFORE =
  "Nothing was done: before this turn somebody else wrote too, and was not answered. This memory is that";

const CALL_AGAIN =
  "whose turn it is. If it is this person's own words or wish, make the call again; what others said or asked for is not for it.";

/** Beside what a tool tells where others read along, as it goes with what is recalled (agent/prompt.ts). */
const READ_ALONG =
  "Others read along here: what was told in private stays unsaid unless the person themselves brings it up.";

export const readAlong = ({ chatType }: Pick<Origin, "chatType">): { readonly privacy?: string } =>
  chatType === "dm" ? {} : { privacy: READ_ALONG };
