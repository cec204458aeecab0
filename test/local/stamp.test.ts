import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { stamped, updateOf } from "../../local/stamp.ts";

const recorded = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), "utf8"));

const NOW = Date.UTC(2027, 0, 2, 3, 4, 5, 678);
const stamp = { nowMs: NOW, messageId: (chatId: number) => chatId + 1_000 };

describe("a recorded message", () => {
  const fresh = updateOf(stamped(recorded("telegram-text"), stamp));
  const original = updateOf(recorded("telegram-text"));

  it("gets a fresh update id, message id and date", () => {
    expect(fresh).toMatchObject({
      update_id: NOW,
      message: { message_id: 1_042, date: Math.floor(NOW / 1_000) },
    });
  });

  it("keeps everything else", () => {
    const { message_id: _, date: __, ...rest } = original?.message ?? {};
    expect(fresh?.message).toMatchObject(rest);
    expect(stamped(recorded("telegram-text"), stamp)).toMatchObject({
      headers: recorded("telegram-text")["headers"],
    });
  });

  it("that is stamped later is a later update", () => {
    const later = updateOf(stamped(recorded("telegram-text"), { ...stamp, nowMs: NOW + 1 }));
    expect(later?.update_id).toBeGreaterThan(fresh?.update_id ?? Number.POSITIVE_INFINITY);
  });
});

describe("other recorded events", () => {
  it("a press of a button keeps the message it is under", () => {
    const press = recorded("telegram-callback");
    const fresh = updateOf(stamped(press, stamp));
    expect(fresh?.update_id).toBe(NOW);
    expect(fresh?.callback_query).toEqual(updateOf(press)?.callback_query);
  });

  it("a cron tick gets a fresh due time, so that it is a new run", () => {
    expect(stamped(recorded("cron-tick"), stamp)).toMatchObject({
      source: "hermes.cron",
      scheduledTime: "2027-01-02T03:04:05.678Z",
    });
  });

  it.each(["telegram-malformed", "telegram-huge-id", "wake", "on-failure"])("%s stays as it is", (name) => {
    expect(stamped(recorded(name), stamp)).toEqual(recorded(name));
    expect(updateOf(recorded(name))).toBeUndefined();
  });

  it.each(["", "text", null, undefined, 7])("an event that is none (%o) stays as it is", (event) => {
    expect(stamped(event, stamp)).toBe(event);
  });
});
