// Step: one holder a session. Gives the agent the lease, whose `next()` yields the batches of its inbox in order.
// From here something is held: no later step may return early, errors are thrown (style: Middy runs no `after` then).

import { type Lease, takeLease } from "../src/lease.ts";
import type { LeasePorts } from "../src/lease-take.ts";
import type { Turn } from "../src/turn.ts";
import type { Answer, Step } from "./step.ts";

export const lease = (ports: LeasePorts): Step<{ turn: Turn }, { lease: Lease }> => {
  const held = new WeakMap<object, Lease>();
  return {
    before: async function leaseBefore(request): Promise<Answer> {
      const { turn } = request.context;
      const taken = await takeLease(ports, turn.session, turn.requestId);
      if (taken === undefined) {
        ports.log.info("the session is being worked on; its holder looks at the inbox before it ends");
        return { statusCode: 200, body: "" };
      }
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
