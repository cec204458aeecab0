// A job on the wire: what the scheduler's adapter writes is what a tick is read as.

import { expect, it } from "vitest";
import { jobFromWire, jobToWire } from "../src/job-wire.ts";
import type { Job, SessionKey } from "../src/turn.ts";
import fc from "./support/properties.ts";

const words = fc.array(fc.string(), { maxLength: 3 });
const optional = <T extends object>(model: { readonly [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>;

const origin = fc.oneof(
  fc.integer({ min: 1, max: 2 ** 52 - 1 }).map((id) => ({ chatId: id, chatType: "dm" as const, userId: id })),
  fc
    .integer({ min: 1, max: 2 ** 52 - 1 })
    .map((id) => ({ chatId: -id, chatType: "group" as const, threadId: 7, userId: 5 })),
);

const schedule = fc.oneof(
  fc.constant({ kind: "once" as const, runAt: "2026-12-24T17:30:00Z", display: "once at 2026-12-24 18:30" }),
  fc
    .integer({ min: 1 })
    .map((minutes) => ({ kind: "interval" as const, minutes, display: `every ${minutes}m` })),
  fc.constant({ kind: "cron" as const, expr: "0 9 * * 1-5", display: "0 9 * * 1-5" }),
);

const job = fc
  .tuple(
    fc.record({
      id: fc.stringMatching(/^[0-9a-f]{12}$/),
      name: fc.string({ minLength: 1 }),
      prompt: fc.string(),
      origin,
    }),
    optional({
      owner: fc.constant("agent:main:telegram:dm:42" as SessionKey),
      ...{ schedule, skills: words, toolsets: words, contextFrom: words },
      ...{ timezone: fc.constant("Europe/Berlin"), model: fc.string(), deliver: fc.string() },
    }),
  )
  .map(([needed, more]): Job => ({ ...needed, ...more }));

it("a job comes back from the wire as it went, whatever it holds", () => {
  fc.assert(
    fc.property(job, (one) => {
      expect(jobFromWire(JSON.parse(JSON.stringify(jobToWire(one))))).toEqual(one);
    }),
  );
});

it("what is no job of ours is none", () => {
  for (const payload of [undefined, null, "job", {}, { id: "../../x", prompt: "p", origin: {} }])
    expect(jobFromWire(payload)).toBeUndefined();
});
