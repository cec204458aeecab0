// A job as a schedule carries it: Hermes' own names, so that one made by hand reads like Hermes' records. Written by the
// scheduler's adapter, read by parse-event.ts when it ticks. Pure.

import * as z from "zod/mini";
import { isSessionKey } from "./session-key.ts";
import { isTimeZone } from "./time-zone.ts";
import type { ChatType, Job, Origin, Schedule, SessionKey } from "./turn.ts";

// Hermes writes ids as text, we as numbers; null and absent mean the same in its records.
const telegramId = z.pipe(
  z.union([z.number(), z.string().check(z.regex(/^-?\d{1,16}$/))]),
  z.pipe(z.transform(Number), z.number().check(z.refine(Number.isSafeInteger, "not an id"))),
);
const word = z.nullish(z.string());
const words = z.nullish(z.array(z.string()));

const originSchema = z.object({
  platform: z.literal("telegram"),
  chat_id: telegramId,
  chat_type: word,
  chat_name: word,
  thread_id: z.nullish(telegramId),
  user_id: z.nullish(telegramId),
  user_name: word,
});

const scheduleSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("once"), run_at: z.string(), display: word }),
  z.object({ kind: z.literal("interval"), minutes: z.number(), display: word }),
  z.object({ kind: z.literal("cron"), expr: z.string(), display: word }),
]);

export const jobSchema = z.object({
  // Part of a session key and of an entry id.
  id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  name: word,
  prompt: z.string(),
  origin: originSchema,
  owner: z.nullish(z.custom<SessionKey>((text) => typeof text === "string" && isSessionKey(text))),
  // Written by hand these may be anything: they only say how late is too late, and what the clock shows.
  schedule: z.catch(z.nullish(scheduleSchema), undefined),
  timezone: z.catch(z.nullish(z.string().check(z.refine(isTimeZone))), undefined),
  skills: words,
  model: word,
  deliver: word,
  enabled_toolsets: words,
  context_from: words,
});

type WireJob = z.infer<typeof jobSchema>;
type WireOrigin = z.infer<typeof originSchema>;
type WireSchedule = z.infer<typeof scheduleSchema>;

const chatTypeOf = (origin: WireOrigin): ChatType => {
  if (origin.chat_type === "channel") return "channel";
  if (origin.chat_type === "dm" || origin.chat_type === "private") return "dm";
  // Telegram's ids of groups and channels are negative.
  return origin.chat_type == null && origin.chat_id > 0 ? "dm" : "group";
};

const originOf = (record: WireOrigin): Origin => {
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

const scheduleOf = (wire: WireSchedule): Schedule => {
  switch (wire.kind) {
    case "once":
      return { kind: "once", runAt: wire.run_at, display: wire.display ?? `once at ${wire.run_at}` };
    case "interval":
      return { ...wire, display: wire.display ?? `every ${wire.minutes}m` };
    default:
      return { ...wire, display: wire.display ?? wire.expr };
  }
};

export const jobOf = (wire: WireJob): Job => ({
  id: wire.id,
  name: wire.name || wire.id,
  prompt: wire.prompt,
  origin: originOf(wire.origin),
  ...(wire.owner == null ? {} : { owner: wire.owner }),
  ...(wire.schedule == null ? {} : { schedule: scheduleOf(wire.schedule) }),
  ...(wire.timezone == null ? {} : { timezone: wire.timezone }),
  ...(wire.skills == null ? {} : { skills: wire.skills }),
  ...(wire.model == null ? {} : { model: wire.model }),
  ...(wire.deliver == null ? {} : { deliver: wire.deliver }),
  ...(wire.enabled_toolsets == null ? {} : { toolsets: wire.enabled_toolsets }),
  ...(wire.context_from == null ? {} : { contextFrom: wire.context_from }),
});

/** Undefined for what is no job of ours. */
export const jobFromWire = (payload: unknown): Job | undefined => {
  const parsed = jobSchema.safeParse(payload);
  return parsed.success ? jobOf(parsed.data) : undefined;
};

export const jobToWire = (job: Job): object => {
  const { id, name, prompt, origin, schedule, toolsets, contextFrom, ...same } = job;
  return {
    ...{ id, name, prompt },
    origin: {
      platform: "telegram",
      chat_id: String(origin.chatId),
      chat_type: origin.chatType,
      ...(origin.chatTitle === undefined ? {} : { chat_name: origin.chatTitle }),
      ...(origin.threadId === undefined ? {} : { thread_id: String(origin.threadId) }),
      ...(origin.userId === undefined ? {} : { user_id: String(origin.userId) }),
      ...(origin.userName === undefined ? {} : { user_name: origin.userName }),
    },
    ...same,
    ...(schedule === undefined ? {} : { schedule: scheduleToWire(schedule) }),
    ...(toolsets === undefined ? {} : { enabled_toolsets: toolsets }),
    ...(contextFrom === undefined ? {} : { context_from: contextFrom }),
  };
};

const scheduleToWire = (schedule: Schedule): WireSchedule =>
  schedule.kind === "once" ? { kind: "once", run_at: schedule.runAt, display: schedule.display } : schedule;
