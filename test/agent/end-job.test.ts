// What becomes of a job whose result cannot be said: the chat it is for is closed to the bot.

import { describe, expect, it } from "vitest";
import { endJobOfClosedChat } from "../../src/agent/end-job.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import { createJob, removeJob } from "../../src/jobs/manage.ts";
import type { Outgoing } from "../../src/session-state.ts";
import type { EntryId, SessionKey } from "../../src/turn.ts";
import { silentLog } from "../front-door.ts";
import { jobPorts, OWNER, WHO } from "../jobs/kit.ts";

const GROUP_CHAT = "agent:main:telegram:group:-100:42" as SessionKey;

const setup = async ({ session = GROUP_CHAT, schedule = "every 1h" } = {}) => {
  const ports = jobPorts();
  const { id } = await createJob(ports, WHO, { prompt: "Call mum", name: "Mum", schedule });
  const out: Outgoing = {
    ...{ text: "Call mum!", next: 0, simplified: [], sentIds: [], jobId: id },
    origin: { chatId: -100, chatType: "group", userId: 42 },
    entries: [`p#${id}#2026-11-24T09:00:00Z` as EntryId],
  };
  // What it reads of a turn, and no more.
  const c = { ports: { ...ports, log: silentLog }, lease: { session } } as unknown as TurnContext;
  return { ports, id, out, end: (ended: Outgoing) => endJobOfClosedChat(c, ended, id) };
};

const recordOf = ({ ports, id }: Awaited<ReturnType<typeof setup>>) => ports.jobs.get(OWNER, id);

describe("a job whose result meets a closed chat", () => {
  it("is paused where it belongs, and its owner is told once however often that is repeated", async () => {
    const world = await setup();
    await world.end({ ...world.out, owner: OWNER });
    await world.end({ ...world.out, owner: OWNER });
    expect(await recordOf(world)).toMatchObject({ state: "paused" });
    const told = await world.ports.inbox.waiting(OWNER);
    expect(told).toMatchObject([{ kind: "post", origin: WHO.origin }]);
    expect(told[0]).not.toHaveProperty("jobId");
    expect(new Set(world.ports.doorbell.rung)).toEqual(new Set([OWNER]));
  });

  it("that had its one time is not called paused, and what it had to say comes back", async () => {
    const world = await setup({ schedule: "20m" });
    const record = await recordOf(world);
    if (record !== undefined) await world.ports.jobs.put({ ...record, state: "completed" });
    await world.end({ ...world.out, owner: OWNER });
    const text = expect.stringMatching(
      /^⚠️ Cron job 'Mum' ran, but the chat -100 is closed to me\.[\s\S]*Call mum!$/,
    );
    expect(await world.ports.inbox.waiting(OWNER)).toMatchObject([{ text }]);
  });

  it("that was removed meanwhile is spoken of no more", async () => {
    const world = await setup();
    await removeJob(world.ports, OWNER, world.id);
    await world.end({ ...world.out, owner: OWNER });
    expect(await world.ports.inbox.waiting(OWNER)).toEqual([]);
  });

  it.each([{ owner: OWNER }, {}])(
    "in the chat that owns it is paused without a word there (%o)",
    async (whose) => {
      const world = await setup({ session: OWNER });
      await world.end({ ...world.out, ...whose });
      expect(await recordOf(world)).toMatchObject({ state: "paused" });
      expect(await world.ports.inbox.waiting(OWNER)).toEqual([]);
    },
  );
});
