// What the tests of the lease share: a session, its store, and containers that work on it, each by its own clock.

import { type Lease, takeLease } from "../src/lease.ts";
import type { LeasePorts } from "../src/lease-take.ts";
import type { SessionKey } from "../src/turn.ts";
import { newSession } from "./contracts/said.ts";
import { createFakeClock, type FakeClock } from "./fakes/clock.ts";
import { createFakeInbox } from "./fakes/inbox.ts";
import { createFakeSessions, type SessionStore } from "./fakes/sessions.ts";
import { createLogLines } from "./home/log-lines.ts";

export interface Container extends LeasePorts {
  readonly clock: FakeClock;
  readonly log: ReturnType<typeof createLogLines>;
  readonly session: SessionKey;
}

/** One session in one store; every container begins at the same time. */
export const place = (): { readonly session: SessionKey; container(): Container } => {
  const session = newSession();
  const store: SessionStore = new Map();
  const inbox = createFakeInbox();
  return {
    session,
    container() {
      const clock = createFakeClock();
      return { session, inbox, clock, log: createLogLines(), sessions: createFakeSessions(clock, store) };
    },
  };
};

/** The lease, which must be free. */
export const leaseOf = async (container: Container, requestId = "a"): Promise<Lease> => {
  const lease = await takeLease(container, container.session, requestId);
  if (lease === undefined) throw new Error("somebody else holds the lease");
  return lease;
};
