// Is a row of the transcript what its type says? Storage may hold what another version wrote, or somebody's hand.
// Asked by the adapter that reads rows, and by agent/history.ts, which skips those that are not.

import type { Message, ToolCall } from "./message.ts";
import type { Row } from "./session-state.ts";

/** What is wrong with a row, in words without its content; undefined when it is sound. */
export const problemOf = ({ marker, message }: Pick<Row, "marker" | "message">): string | undefined => {
  if (marker?.kind === "damaged") return marker.problem;
  return markerProblem(marker) ?? (marker?.kind === "cut" ? undefined : messageProblem(message));
};

/** In the place of a row that is not sound: nothing in it can be mistaken for something somebody said. */
export const damagedRow = (row: Row, problem: string): Row => ({
  ...row,
  message: { role: "assistant", content: "" },
  marker: { kind: "damaged", problem },
});

const markerProblem = (marker: Exclude<Row["marker"], { kind: "damaged" }>): string | undefined => {
  if (marker === undefined) return undefined;
  const place = marker.kind === "cut" ? marker.from : marker.keepFrom;
  return Number.isInteger(place) ? undefined : "marker without a place";
};

const messageProblem = (
  message: Readonly<Record<keyof Message, unknown>> | undefined,
): string | undefined => {
  if (!isRecord(message)) return "no message";
  if (typeof message["content"] !== "string") return "content is not text";
  switch (message["role"]) {
    case "user":
      return isOptionalText(message["context"]) && isOptionalList(message["photos"], isPhoto)
        ? undefined
        : "damaged user message";
    case "assistant":
      return isOptionalText(message["reasoning"]) && isOptionalList(message["toolCalls"], isToolCall)
        ? undefined
        : "damaged assistant message";
    case "tool":
      return isText(message["toolCallId"]) && isText(message["toolName"]) ? undefined : "damaged tool result";
    default:
      return "unknown role";
  }
};

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

const isText = (value: unknown): value is string => typeof value === "string";

const isOptionalText = (value: unknown): boolean => value === undefined || isText(value);

const isOptionalList = (value: unknown, isItem: (item: unknown) => boolean): boolean =>
  value === undefined || (Array.isArray(value) && value.every(isItem));

const isPhoto = (value: unknown): boolean => isRecord(value) && isText(value["fileId"]);

const isToolCall = (value: unknown): value is ToolCall =>
  isRecord(value) && isText(value["id"]) && isText(value["name"]) && isText(value["arguments"]);
