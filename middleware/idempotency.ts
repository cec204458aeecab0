// Step: an update or a tick enters its session's inbox under its own key, so that twice is once; what has been
// answered is known by its claim. Powertools' own middleware would delete the record of the original when it refuses
// a duplicate, and locks for as long as an invocation may last (facts/toolchain.md): only its persistence is used.

import { HermesError } from "../src/errors.ts";
import type { Claims, Inbox } from "../src/ports.ts";
import type { Turn } from "../src/turn.ts";
import type { Step } from "./step.ts";

/** Throws `unavailable` when the entry could not be stored: the sender keeps it and tries again. */
export const idempotency = (inbox: Inbox, claims: Claims): Step<{ turn: Turn }, { claims: Claims }> => ({
  before: async function idempotencyBefore({ context }) {
    const { turn } = context;
    if (turn.kind === "arrival") await accept(inbox, turn);
    context.claims = claims;
  },
});

const accept = async (inbox: Inbox, turn: Turn & { readonly kind: "arrival" }): Promise<void> => {
  try {
    await inbox.put(turn.session, turn.entry);
  } catch (error) {
    throw new HermesError("unavailable", "the message could not be stored", {
      cause: error,
      retryable: true,
    });
  }
};
