// `cronjob`: reminders and scheduled work (hermes-behaviour.md 3). What it takes is in cronjob-schema.ts, what its actions do
// and say in cronjob-actions.ts.

import type { Tool } from "../ports.ts";
import type { CronjobOptions } from "./cronjob-actions.ts";
import { cronjobParameters } from "./cronjob-schema.ts";
import { defineTool } from "./define-tool.ts";

const DESCRIPTION =
  "Reminders and scheduled work. A job's prompt runs at its times in a fresh session, with nobody present; its answer is " +
  "delivered to this chat. A plain reminder is a one-shot whose prompt says what to tell. List first when the person speaks " +
  "of a job that exists. Tell them the next run from the result.";

export const createCronjob = (options: CronjobOptions): Tool =>
  defineTool({
    name: "cronjob",
    toolset: "cronjob",
    description: DESCRIPTION,
    parallel: false,
    // Every action is known by its call: made again after a crash it is the same job, the same state, the same run.
    repeatable: true,
    parameters: cronjobParameters,
    // Calendars are loaded with the first reminder: no other turn needs them.
    run: async (args, context) => (await import("./cronjob-actions.ts")).perform(options, args, context),
  });
