// An answer that ends before its time: what was written of it stays with the person, and what ended it is said after it.
// Called by think.ts and over-budget.ts.

import type { AssistantMessage } from "../message.ts";
import type { OpenTurn, Outgoing, Row } from "../session-state.ts";
import { storableAnswer } from "./storable-answer.ts";

/** What a turn wrote, and no answer will say again. */
export interface Written {
  /** Beside its tool calls. It is in the history already. */
  readonly between?: string;
  /** Of an answer that was being continued. */
  readonly said?: AssistantMessage | undefined;
}

/** The person has seen it grow in the draft, which is gone. A job has nobody who watches. */
export const textBetween = (rows: readonly Row[], { firstSeq, job }: OpenTurn): string =>
  job !== undefined
    ? ""
    : rows
        .filter(({ seq, marker }) => seq >= firstSeq && marker === undefined)
        .flatMap(({ message }) => (message.role === "assistant" ? [message.content.trim()] : []))
        .filter((text) => text !== "")
        .join("\n\n");

export const isAnythingWritten = ({ between = "", said }: Written): boolean =>
  between !== "" || said !== undefined;

/** `out` says why it ends. In a chat the beginning goes before that, and into the history, so that it can be gone on with. */
export const brokenOff = (out: Outgoing, { between = "", said }: Written): Outgoing => {
  const row = said && storableAnswer(said);
  // Without a row a run counts as one that failed, and its reason is what is kept of it.
  if (out.job !== undefined)
    return row === undefined
      ? out
      : { ...out, text: `${out.text}\n\nIt came as far as this:\n\n${row.content}` };
  const written = [between, row?.content ?? ""].filter((text) => text !== "").join("\n\n");
  if (written === "") return out;
  const { content } = storableAnswer({ role: "assistant", content: written });
  return { ...out, text: `${content}\n\n${out.text}`, ...(row === undefined ? {} : { row }) };
};
