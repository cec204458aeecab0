// Step: nothing that came over HTTP is looked at before it has shown the webhook secret: any path, any method,
// before a byte of the body is parsed. An event that did not come over HTTP can only be an IAM-authorised caller's.

import { createHash, timingSafeEqual } from "node:crypto";
import type { Log } from "../src/log.ts";
import type { Answer, Step } from "./step.ts";

/**
 * Proof that an event passed the door, and which one. Only this file makes it, and parsing needs it:
 * no unverified message can become a Turn.
 */
export interface Verified {
  verified: { readonly via: "http" | "iam"; readonly brand: typeof BRAND };
}
const BRAND: unique symbol = Symbol("verified");

// Lower case: a Function URL writes header names so (facts/platform.md 1).
const SECRET_HEADER = "x-telegram-bot-api-secret-token";

const UNAUTHORIZED: Answer = { statusCode: 401, body: "" };

/**
 * Ticks, wakes and notices have neither a request context nor headers. Whatever has one of them counts as HTTP and
 * must show the secret, also when another front than a Function URL is put before the function one day.
 */
export const isHttpEvent = (event: unknown): boolean =>
  typeof event === "object" && event !== null && ("requestContext" in event || "headers" in event);

const shownSecret = (event: unknown): string => {
  const { headers } = event as { headers?: Readonly<Record<string, unknown>> | null };
  const value = headers?.[SECRET_HEADER];
  return typeof value === "string" ? value : "";
};

// Digests have one length, so that neither length nor content of the secret can be timed.
const digest = (text: string): Buffer => createHash("sha256").update(text).digest();

export const verifySecret = (
  telegram: { readonly webhookSecret: string },
  log: Log,
): Step<object, Verified> => {
  if (telegram.webhookSecret === "") throw new Error("without a webhook secret the door would stand open");
  const expected = digest(telegram.webhookSecret);
  return {
    before: function verifySecretBefore({ event, context }): Answer {
      const http = isHttpEvent(event);
      if (http) {
        const shown = shownSecret(event);
        if (!timingSafeEqual(digest(shown), expected)) {
          log.warn("request refused at the door", {
            reason: shown === "" ? "no webhook secret" : "wrong webhook secret",
          });
          return UNAUTHORIZED;
        }
      }
      context.verified = { via: http ? "http" : "iam", brand: BRAND };
      return undefined;
    },
  };
};
