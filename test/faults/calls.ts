// The function's outside calls by name, so that the same call is found again in another run. Used by proxy.ts.

export type Service = "dynamodb" | "telegram" | "model" | "lambda" | "scheduler" | "tool" | "runtime";

export interface Call {
  /** In the order in which they arrived, from 1. */
  readonly order: number;
  /** Of the process that makes it. */
  readonly environment: number;
  readonly service: Service;
  /** `dynamodb.UpdateItem META commit out`: what it is, in words that do not depend on the run. */
  readonly name: string;
  readonly body: string;
}

/** One call of a recorded run: the n-th of its name. */
export interface Place {
  readonly name: string;
  /** From 1. */
  readonly occurrence: number;
}

export const describePlace = ({ name, occurrence }: Place): string => `${name} (${occurrence})`;

/**
 * Calls that a clock makes, not the turn: how many there are is a matter of how long it takes. Of the looks at the inbox
 * the first and the last are the turn's own; one in between comes every 1.5 s.
 */
export const isTimed = (name: string): boolean =>
  /^telegram\.(send(Rich)?MessageDraft|sendChatAction)$|META renew$|Query IN( of the job)?$/.test(name);

export const nameOf = (service: Service, path: string, target: string, body: string): string => {
  switch (service) {
    case "dynamodb":
      return `dynamodb.${target.split(".")[1]} ${itemIn(target, body)}`;
    case "telegram":
      return `telegram.${path.split("/").at(-1)}`;
    case "model":
      return `model.chat/completions ${/"tools":\[/.test(body) ? "turn" : "errand"}`;
    case "lambda":
      return "lambda.Invoke";
    case "scheduler":
      return `scheduler.${target}`;
    case "tool":
      return `tool.${path.split("/")[1]}`;
    case "runtime":
      return `runtime.${path.split("/").at(-1)}`;
  }
};

interface Request {
  readonly Key?: Attributes;
  readonly Item?: Attributes;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeValues?: Attributes;
}

type Attributes = Readonly<Record<string, { readonly S?: string }>>;

/** Which kind of item, of a chat or of a job's session; of META also what is done with it. */
const itemIn = (target: string, body: string): string => {
  const { Key, Item, UpdateExpression, ExpressionAttributeValues = {} } = JSON.parse(body) as Request;
  const key = Key ?? Item;
  if (key === undefined && target.includes("Batch")) return "rows";
  const values = Object.values(ExpressionAttributeValues).map(({ S = "" }) => S);
  const partition = key?.["PK"]?.S ?? values.find((value) => /^[A-Z]+#/.test(value)) ?? "";
  const sort = key?.["SK"]?.S ?? values.find((value) => value !== partition && value !== "") ?? "";
  const kind = /^[A-Z]+/.exec(sort)?.[0] ?? (/^[A-Z]+/.exec(partition)?.[0] || "item");
  const whose = partition.includes(":cron:") ? " of the job" : "";
  return `${kind}${whose}${UpdateExpression === undefined ? "" : ` ${purposeOf(UpdateExpression)}`}`;
};

/** What a write on META is for: design.md 5's table, told apart by the expression. */
const purposeOf = (expression: string): string => {
  if (/\bADD\b/.test(expression)) return "acquire";
  const [sets = "", removes = ""] = expression.split(/\bREMOVE\b/);
  const isSet = (name: string) => new RegExp(`#${name} = `).test(sets);
  if (/#until\b/.test(removes)) return /#out\b/.test(removes) ? "close and release" : "release";
  if (/#out\b/.test(removes)) return "close";
  if (isSet("out")) return "commit out";
  if (isSet("seq")) return "commit rows";
  return /^\s*SET\s+#until = :until\s*$/.test(sets) ? "renew" : "commit";
};

/** A write that says how far the delivery of an answer has come (design.md 5, step 7). */
export const recordsDelivery = ({ name }: Call): boolean =>
  /META.* (commit out|close|close and release)$/.test(name);

/** A send that a person sees. */
export const isSend = ({ name }: Call): boolean => /^telegram\.send(Rich)?Message$/.test(name);
