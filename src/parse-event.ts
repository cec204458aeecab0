// An event that did not come over HTTP: a tick of the scheduler, a wake, or the notice that one of these failed
// for good. Only an IAM-authorised caller can send one (design.md 2). Called by the parse-turn step. Pure.

import * as z from "zod/mini";
import { HermesError } from "./errors.ts";
import { jobOf, jobSchema } from "./job-wire.ts";
import { type Ignored, ignored } from "./parse-message.ts";
import { cronSessionKey, isSessionKey } from "./session-key.ts";
import type { Arrival, EntryId, SessionKey, Turn } from "./turn.ts";

const tickSchema = z.object({
  source: z.literal("hermes.cron"),
  job: jobSchema,
  scheduledTime: z.string().check(z.refine((text) => Number.isFinite(Date.parse(text)), "not a time")),
});

const wakeSchema = z.object({
  source: z.literal("hermes.wake"),
  session: z.custom<SessionKey>((text) => typeof text === "string" && isSessionKey(text)),
});

// Lambda's destination record, inside the one SNS message of the event.
const noticeSchema = z.object({
  Records: z.tuple([z.object({ EventSource: z.literal("aws:sns"), Sns: z.object({ Message: z.string() }) })]),
});
const failureSchema = z.object({
  requestContext: z.object({ requestId: z.string().check(z.minLength(1)) }),
  requestPayload: z.unknown(),
});

const tickArrival = (
  { job: record, scheduledTime: due }: z.infer<typeof tickSchema>,
  acceptedAt: number,
): Arrival => {
  const job = jobOf(record);
  const { origin } = job;
  const at = Date.parse(due);
  // One spelling of the time, whatever the scheduler's: it is half of the run's identity.
  const scheduledTime = new Date(at).toISOString();
  const id = `t#${job.id}#${scheduledTime}` as EntryId;
  return {
    kind: "arrival",
    source: "cron",
    entry: { kind: "tick", id, origin, at, job, scheduledTime, acceptedAt },
    session: cronSessionKey(job.id),
    addressed: true,
  };
};

const sourceOf = (event: unknown): unknown => (event as { source?: unknown } | null | undefined)?.source;

const rubbish = (what: string, error: z.core.$ZodError): HermesError => {
  const fields = error.issues.map((issue) => issue.path.join(".") || "itself");
  return new HermesError("malformed", `${what} is not as expected in: ${[...new Set(fields)].join(", ")}`);
};

const parseOwn = (event: unknown, requestId: string, nowMs: number): Turn => {
  if (sourceOf(event) === "hermes.cron") {
    const tick = tickSchema.safeParse(event);
    if (!tick.success) throw rubbish("the cron tick", tick.error);
    return { ...tickArrival(tick.data, nowMs), requestId };
  }
  if (sourceOf(event) === "hermes.wake") {
    const wake = wakeSchema.safeParse(event);
    if (!wake.success) throw rubbish("the wake", wake.error);
    return { kind: "wake", session: wake.data.session, requestId };
  }
  throw new HermesError(
    "malformed",
    "an event of no kind we know: not HTTP, no tick, no wake, no failure notice",
  );
};

const parseFailure = (message: string): z.infer<typeof failureSchema> => {
  try {
    return failureSchema.parse(JSON.parse(message));
  } catch {
    // The text of the cause would quote the payload, and with it what people wrote.
    throw new HermesError("malformed", "not a failure record of Lambda");
  }
};

/**
 * The failed event once more, under its own request id, so that it recognises its own lease. The notice of a failed
 * notice is the same event one layer deeper. What cannot be parsed is ignored: thrown, it would fail again,
 * become a notice again, and go round for ever.
 */
const parseNotice = (notice: z.infer<typeof noticeSchema>, nowMs: number): Turn | Ignored => {
  try {
    const { requestContext, requestPayload } = parseFailure(notice.Records[0].Sns.Message);
    const inner = noticeSchema.safeParse(requestPayload);
    if (inner.success) return parseNotice(inner.data, nowMs);
    return { ...parseOwn(requestPayload, requestContext.requestId, nowMs), isNotice: true };
  } catch (error) {
    if (error instanceof HermesError) return ignored(`the notice of a failed event: ${error.message}`);
    throw error;
  }
};

/** Throws HermesError `malformed`. `requestId` is the invocation's own; `nowMs` dates the acceptance of a tick. */
export const parseEvent = (event: unknown, requestId: string, nowMs: number): Turn | Ignored => {
  const notice = noticeSchema.safeParse(event);
  return notice.success ? parseNotice(notice.data, nowMs) : parseOwn(event, requestId, nowMs);
};
