// What is wrong with a wish about a job, in words for whoever made it. The tool and /cron say it; nothing was done.

import { HermesError } from "../errors.ts";

export class JobError extends HermesError {
  override name = "JobError";
  constructor(message: string) {
    super("malformed", message);
  }
}
