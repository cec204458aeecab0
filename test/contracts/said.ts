// What the tests of storage and of the lease put into a session: keys, entries and rows, short to write.

import { randomUUID } from "node:crypto";
import type { Row } from "../../src/session-state.ts";
import type { EntryId, MessageEntry, Origin, SessionKey } from "../../src/turn.ts";

export const ADA: Origin = { chatId: 42, chatType: "dm", userId: 42 };

/** A session nobody else uses: tests of one table do not meet. */
export const newSession = (): SessionKey => `agent:main:telegram:dm:${randomUUID()}` as SessionKey;

/** Ids as parse-update.ts makes them: sixteen digits, so that they sort by arrival. */
export const entryId = (update: number): EntryId => String(update).padStart(16, "0") as EntryId;

export const messageEntry = (update: number, text = `message ${update}`): MessageEntry => ({
  kind: "message",
  id: entryId(update),
  origin: ADA,
  at: 1_790_000_000_000 + update,
  text,
  photos: [],
});

export const SESSION_ID = "20260921_100000_aaaaaaaa";

export const rowOf = (seq: number, fence: number, content = `row ${seq}`, sessionId = SESSION_ID): Row => ({
  sessionId,
  seq,
  fence,
  at: 1_790_000_000_000 + seq,
  message: { role: "user", content },
});
