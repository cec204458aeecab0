// The arguments of the cronjob tool: Hermes' own, and a time zone (hermes-behaviour.md 3.1).

import * as z from "zod/mini";

const text = (max: number) => z.string().check(z.maxLength(max));
const listOf = (max: number) => z.union([z.array(text(200)).check(z.maxLength(max)), text(200)]);

export const cronjobParameters = z.object({
  action: text(40).check(
    z.describe("create, list, update, pause, resume, remove or run (run: once, now, beside its schedule)."),
  ),
  job_id: z
    .optional(text(200))
    .check(z.describe("Id or name of the job, for every action but create and list.")),
  prompt: z
    .optional(text(30_000))
    .check(
      z.describe(
        "What the run is to do or say, self-contained: a run is a fresh session that knows nothing of this chat.",
      ),
    ),
  schedule: z
    .optional(text(200))
    .check(
      z.describe(
        "'30m', '2h', '1d': once, after that time. 'every 30m', 'every 2h': recurring. '0 9 * * 1-5': five-field cron in " +
          "the person's time zone. '2026-02-03T14:00': once, at that local time.",
      ),
    ),
  name: z.optional(text(200)).check(z.describe("Short name people recognise it by.")),
  repeat: z
    .optional(z.number())
    .check(z.describe("How often it runs; left out: for ever, or once for a one-shot.")),
  deliver: z
    .optional(listOf(10))
    .check(
      z.describe(
        "Where the answer goes: origin (this chat, the default), local (nowhere), telegram, telegram:CHAT_ID[:THREAD_ID].",
      ),
    ),
  skills: z.optional(listOf(20)).check(z.describe("Skills that the run begins with.")),
  model: z
    .optional(z.union([text(100), z.object({ model: text(100), provider: z.optional(text(100)) })]))
    .check(z.describe("Another model for the run.")),
  context_from: z
    .optional(listOf(10))
    .check(z.describe("Ids of jobs whose newest answers the run is given.")),
  enabled_toolsets: z.optional(listOf(20)).check(z.describe("The only toolsets the run may use.")),
  timezone: z
    .optional(text(60))
    .check(z.describe("IANA name, when the person has said where they are. It is remembered for this chat.")),
  reason: z.optional(text(200)).check(z.describe("Why it is paused.")),
  script: z.optional(z.unknown()),
  no_agent: z.optional(z.unknown()),
  workdir: z.optional(z.unknown()),
});

export type CronjobArgs = z.output<typeof cronjobParameters>;
