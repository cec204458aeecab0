// Whose a job is: the conversation it was made in; one made by hand names none and is its origin's.

import { type SessionKeyOptions, sessionKey } from "../session-key.ts";
import type { Job, SessionKey } from "../turn.ts";

export const ownerOf = (job: Job, keys: SessionKeyOptions): SessionKey =>
  job.owner ?? sessionKey({ platform: "telegram", ...job.origin }, keys);
