// The one table (design.md 4): its client, and how keys are spelled.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { HermesError } from "../../errors.ts";
import type { SessionKey } from "../../turn.ts";
import { type AwsPlace, placeOf, timeoutsOf } from "../aws-client.ts";

export interface Table {
  readonly documents: DynamoDBDocumentClient;
  /** The same connection, for libraries that marshal themselves. */
  readonly client: DynamoDBClient;
  readonly name: string;
}

export interface TableOptions extends AwsPlace {
  readonly name: string;
  /** Until one attempt counts as hung. */
  readonly attemptTimeoutMs?: number;
}

/**
 * A hung connection must not eat the invocation: each attempt gets 2 s (a single-item call takes milliseconds), three
 * attempts in all, with the SDK's own backoff between them. Every write is absolute, so that repeating one is harmless.
 */
export const openTable = ({ name, attemptTimeoutMs = 2_000, ...place }: TableOptions): Table => {
  const client = new DynamoDBClient({
    ...placeOf(place, 3),
    requestHandler: timeoutsOf(attemptTimeoutMs),
  });
  nameMissingTable(client, name);
  const documents = DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
  return { documents, client, name };
};

/** The service says "Requested resource not found", which tells an operator nothing. */
const nameMissingTable = (client: DynamoDBClient, name: string): void => {
  client.middlewareStack.add(
    (next) => async (args) => {
      try {
        return await next(args);
      } catch (error) {
        if (!(error instanceof Error) || error.name !== "ResourceNotFoundException") throw error;
        const message = `HERMES_SESSIONS_TABLE: there is no table ${name} in this account and region`;
        throw new HermesError("config", message, { cause: error });
      }
    },
    { step: "initialize", name: "nameMissingTable" },
  );
};

export const sessionPk = (session: SessionKey): string => `SESSION#${session}`;

export const META_SK = "META";

/** What a refused condition is called by the SDK; told apart by name, so that no SDK class is needed to compare. */
export const isConditionRefused = (error: unknown): boolean =>
  error instanceof Error && error.name === "ConditionalCheckFailedException";
