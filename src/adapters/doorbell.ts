// Wakes this same function asynchronously. The event is only a doorbell: what there is to do waits in the inbox.

import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { HermesError } from "../errors.ts";
import type { Doorbell } from "../ports.ts";
import { type AwsPlace, placeOf, timeoutsOf } from "./aws-client.ts";

export const createDoorbell = (options: {
  readonly functionName: string;
  readonly client: LambdaClient;
}): Doorbell => ({
  async wake(session) {
    const payload = new TextEncoder().encode(JSON.stringify({ source: "hermes.wake", session }));
    const { StatusCode } = await options.client.send(
      new InvokeCommand({ FunctionName: options.functionName, InvocationType: "Event", Payload: payload }),
    );
    // 202 is the platform's word that it has taken the event (facts/platform.md 2).
    if (StatusCode !== 202)
      throw new HermesError("unavailable", `the wake was not accepted: status ${StatusCode}`);
  },
});

export interface LambdaOptions extends AwsPlace {
  /** Until one attempt counts as hung. */
  readonly attemptTimeoutMs?: number;
}

/** Ringing twice is harmless, so that a lost answer may be repeated; a hung call may not hold the webhook. */
export const openLambda = ({ attemptTimeoutMs = 3_000, ...place }: LambdaOptions = {}): LambdaClient =>
  new LambdaClient({
    ...placeOf(place, 3),
    requestHandler: timeoutsOf(attemptTimeoutMs),
  });
