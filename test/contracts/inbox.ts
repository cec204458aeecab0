// What every implementation of Inbox promises (src/ports.ts).

import { beforeAll, describe, expect, it } from "vitest";
import type { Inbox } from "../../src/ports.ts";
import type { Entry, EntryId } from "../../src/turn.ts";
import { ADA, entryId, messageEntry, newSession } from "./said.ts";

const EVERY_KIND: readonly Entry[] = [
  {
    ...messageEntry(1, "look"),
    origin: { chatId: -1_001_234_567_890, chatType: "group", chatTitle: "Lab", threadId: 1, userId: 42 },
    photos: [{ fileId: "AgAD", width: 1280, height: 720 }],
    pressedOn: 5,
  },
  { kind: "command", id: entryId(2), origin: ADA, at: 2, name: "model", args: "" },
  { kind: "stop", id: entryId(3), origin: ADA, at: 3, draftId: 7 },
  {
    kind: "post",
    id: "p#job_2#2026-09-21T10:00:00.000Z" as EntryId,
    origin: ADA,
    at: 4,
    text: "Tea is ready.",
  },
  {
    kind: "tick",
    id: "t#job_1#2026-09-21T10:00:00.000Z" as EntryId,
    origin: ADA,
    at: 5,
    job: { id: "job_1", name: "Tea", prompt: "Say: tea!", origin: ADA },
    scheduledTime: "2026-09-21T10:00:00.000Z",
  },
];

export const inboxContract = (name: string, start: () => Promise<Inbox>): void => {
  describe(`an inbox ${name}`, () => {
    let inbox: Inbox;
    beforeAll(async () => {
      inbox = await start();
    });

    it("gives back every kind of entry as it was accepted, oldest first, whatever the order of arrival", async () => {
      const session = newSession();
      for (const entry of EVERY_KIND.toReversed()) await inbox.put(session, entry);
      expect(await inbox.waiting(session)).toEqual(EVERY_KIND);
    });

    it("holds an entry once, however often it is delivered", async () => {
      const session = newSession();
      await Promise.all([1, 2, 3].map(() => inbox.put(session, messageEntry(1))));
      expect(await inbox.waiting(session)).toEqual([messageEntry(1)]);
    });

    it("keeps sessions apart", async () => {
      const [one, other] = [newSession(), newSession()];
      await inbox.put(one, messageEntry(1));
      await inbox.remove(other, [entryId(1)]);
      expect(await inbox.waiting(other)).toEqual([]);
      expect(await inbox.waiting(one)).toHaveLength(1);
    });

    it("removes what it is told to, also when it is gone already", async () => {
      const session = newSession();
      for (const update of [1, 2, 3]) await inbox.put(session, messageEntry(update));
      await inbox.remove(session, [entryId(1), entryId(3)]);
      await inbox.remove(session, [entryId(1), entryId(9)]);
      await inbox.remove(session, []);
      expect(await inbox.waiting(session)).toEqual([messageEntry(2)]);
    });
  });
};
