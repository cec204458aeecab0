// The function's outside calls by name, so that the same call is found again in another run. Used by proxy.ts.

import { OPERATIONS as MEMORY } from "../../local/agentcore/operations.ts";
import { OPERATIONS as SEARCH } from "../../local/knowledge-base/operations.ts";
import { operationOf } from "../../local/s3/operations.ts";

/** By the names they have in the proxy's addresses. */
export const SERVICES = [
  "dynamodb",
  "telegram",
  "model",
  "lambda",
  "scheduler",
  "s3",
  "agentcore",
  "knowledgeBase",
  "tool",
  "runtime",
] as const;

export type Service = (typeof SERVICES)[number];

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
    case "s3":
      return `s3.${objectCall(path, target)}`;
    case "agentcore":
      return `agentcore.${restCall(MEMORY, "/memories/{memoryId}/", path, target)}`;
    case "knowledgeBase":
      return `knowledgeBase.${restCall(SEARCH, "", path, target)}`;
    case "tool":
      return `tool.${path.split("/")[1]}`;
    case "runtime":
      return `runtime.${path.split("/").at(-1)}`;
  }
};

/** `GetObject SKILL.md`: the operation, and which kind of file. */
const objectCall = (path: string, method: string): string => {
  const [whole = "", query = ""] = path.split("?", 2);
  const key = whole.split("/").slice(2).join("/");
  const operation = operationOf(method, key, new URLSearchParams(query)) ?? method;
  return key === "" ? operation : `${operation} ${key.split("/").at(-1)}`;
};

type Rest = Readonly<Record<string, { readonly method: string; readonly path: string }>>;

/** By the paths of the service's model, in which a part in braces is any one segment. */
const restCall = (operations: Rest, root: string, path: string, method: string): string => {
  const asked = (path.split("?")[0] ?? "").replace(/\/$/, "");
  const isAsked = (template: string) =>
    new RegExp(`^${`${root}${template}`.replace(/\{\w+\}/g, "[^/]+")}$`).test(asked);
  const found = Object.entries(operations).find(([, one]) => one.method === method && isAsked(one.path));
  return found?.[0] ?? method;
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
  const isOfMeta = kind === "META" && UpdateExpression !== undefined;
  return `${kind}${whose}${isOfMeta ? ` ${purposeOf(UpdateExpression)}` : ""}`;
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

/** Which account is charged for which call of a model, of a write on the ledger: `user 70001`; each call has a mark of its own. */
export const chargeOf = ({
  name,
  body,
}: Call): { readonly account: string; readonly mark: string } | undefined => {
  if (name !== "dynamodb.UpdateItem USAGE") return undefined;
  const { Key, ExpressionAttributeValues } = JSON.parse(body) as Request;
  const [account = ""] = (Key?.["SK"]?.S ?? "").split("#");
  return { account, mark: JSON.stringify(ExpressionAttributeValues?.[":number"]) };
};

export const isQuestion = ({ service }: Call): boolean => service === "model";

/** A send that a person sees. */
export const isSend = ({ name }: Call): boolean => /^telegram\.send(Rich)?Message$/.test(name);
