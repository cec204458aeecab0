// Telegram as it really delivers, and everything that can go wrong between it and the function, for dozens of chats at
// once over the packaged artifact. `npm run soak` does the same for hundreds and for longer.

import { expect, inject, it } from "vitest";
import { simulate } from "./simulation.ts";

/** Another one finds other orders: `HERMES_SEED=… npx vitest run test/delivery`. */
const seed = process.env["HERMES_SEED"] ?? "telegram-1";

it(`nothing is lost, doubled or out of order, whatever is lost, late, doubled or killed (seed ${seed})`, async () => {
  const report = await simulate({
    artifact: inject("artifact"),
    seed,
    chats: 40,
    messages: 3,
    containers: 4,
  });
  expect({ problems: report.problems, stories: report.stories }).toEqual({ problems: [], stories: [] });
  expect(report.delivered).toBe(report.said);
  // What was meant to go wrong did: a simulation without troubles proves nothing.
  expect(report.deaths).toBeGreaterThan(10);
  expect(report.troubles.size).toBeGreaterThan(15);
}, 180_000);
