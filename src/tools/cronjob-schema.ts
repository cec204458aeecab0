// The arguments of the cronjob tool: Hermes' own, and a time zone (hermes-behaviour.md 3.1).

import * as z from "zod/mini";

const text = (max: number) => z.string().check(z.maxLength(max));
const listOf = (max: number) => z.union([z.array(text(200)).check(z.maxLength(max)), text(200)]);

/** Every word of these is in every request of every session. */
export const cronjobParameters = z.object({
  action: text(40).check(
    z.describe("create, list, update, pause, resume, remove, run (once, now, beside its schedule)."),
  ),
  job_id: z.optional(text(200)).check(z.describe("Id or name; not for create and list.")),
  prompt: z.optional(text(30_000)).check(z.describe("Self-contained: the run knows nothing of this chat.")),
  schedule: z
    .optional(text(200))
    .check(
      z.describe(
        "'30m', '2h', '1d': once, after that. 'every 2h': recurring. '0 9 * * 1-5': cron, local time. '2026-02-03T14:00': once, " +
          "local time.",
      ),
    ),
  name: z.optional(text(200)),
  repeat: z.optional(z.number()).check(z.describe("How often; default for ever, or once for a one-shot.")),
  deliver: z
    .optional(listOf(10))
    .check(z.describe("origin (this chat, default), local (nowhere), telegram[:CHAT_ID[:THREAD_ID]].")),
  skills: z.optional(listOf(20)).check(z.describe("Skills the run begins with.")),
  model: z.optional(z.union([text(100), z.object({ model: text(100), provider: z.optional(text(100)) })])),
  context_from: z.optional(listOf(10)).check(z.describe("Jobs whose newest answers the run is given.")),
  enabled_toolsets: z.optional(listOf(20)),
  timezone: z
    .optional(text(60))
    .check(z.describe("IANA name, when the person has said where they are; remembered.")),
  reason: z.optional(text(200)).check(z.describe("pause: why.")),
  script: z.optional(z.unknown()),
  no_agent: z.optional(z.unknown()),
  workdir: z.optional(z.unknown()),
});

export type CronjobArgs = z.output<typeof cronjobParameters>;
