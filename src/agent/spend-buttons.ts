// A message whose button was pressed is answered: its buttons go. Called where presses are answered: answer.ts, commands.ts.

import { orLogged } from "../or-logged.ts";
import { timeLimit } from "../time-limit.ts";
import type { Origin } from "../turn.ts";
import type { TurnContext } from "./turn-context.ts";

/** A courtesy: over before the model has answered, or given up. */
const SPEND_BUTTONS_MS = 3_000;

interface Press {
  readonly pressedOn?: number;
  readonly origin: Origin;
}

/** While the answer is being made. Never rejects. */
export const spendButtons = async (c: TurnContext, entries: readonly Press[]): Promise<void> => {
  using limit = timeLimit(c.ports.clock, SPEND_BUTTONS_MS);
  const signal = AbortSignal.any([c.signal, c.lease.lost, limit.signal]);
  for (const { pressedOn, origin } of entries) {
    if (pressedOn === undefined || !c.lease.hasTime()) continue;
    await orLogged(
      c.ports.log,
      "taking the buttons off",
      c.ports.budget
        .take(origin, signal)
        .then(() => c.ports.telegram.spendButtons(origin, pressedOn, signal)),
    );
  }
};
