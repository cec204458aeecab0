// Pages of a list. Called by operations.ts.

import { invalid } from "../rest-json/errors.ts";
import { type Fields, textIn } from "../rest-json/members.ts";
import { pageSizeIn } from "./rules.ts";

/** In the order given. */
export const page = <T>(all: readonly T[], keyOf: (item: T) => string, fields: Fields) => {
  const size = pageSizeIn(fields);
  const token = textIn(fields, "nextToken", {});
  const start = token === undefined ? 0 : startOf(all.map(keyOf), token);
  const items = all.slice(start, start + size);
  const last = items.at(-1);
  const isMore = last !== undefined && start + size < all.length;
  return { items, nextToken: isMore ? Buffer.from(`after ${keyOf(last)}`).toString("base64url") : undefined };
};

/** Whoever deleted what the last page ended with deleted the whole page: the list begins with what is left. */
const startOf = (keys: readonly string[], token: string): number => {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith("after ")) throw invalid("Invalid nextToken.");
  return keys.indexOf(text.slice("after ".length)) + 1;
};
