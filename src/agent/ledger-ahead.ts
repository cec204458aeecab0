// The account of who is about to speak, read while the lease is being taken: without it the first model request would wait for
// a round trip of its own. Made by agent-side.ts, begun by middleware/lease.ts, taken by the meter.

import type { Clock } from "../ports.ts";
import { privateChatOf } from "../session-key.ts";
import type { SessionKey } from "../turn.ts";
import { dayOf } from "../usage/money.ts";
import type { Ledger, Payer, Today } from "../usage-ports.ts";

export interface LedgerAhead extends Ledger {
  /** Begins to read the account that a turn of this session is put on, where the session says whose that is. Never throws. */
  begin(session: SessionKey): void;
}

/** Older than this it may have waited for another invocation, or in a frozen process: then it is read again. */
const FRESH_MS = 2_000;

interface Ahead {
  readonly account: string;
  readonly at: number;
  readonly today: Promise<Today>;
}

export const createLedgerAhead = (ledger: Ledger, clock: Pick<Clock, "now">): LedgerAhead => {
  let ahead: Ahead | undefined;
  return {
    begin(session) {
      // Elsewhere the inbox tells who speaks.
      const chatId = privateChatOf(session);
      ahead = undefined;
      if (chatId === undefined) return;
      const at = clock.now();
      const payer = { userId: chatId, chatId };
      const today = ledger.read(dayOf(at), payer);
      // Whoever takes it hears of a failure; where nobody does there was no turn.
      today.catch(() => undefined);
      ahead = { account: accountOf(dayOf(at), payer), at, today };
    },
    read(day, payer) {
      const begun = ahead;
      ahead = undefined;
      const isOfUse =
        begun?.account === accountOf(day, payer) && Math.abs(clock.now() - begun.at) <= FRESH_MS;
      return isOfUse ? begun.today : ledger.read(day, payer);
    },
    add: (day, payer, spending, mark) => ledger.add(day, payer, spending, mark),
  };
};

const accountOf = (day: string, { userId, chatId, jobId }: Payer): string =>
  [day, userId, chatId, jobId ?? ""].join("#");
