// What AgentCore Memory accepts. Called by operations.ts.
//
// Source of every bound, pattern and enumeration, if nothing else is said: the service's model (botocore 1.43.107,
// bedrock-agentcore/2024-02-28). What the model allows and nobody documents is refused here: what passes must pass there.

import { invalid } from "../rest-json/errors.ts";
import {
  checkedText,
  type Fields,
  isObject,
  listIn,
  memberOf,
  objectIn,
  oneOf,
  required,
  secondsIn,
  structure,
  type TextRule,
  textIn,
  wholeIn,
} from "../rest-json/members.ts";
import type { MemoryEvent, MemoryRecord, PayloadItem } from "./shapes.ts";

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9-_]*$/;
const TAG = /^[a-zA-Z0-9\s._:/=+@-]*$/;
const ACTOR_ID = /^[a-zA-Z0-9][a-zA-Z0-9-_/]*(?::[a-zA-Z0-9-_/]+)*[a-zA-Z0-9-_/]*$/;
const NAMESPACE = /^[a-zA-Z0-9/*][a-zA-Z0-9-_/*]*(?::[a-zA-Z0-9-_/*]+)*[a-zA-Z0-9-_/*]*$/;

export const MEMORY_ID: TextRule = {
  min: 12,
  pattern:
    /^(arn:(aws|aws-cn|aws-us-gov):bedrock-agentcore:[a-z0-9-]+:[0-9]{12}:memory\/)?[a-zA-Z][a-zA-Z0-9-_]{0,99}-[a-zA-Z0-9]{10}$/,
};
const ACTOR: TextRule = { min: 1, max: 255, pattern: ACTOR_ID };
const SESSION: TextRule = { min: 1, max: 100, pattern: NAME };
const EVENT: TextRule = { pattern: /^[0-9]+#[a-fA-F0-9]+$/ };
const RECORD: TextRule = { min: 40, max: 50, pattern: /^mem-[a-zA-Z0-9-_]*$/ };
const SCOPE: TextRule = { min: 1, max: 1024, pattern: NAMESPACE };
const STRATEGY: TextRule = { min: 1, max: 100, pattern: NAME };

export const actorIn = (fields: Fields): string => required(textIn(fields, "actorId", ACTOR), "actorId");
export const eventIn = (fields: Fields): string => required(textIn(fields, "eventId", EVENT), "eventId");
export const recordIdIn = (fields: Fields, path = "memoryRecordId"): string =>
  required(textIn(fields, path, RECORD), path);

/** Optional for CreateEvent in the model; what the service makes of an event without one is not documented. */
export const sessionIn = (fields: Fields): string =>
  required(textIn(fields, "sessionId", SESSION), "sessionId");

export const tokenIn = (fields: Fields): string | undefined => textIn(fields, "clientToken", { min: 1 });

/** "The default value is 20." */
export const pageSizeIn = (fields: Fields): number => wholeIn(fields, "maxResults", 1, 100) ?? 20;

/** Kept in the stand-in's records when a request names no strategy: the answer must have one. */
export const NO_STRATEGY = "none";

type NewEvent = Omit<MemoryEvent, "memoryId" | "eventId"> & { readonly isExtracted: boolean };

export const newEventIn = (fields: Fields): NewEvent => {
  const branch = branchIn(fields);
  const metadata = metadataIn(fields);
  checkVariables(fields);
  const payload = required(listIn(fields, "payload", { max: 100 }), "payload");
  return {
    actorId: actorIn(fields),
    sessionId: sessionIn(fields),
    eventTimestamp: required(secondsIn(fields, "eventTimestamp"), "eventTimestamp"),
    payload: payload.map((item, index) => payloadItem(item, `payload.${index + 1}.member`)),
    isExtracted: oneOf(fields, "extractionMode", ["SKIP"]) === undefined,
    ...(branch && { branch }),
    ...(metadata && { metadata }),
  };
};

const payloadItem = (item: unknown, path: string): PayloadItem => {
  const union = structure(item, path);
  const kind = memberOf(union, path, ["conversational", "blob", "json"]);
  if (kind === "blob") return { blob: union["blob"] };
  const inside = required(objectIn(union, `${path}.${kind}`), `${path}.${kind}`);
  if (kind === "json") return { json: { content: required(inside["content"], `${path}.json.content`) } };
  const rolePath = `${path}.conversational.role`;
  const role = required(oneOf(inside, rolePath, ["ASSISTANT", "USER", "TOOL", "OTHER"]), rolePath);
  const text = contentIn(inside, `${path}.conversational.content`, 100_000);
  return { conversational: { role, content: { text } } };
};

/** Of events up to 100,000 characters (ContentTextString), of records up to 16,000 (MemoryContentTextString). */
const contentIn = (fields: Fields, path: string, max: number): string => {
  const content = required(objectIn(fields, path), path);
  memberOf(content, path, ["text"]);
  return required(textIn(content, `${path}.text`, { min: 1, max }), `${path}.text`);
};

const branchIn = (fields: Fields): MemoryEvent["branch"] => {
  const branch = objectIn(fields, "branch");
  if (branch === undefined) return undefined;
  const rootEventId = textIn(branch, "branch.rootEventId", EVENT);
  const name = required(textIn(branch, "branch.name", SESSION), "branch.name");
  return { name, ...(rootEventId === undefined ? {} : { rootEventId }) };
};

const metadataIn = (fields: Fields): Fields | undefined => {
  const metadata = objectIn(fields, "metadata");
  if (metadata === undefined) return undefined;
  const pairs = Object.entries(metadata);
  if (pairs.length > 15) throw invalid("Member 'metadata' must have length less than or equal to 15");
  for (const [key, value] of pairs) {
    checkedText(key, "metadata.key", { min: 1, max: 128, pattern: TAG });
    const union = structure(value, "metadata.value");
    memberOf(union, "metadata.value", ["stringValue"]);
    required(
      textIn(union, "metadata.value.stringValue", { max: 256, pattern: TAG }),
      "metadata.value.stringValue",
    );
  }
  return metadata;
};

const checkVariables = (fields: Fields): void => {
  const variables = objectIn(
    objectIn(fields, "extractionConfig") ?? {},
    "extractionConfig.namespaceVariables",
  );
  if (variables === undefined) return;
  const pairs = Object.entries(variables);
  if (pairs.length < 1 || pairs.length > 5) throw invalid("'namespaceVariables' must have 1 to 5 members");
  for (const [name, value] of pairs) {
    const pattern = /^(?!memoryStrategyId$|actorId$|sessionId$)[a-z][a-z0-9]*$/;
    checkedText(name, "namespaceVariables.key", { min: 1, max: 32, pattern });
    checkedText(value, "namespaceVariables.value", { min: 1, max: 64, pattern: /^[a-z0-9][a-z0-9-_]*$/ });
  }
};

/** Whether a record's namespace is asked for. */
export type Scope = (namespace: string) => boolean;

/**
 * "Either namespace or namespacePath is required." `namespace` is a plain prefix ("namespaces that start with the provided
 * prefix"), so that `/users/1` finds `/users/12/` too; `namespacePath` is a hierarchy ("falls under the same parent").
 * What both together mean is not documented.
 */
export const scopeIn = (fields: Fields): Scope => {
  const prefix = textIn(fields, "namespace", SCOPE);
  const path = textIn(fields, "namespacePath", SCOPE);
  if ((prefix === undefined) === (path === undefined)) {
    throw invalid("Exactly one of namespace and namespacePath must be given.");
  }
  if (prefix !== undefined) return (namespace) => namespace.startsWith(prefix);
  const parent = path?.endsWith("/") ? path : `${path}/`;
  return (namespace) => (namespace.endsWith("/") ? namespace : `${namespace}/`).startsWith(parent);
};

export const strategyIn = (fields: Fields): string | undefined =>
  textIn(fields, "memoryStrategyId", STRATEGY);

export interface Search {
  readonly searchQuery: string;
  /** The model gives no default; the guide's examples say 10 where they say nothing else. */
  readonly topK: number;
  readonly memoryStrategyId: string | undefined;
}

export const searchIn = (fields: Fields): Search => {
  const criteria = required(objectIn(fields, "searchCriteria"), "searchCriteria");
  refuseFilters(criteria, "metadataFilters");
  const path = "searchCriteria.searchQuery";
  return {
    searchQuery: required(textIn(criteria, path, { min: 1, max: 10_000 }), path),
    topK: wholeIn(criteria, "searchCriteria.topK", 1, 100) ?? 10,
    memoryStrategyId: strategyIn(criteria),
  };
};

/** Filters by metadata and branch are the service's, not this stand-in's: a client that used one would be answered wrongly. */
export const refuseFilters = (fields: Fields, member: string): void => {
  if (fields[member] !== undefined && fields[member] !== null) {
    throw invalid(`This stand-in knows no ${member}.`);
  }
};

type NewRecord = Omit<MemoryRecord, "memoryRecordId"> & { readonly requestIdentifier: string };

export const newRecordsIn = (fields: Fields): readonly NewRecord[] =>
  required(listIn(fields, "records", { max: 100 }), "records").map((item, index) =>
    newRecord(item, `records.${index + 1}.member`),
  );

const newRecord = (item: unknown, path: string): NewRecord => {
  const record = structure(item, path);
  const namespaces = required(listIn(record, `${path}.namespaces`, { max: 1 }), `${path}.namespaces`);
  const metadata = record["metadata"];
  return {
    requestIdentifier: required(
      textIn(record, `${path}.requestIdentifier`, { min: 1, max: 80, pattern: /^[a-zA-Z0-9_-]+$/ }),
      `${path}.requestIdentifier`,
    ),
    namespaces: namespaces.map((one) =>
      required(checkedText(one, `${path}.namespaces`, SCOPE), `${path}.namespaces`),
    ),
    content: { text: contentIn(record, `${path}.content`, 16_000) },
    createdAt: required(secondsIn(record, `${path}.timestamp`), `${path}.timestamp`),
    memoryStrategyId: strategyIn(record) ?? NO_STRATEGY,
    ...(isObject(metadata) && { metadata }),
  };
};

export const deletedIn = (fields: Fields): readonly string[] =>
  required(listIn(fields, "records", { max: 100 }), "records").map((item, index) => {
    const path = `records.${index + 1}.member`;
    const record = structure(item, path);
    textIn(record, `${path}.namespace`, SCOPE);
    return recordIdIn(record, `${path}.memoryRecordId`);
  });

export const isWithEventsIn = (fields: Fields): boolean =>
  oneOf(objectIn(fields, "filter") ?? {}, "filter.eventFilter", ["HAS_EVENTS"]) !== undefined;
