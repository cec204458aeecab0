// What was said and answered in the rows of a session, as long-term memory is told of it: without tools, undone turns,
// summaries, posts, and what was to be forgotten. Called by learn.ts and pay-owed.ts.

import { FORGETTING_TOOL } from "../memory/tool-names.ts";
import type { Exchange } from "../memory-ports.ts";
import type { UserMessage } from "../message.ts";
import type { Row } from "../session-state.ts";
import { visibleRows } from "./history.ts";

/** `end`: seq of the answer. */
export type Said = Exchange & { readonly userId: number; readonly end: number };

/** Each thing a person said with the answer that ended its turn; where several said something, one for each of them. */
export const exchangesIn = (rows: readonly Row[], fromSeq: number): readonly Said[] => {
  const found: Said[] = [];
  let turn: Row[] = [];
  const spoken = rows.filter(({ marker }) => marker?.kind !== "summary");
  for (const row of visibleRows(spoken, fromSeq).rows) {
    const { message } = row;
    const isAnswer = message.role === "assistant" && message.toolCalls === undefined;
    if (isAnswer && !isPost(row) && !turn.some(isForgetting))
      found.push(...exchangesOf(turn, message.content, row.seq));
    turn = isAnswer ? [] : [...turn, row];
  }
  return found;
};

/** What a job or we ourselves say into a conversation answers nobody: what was asked before it got no answer. */
const isPost = ({ entryId }: Row): boolean => entryId !== undefined;

/** The question names what is to be forgotten, and so does the wish: told to the memory it would be back with the next extraction. */
const isForgetting = ({ message }: Row): boolean =>
  message.role === "assistant" && message.toolCalls?.some(({ name }) => name === FORGETTING_TOOL) === true;

const exchangesOf = (turn: readonly Row[], answer: string, end: number): readonly Said[] => {
  const people = Map.groupBy(turn.flatMap(wordsIn), ({ userId }) => userId);
  return [...people].flatMap(([userId, words]) => {
    const [first] = words;
    const user = words.map(({ text }) => text).join("\n");
    if (first === undefined || user.trim() === "" || answer.trim() === "") return [];
    return [{ userId, user, assistant: answer, at: first.at, end }];
  });
};

const wordsIn = ({ message, at }: Row) => {
  if (message.role !== "user" || message.userId === undefined) return [];
  return [{ userId: message.userId, text: ownWords(message), at }];
};

/** Without the skill that was called (hermes-behaviour.md 4.5), and without what is replied to. */
const ownWords = ({ said, content }: UserMessage): string => said ?? content;
