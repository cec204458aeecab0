// Step: one holder a session. Gives the agent the lease, whose `next()` yields the batches of its inbox in order.
// From here something is held: no later step may return early, errors are thrown (style: Middy runs no `after` then).

import { HermesError } from "../src/errors.ts";
import { type Lease, takeLease } from "../src/lease.ts";
import type { LeasePorts } from "../src/lease-take.ts";
import type { SessionKey, Turn } from "../src/turn.ts";
import type { Answer, Step } from "./step.ts";
import type { Verified } from "./verify-secret.ts";

export interface LeaseStepPorts extends LeasePorts {
  /** Begins what a turn of this session will ask first and needs no lease for: it is read beside the lease. Never throws. */
  foresee(session: SessionKey): void;
}

export const lease = (ports: LeaseStepPorts): Step<{ turn: Turn } & Verified, { lease: Lease }> => {
  const held = new WeakMap<object, Lease>();
  return {
    before: async function leaseBefore(request): Promise<Answer> {
      const { turn } = request.context;
      ports.foresee(turn.session);
      const taken = await takeLease(ports, turn.session, turn.requestId);
      if (taken === undefined) return leaveToHolder(ports, request.context.verified.via);
      held.set(request, taken);
      request.context.lease = taken;
      return undefined;
    },
    // Not released: what is open stays as it is, and the retry takes the lease over once it has run out.
    onError: function leaseOnError(request) {
      held.get(request)?.abandon();
    },
  };
};

/**
 * The holder looks at the inbox before it ends. A holder that died is made up for by the retry of its own event; an
 * event that came over HTTP (inline dispatch) has no such retry, so the sender is asked to come again.
 */
const leaveToHolder = ({ log }: LeasePorts, via: Verified["verified"]["via"]): Answer => {
  if (via === "http") throw new HermesError("busy", "the session is being worked on", { retryable: true });
  log.info("the session is being worked on; its holder looks at the inbox before it ends");
  return { statusCode: 200, body: "" };
};
