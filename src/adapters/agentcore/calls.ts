// Requests to AgentCore Memory: the client, what its failures mean, and pages. Used by agentcore.ts and its deletions.

import type { BedrockAgentCoreClient } from "@aws-sdk/client-bedrock-agentcore";
import { asError, type ErrorCode, HermesError } from "../../errors.ts";
import { once } from "../../once.ts";
import { type AwsPlace, placeOf, statusOf, timeoutsOf } from "../aws-client.ts";

export interface AgentCoreOptions extends AwsPlace {
  readonly memoryId: string;
}

const ATTEMPT_TIMEOUT_MS = 2_000;

/** facts/platform.md 4: of a list and of a batch. */
export const PAGE = 100;

/** 5,000 things about one person: far more than extraction leaves, and a bound on what a list may cost. */
const MAX_PAGES = 50;

type Sdk = typeof import("@aws-sdk/client-bedrock-agentcore");

/** One request under a signal. `what` completes "the memory did not …". */
export type Call = <T>(
  what: string,
  signal: AbortSignal,
  request: (
    sdk: Sdk,
    client: BedrockAgentCoreClient,
    options: { readonly abortSignal: AbortSignal },
  ) => Promise<T>,
) => Promise<T>;

export const createCall = (options: AgentCoreOptions): Call => {
  const open = once(() => openClient(options));
  return async (what, signal, request) => {
    const { sdk, client } = await open();
    signal.throwIfAborted();
    try {
      return await request(sdk, client, { abortSignal: signal });
    } catch (error) {
      signal.throwIfAborted();
      // Its message may quote what somebody said, so that not even the cause goes along.
      const { name } = asError(error);
      throw new HermesError(codeOf(name), `the memory did not ${what}: ${name}`, {
        retryable: isBusy(error),
      });
    }
  };
};

/** The service has both names for too many requests, by operation. */
const TOO_OFTEN = ["ThrottledException", "ThrottlingException"];

const codeOf = (name: string): ErrorCode => {
  if (name === "ValidationException") return "malformed";
  return TOO_OFTEN.includes(name) ? "busy" : "unavailable";
};

/** Loaded with the first call: no turn without memory pays for it. */
const openClient = async (options: AgentCoreOptions) => {
  const sdk = await import("@aws-sdk/client-bedrock-agentcore");
  const client = new sdk.BedrockAgentCoreClient({
    ...placeOf(options, 2),
    requestHandler: timeoutsOf(ATTEMPT_TIMEOUT_MS),
  });
  return { sdk, client };
};

/** No answer, a conflict, too many requests, or trouble at the service: later it may work. */
const isBusy = (error: unknown): boolean => {
  const status = statusOf(error);
  if (status === undefined) return asError(error).name !== "CredentialsProviderError";
  return status === 409 || status === 429 || status >= 500;
};

/** Undefined for what is not there (any more). */
export const ifThere = async <T>(answer: Promise<T>): Promise<T | undefined> => {
  try {
    return await answer;
  } catch (error) {
    if (asError(error).name === "ResourceNotFoundException") return undefined;
    throw error;
  }
};

interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string | undefined;
}

/** The pages of a list, as far as somebody reads them. `ask` is given what a request for the next one must say. */
export const pages = async function* <T>(
  ask: (next: { readonly nextToken?: string }) => Promise<Page<T>>,
): AsyncGenerator<readonly T[]> {
  let nextToken: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const { items, nextToken: next } = await ask(nextToken === undefined ? {} : { nextToken });
    yield items;
    if (next === undefined) return;
    nextToken = next;
  }
};

/** The items of all pages, or of the first ones until there are `enough`. */
export const collected = async <T>(
  ask: (next: { readonly nextToken?: string }) => Promise<Page<T>>,
  enough = Number.POSITIVE_INFINITY,
): Promise<readonly T[]> => {
  const found: T[] = [];
  for await (const items of pages(ask)) {
    found.push(...items);
    if (found.length >= enough) return found.slice(0, enough);
  }
  return found;
};
