// What every implementation of JobTimers promises (src/ports.ts).

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { JobTimer, JobTimers } from "../../src/ports.ts";
import { ADA } from "./said.ts";

export const timerOf = (more: Partial<JobTimer> = {}): JobTimer => ({
  name: `${randomBytes(8).toString("hex")}-0123456789ab`,
  expression: "cron(0 9 ? * 2-6 *)",
  timezone: "Europe/Berlin",
  isEnabled: true,
  isOnce: false,
  job: { id: "0123456789ab", name: "Tea", prompt: "Say that tea is ready.", origin: ADA, deliver: "local" },
  ...more,
});

export const jobTimersContract = (name: string, start: () => JobTimers): void => {
  describe(`timers of jobs ${name}`, () => {
    it("come back as they were set, and are replaced as a whole", async () => {
      const timers = start();
      const first = timerOf({ expression: "rate(2 hours)", startDate: "2126-11-24T10:00:00.000Z" });
      await timers.set(first);
      expect(await timers.get(first.name)).toEqual(first);
      const second = timerOf({ name: first.name, isEnabled: false, timezone: "UTC" });
      await timers.set(second);
      expect(await timers.get(first.name)).toEqual(second);
      expect(await timers.names()).toContain(first.name);
    });

    it("are gone once removed, and may be removed again", async () => {
      const timers = start();
      const timer = timerOf();
      await timers.set(timer);
      await timers.remove(timer.name);
      await timers.remove(timer.name);
      expect(await timers.get(timer.name)).toBeUndefined();
      expect(await timers.names()).not.toContain(timer.name);
    });
  });
};
