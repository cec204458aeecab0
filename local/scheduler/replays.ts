// Requests that came before under the same ClientToken: the answer of the first is the answer of all. API reference,
// ClientToken: "identifier you provide to ensure the idempotency of the request". Called by operations.ts.

import { ServiceError } from "../rest-json/errors.ts";

export interface Replays {
  /** `what` is the operation and its resource; `parameters` tell whether the request is the same. */
  once<T>(what: string, token: string | undefined, parameters: string, run: () => T): T;
}

/** How long a token is remembered is not documented; longer than any client goes on trying is what matters. */
const REMEMBERED_MS = 3_600_000;

interface Answered {
  readonly parameters: string;
  readonly answer: unknown;
  readonly atMs: number;
}

export const createReplays = (now: () => number): Replays => {
  const answered = new Map<string, Answered>();
  return {
    once<T>(what: string, token: string | undefined, parameters: string, run: () => T): T {
      if (token === undefined) return run();
      for (const [key, { atMs }] of answered) if (now() - atMs > REMEMBERED_MS) answered.delete(key);
      const key = `${what} ${token}`;
      const before = answered.get(key);
      if (before === undefined) {
        const answer = run();
        answered.set(key, { parameters, answer, atMs: now() });
        return answer;
      }
      if (before.parameters === parameters) return before.answer as T;
      throw new ServiceError(
        "ConflictException",
        "The ClientToken was used for a request with other parameters.",
      );
    },
  };
};
