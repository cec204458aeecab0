// What every implementation of MemoryService promises (src/memory-ports.ts).

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { MemoryService } from "../../src/memory-ports.ts";

const AT = 1_790_000_000_000;
const signal = new AbortController().signal;
const unique = (): string => randomBytes(8).toString("hex");

interface Started {
  readonly service: MemoryService;
  /** Texts of an actor's events, oldest first. */
  said(actor: string): readonly string[];
}

export const memoryServiceContract = (name: string, start: () => Started): void => {
  const person = () => {
    const actor = `tg-${unique()}`;
    return { ...start(), actor, path: `/users/${actor}/`, notes: `/users/${actor}/notes/` };
  };
  const texts = (records: readonly { readonly text: string }[]) => records.map(({ text }) => text).sort();

  describe(`long-term memory ${name}`, () => {
    it("finds what was stored at once, the best first, and no more than is asked for", async () => {
      const { service, path, notes } = person();
      await service.add(notes, "Likes green tea", unique(), AT, signal);
      await service.add(notes, "Drinks green tea with milk", unique(), AT + 1, signal);
      await service.add(notes, "Has a cat", unique(), AT + 2, signal);
      const found = await service.search(path, "green tea with milk", 5, signal);
      expect(found.map(({ text }) => text)).toEqual(["Drinks green tea with milk", "Likes green tea"]);
      expect(found[0]?.at).toBe(AT + 1);
      expect(found[0]?.score).toBeGreaterThan(found[1]?.score ?? 1);
      expect(await service.search(path, "green tea", 1, signal)).toHaveLength(1);
      expect(await service.search(path, "bicycle", 5, signal)).toEqual([]);
    });

    it("stores one record however often its token comes", async () => {
      const { service, path, notes } = person();
      const token = unique();
      await service.add(notes, "Likes tea", token, AT, signal);
      await service.add(notes, "Likes tea", token, AT, signal);
      expect(await service.list(path, signal)).toHaveLength(1);
    });

    it("lists all of a person, and nobody whose name only begins alike", async () => {
      const { service, actor, path } = person();
      for (let index = 0; index < 230; index += 1) {
        await service.add(`${path}notes/`, `note ${index}`, unique(), AT + index, signal);
      }
      await service.add(`/users/${actor}2/notes/`, "note of somebody else", unique(), AT, signal);
      const listed = await service.list(path, signal);
      expect(new Set(texts(listed)).size).toBe(230);
      expect(await service.search(path, "somebody", 5, signal)).toEqual([]);
    });

    it("removes records, also some that are gone, and more than a batch of them", async () => {
      const { service, path, notes } = person();
      for (let index = 0; index < 120; index += 1) {
        await service.add(notes, `note ${index}`, unique(), AT, signal);
      }
      const ids = (await service.list(path, signal)).map(({ id }) => id);
      await service.remove(ids.slice(0, 10), signal);
      await service.remove(ids, signal);
      await service.remove([], signal);
      expect(await service.list(path, signal)).toEqual([]);
    });

    it("takes one event of both sides, once a token, and forgets a person's events alone", async () => {
      const { service, actor, said } = person();
      const event = {
        actor,
        session: "s-1",
        at: AT,
        token: unique(),
        messages: [
          { role: "USER" as const, text: "I like tea" },
          { role: "ASSISTANT" as const, text: "Noted" },
        ],
      };
      await service.createEvent(event, signal);
      await service.createEvent(event, signal);
      await service.createEvent({ ...event, session: "s-2", token: unique() }, signal);
      await service.createEvent({ ...event, actor: `${actor}2`, token: unique() }, signal);
      expect(said(actor)).toEqual(["I like tea", "Noted", "I like tea", "Noted"]);
      await service.removeEvents(actor, signal);
      await service.removeEvents(actor, signal);
      expect(said(actor)).toEqual([]);
      expect(said(`${actor}2`)).toHaveLength(2);
      await service.removeEvents(`tg-${unique()}`, signal);
    });

    it("asks nothing once the signal has ended", async () => {
      const { service, path } = person();
      const reason = new Error("stopped");
      await expect(service.list(path, AbortSignal.abort(reason))).rejects.toBe(reason);
    });
  });
};
