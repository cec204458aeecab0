// An event that did not come over HTTP: a tick of the scheduler, a wake, or the notice that one of these failed
// for good. Only an IAM-authorised caller can send one (design.md 2). Called by the parse-turn step. Pure.

import * as z from "zod/mini";
import { HermesError } from "./errors.ts";
import { type Ignored, ignored } from "./parse-message.ts";
import { cronSessionKey, isSessionKey } from "./session-key.ts";
import type { Arrival, ChatType, EntryId, Job, Origin, SessionKey, Turn } from "./turn.ts";

// Hermes writes ids as text, we as numbers; null and absent mean the same in its records.
const telegramId = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^-?\d{1,16}$/))]),
  z.pipe(z.transform(Number), z.number().check(z.refine(Number.isSafeInteger, "not an id"))),
);
const word = z.nullish(z.string());

const originSchema = z.object({
  platform: z.literal("telegram"),
  chat_id: telegramId,
  chat_type: word,
  chat_name: word,
  thread_id: z.nullish(telegramId),
  user_id: z.nullish(telegramId),
  user_name: word,
});

const tickSchema = z.object({
  source: z.literal("hermes.cron"),
  job: z.object({
    // Part of a session key and of an entry id.
    id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
    name: word,
    prompt: z.string(),
    origin: originSchema,
  }),
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

const chatTypeOf = (origin: z.infer<typeof originSchema>): ChatType => {
  if (origin.chat_type === "channel") return "channel";
  if (origin.chat_type === "dm" || origin.chat_type === "private") return "dm";
  // Telegram's ids of groups and channels are negative.
  return origin.chat_type == null && origin.chat_id > 0 ? "dm" : "group";
};

const originOf = (record: z.infer<typeof originSchema>): Origin => {
  const chatType = chatTypeOf(record);
  const userId = record.user_id ?? (chatType === "dm" ? record.chat_id : undefined);
  return {
    chatId: record.chat_id,
    chatType,
    ...(record.chat_name == null ? {} : { chatTitle: record.chat_name }),
    ...(record.thread_id == null ? {} : { threadId: record.thread_id }),
    ...(userId === undefined ? {} : { userId }),
    ...(record.user_name == null ? {} : { userName: record.user_name }),
  };
};

const tickArrival = ({ job: record, scheduledTime: due }: z.infer<typeof tickSchema>): Arrival => {
  const origin = originOf(record.origin);
  const job: Job = { id: record.id, name: record.name || record.id, prompt: record.prompt, origin };
  const at = Date.parse(due);
  // One spelling of the time, whatever the scheduler's: it is half of the run's identity.
  const scheduledTime = new Date(at).toISOString();
  const id = `t#${job.id}#${scheduledTime}` as EntryId;
  return {
    kind: "arrival",
    source: "cron",
    entry: { kind: "tick", id, origin, at, job, scheduledTime },
    session: cronSessionKey(job.id),
    addressed: true,
  };
};

const sourceOf = (event: unknown): unknown => (event as { source?: unknown } | null | undefined)?.source;

const rubbish = (what: string, error: z.core.$ZodError): HermesError => {
  const fields = error.issues.map((issue) => issue.path.join(".") || "itself");
  return new HermesError("malformed", `${what} is not as expected in: ${[...new Set(fields)].join(", ")}`);
};

const parseOwn = (event: unknown, requestId: string): Turn => {
  if (sourceOf(event) === "hermes.cron") {
    const tick = tickSchema.safeParse(event);
    if (!tick.success) throw rubbish("the cron tick", tick.error);
    return { ...tickArrival(tick.data), requestId };
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
const parseNotice = (notice: z.infer<typeof noticeSchema>): Turn | Ignored => {
  try {
    const { requestContext, requestPayload } = parseFailure(notice.Records[0].Sns.Message);
    const inner = noticeSchema.safeParse(requestPayload);
    if (inner.success) return parseNotice(inner.data);
    return { ...parseOwn(requestPayload, requestContext.requestId), isNotice: true };
  } catch (error) {
    if (error instanceof HermesError) return ignored(`the notice of a failed event: ${error.message}`);
    throw error;
  }
};

/** Throws HermesError `malformed`. `requestId` is the invocation's own. */
export const parseEvent = (event: unknown, requestId: string): Turn | Ignored => {
  const notice = noticeSchema.safeParse(event);
  return notice.success ? parseNotice(notice.data) : parseOwn(event, requestId);
};
