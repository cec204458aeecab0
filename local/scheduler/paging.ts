// Pages of a list. Called by operations.ts.

import { invalid } from "../rest-json/errors.ts";
import { type Fields, textIn, wholeIn } from "../rest-json/members.ts";

/** In the order of names, as the order is not documented. model: MaxResults 1 to 100, NextToken up to 2048 characters. */
export const page = <T>(
  all: readonly T[],
  keyOfItem: (item: T) => string,
  query: Fields,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } => {
  const asked = textIn(query, "MaxResults", { min: 1, max: 10 });
  const size = wholeIn({ MaxResults: asked && Number(asked) }, "MaxResults", 1, 100) ?? 100;
  const token = textIn(query, "NextToken", { min: 1, max: 2048 });
  const after = token === undefined ? undefined : cursorOf(token);
  const left = all
    .map((item) => ({ item, key: keyOfItem(item) }))
    .filter(({ key }) => after === undefined || key > after)
    .sort((one, other) => (one.key < other.key ? -1 : 1));
  const last = left.length > size ? left[size - 1] : undefined;
  return {
    items: left.slice(0, size).map(({ item }) => item),
    NextToken: last && Buffer.from(`after ${last.key}`).toString("base64url"),
  };
};

const cursorOf = (token: string): string => {
  const text = Buffer.from(token, "base64url").toString();
  if (!text.startsWith("after ")) throw invalid("Invalid NextToken.");
  return text.slice("after ".length);
};
