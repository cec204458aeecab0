// The table is out of reach for three calls in a row, which is one call with all its attempts: Telegram's redelivery or
// Lambda's retry makes good for it, wherever in a webhook and its turn it happens.

import { describe, expect, it } from "vitest";
import { type Deployment, saidTo, startDeployment, textUpdate } from "../support/deployment.ts";
import { inboxOf, metaOf, rowsOf } from "../support/stored.ts";

const CALLS = 3;
/** The sweep is shared by so many deployments. */
const SHARES = [1, 2, 3, 4];

/** Delivers an update as Telegram does, then lets Lambda try again what failed. Resolves with the times it did. */
const delivered = async (deployment: Deployment, text: string): Promise<number> => {
  const update = textUpdate(text);
  let { statusCode } = await deployment.webhook(update);
  await deployment.settled();
  if (statusCode === 503) ({ statusCode } = await deployment.webhook(update));
  expect(statusCode).toBe(200);
  await deployment.settled();
  const waiting = deployment.lambda.waiting();
  if (waiting > 0) await deployment.retried();
  return waiting;
};

const isMeta = (body: unknown): boolean =>
  (body as { readonly Key?: { readonly SK?: { readonly S?: string } } }).Key?.SK?.S === "META";

describe("an outage of the table", () => {
  it.concurrent.each(SHARES)(
    "loses nothing and doubles nothing, whichever call it begins with (share %i)",
    async (share) => {
      let left = Number.POSITIVE_INFINITY;
      let [exchanges, retries, repeats] = [0, 0, 0];
      let mayRepeat = false;
      await using deployment = await startDeployment({
        onTableRequest: (_target, body) => {
          left -= 1;
          if (left > 0 || left <= -CALLS) return;
          deployment.dynamodb.fail("error");
          // The one window of design.md 9, invariant 2: sent, and META could not be told.
          const isSent = saidTo(deployment.telegram).length > exchanges + repeats;
          if (isSent && left === 1 - CALLS && isMeta(body)) mayRepeat = true;
        },
      });
      await deployment.say("hello");
      exchanges += 1;
      for (let first = share; ; first += SHARES.length) {
        left = first;
        mayRepeat = false;
        retries += await delivered(deployment, `message ${first}`);
        exchanges += 1;
        const { dynamodb, telegram, model, lambda } = deployment;
        const repeated = saidTo(telegram).length - exchanges - repeats;
        expect(repeated).toBeOneOf(mayRepeat ? [0, 1] : [0]);
        repeats += repeated;
        const asked = model.requests.filter(({ body }) => body.tools).length;
        expect(asked).toBeLessThanOrEqual(exchanges + retries);
        if (left > 0) break;
        left = Number.POSITIVE_INFINITY;
        const roles = (await rowsOf(dynamodb.endpoint)).map(
          ({ message }) => (message as { role: string }).role,
        );
        expect(roles).toEqual(Array.from({ length: exchanges }, () => ["user", "assistant"]).flat());
        expect(await inboxOf(dynamodb.endpoint)).toEqual([]);
        expect(await metaOf(dynamodb.endpoint)).not.toHaveProperty("until");
        expect(lambda.waiting()).toBe(0);
      }
      expect(exchanges).toBeGreaterThan(3);
    },
  );
});
