// The words of a row, as they are searched for and shown in excerpts of past conversations.

import type { Row } from "./session-state.ts";
import { summaryIn } from "./summary-frame.ts";

/** A summary's headings are compaction's words (agent/compaction-text.ts): every summary would be found by them. */
const HEADINGS = /^## .*$/gm;

/** Whether people or the model said it: no tool's result, no marker, and no answer that is only tool calls. */
export const isSaid = (row: Row): boolean => row.marker === undefined && saidIn(row).trim() !== "";

/** What a person or the model said, or what a summary says; "" for all else, a damaged row too. */
export const saidIn = ({ message, marker }: Row): string => {
  if (marker !== undefined && marker.kind !== "summary") return "";
  if (typeof message?.content !== "string") return "";
  if (message.role === "assistant") return message.content;
  if (message.role !== "user") return "";
  return marker === undefined ? (message.said ?? message.content) : summaryIn(message);
};

export const withoutHeadings = (summary: string): string => summary.replace(HEADINGS, "");
