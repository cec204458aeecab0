// Pages of a list. Called by operations.ts.

import { type Fields, numberIn, stringIn } from "./members.ts";
import { invalid } from "./shapes.ts";

/** In the order of names, as the order is not documented. model: MaxResults 1 to 100, NextToken up to 2048 characters. */
export const page = <T>(
  all: readonly T[],
  keyOfItem: (item: T) => string,
  query: Fields,
): { readonly items: readonly T[]; readonly NextToken: string | undefined } => {
  const asked = stringIn(query, "MaxResults", { max: 10 });
  const size = numberIn({ MaxResults: asked && Number(asked) }, "MaxResults", { min: 1, max: 100 }) ?? 100;
  const token = stringIn(query, "NextToken", { max: 2048 });
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
