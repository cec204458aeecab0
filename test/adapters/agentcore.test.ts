// Long-term memory on the wire, against a stand-in that refuses what the service refuses.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AgentCoreCall, type AgentCoreStandIn, startAgentCore } from "../../local/agentcore/server.ts";
import { createMemoryService } from "../../src/adapters/agentcore.ts";
import { memoryServiceContract } from "../contracts/memory-service.ts";
import { createFakeMemoryService } from "../fakes/memory-service.ts";
import { createManualTimers } from "../local/manual-timers.ts";

const MEMORY = "hermes_memory-0123456789";
const signal = new AbortController().signal;

const serviceAt = (endpoint: string, memoryId = MEMORY) =>
  createMemoryService({ memoryId, region: "us-east-1", endpoint });

let shared: AgentCoreStandIn;
beforeAll(async () => {
  shared = await startAgentCore({ memoryId: MEMORY });
});
afterAll(() => shared.close());

memoryServiceContract("in memory", () => {
  const service = createFakeMemoryService();
  return {
    service,
    said: (actor) =>
      service.events
        .filter((event) => event.actor === actor)
        .flatMap(({ messages }) => messages.map(({ text }) => text)),
  };
});
memoryServiceContract("over AgentCore Memory", () => ({
  service: serviceAt(shared.endpoint),
  said: (actor) =>
    shared
      .events()
      .filter(({ actorId }) => actorId === actor)
      .flatMap(({ payload }) => payload.map(({ conversational }) => conversational?.content.text ?? "")),
}));

/** A stand-in of its own, whose time the test moves. */
const place = async () => {
  const timers = createManualTimers(Date.UTC(2026, 10, 24, 8));
  const calls: AgentCoreCall[] = [];
  const agentCore = await startAgentCore({
    memoryId: MEMORY,
    timers,
    onCall: (call) => calls.push(call),
  });
  return {
    timers,
    calls,
    agentCore,
    service: serviceAt(agentCore.endpoint),
    [Symbol.asyncDispose]: () => agentCore.close(),
  };
};

const eventOf = (token: string, text = "I like tea") => ({
  actor: "tg-1",
  session: "s-1",
  at: Date.UTC(2026, 10, 24),
  messages: [{ role: "USER" as const, text }],
  token,
});

describe("long-term memory at the service", () => {
  it("is asked for as a path, so that the namespaces of two people are never taken for one", async () => {
    await using world = await place();
    await world.service.search("/users/tg-1/", "tea", 8, signal);
    await world.service.list("/users/tg-1/", signal);
    expect(world.calls.map(({ fields }) => fields["namespacePath"])).toEqual([
      "/users/tg-1/",
      "/users/tg-1/",
    ]);
    expect(world.calls.some(({ fields }) => "namespace" in fields)).toBe(false);
  });

  it.each(["drop-after", "drop-before", "conflict", "error"] as const)(
    "takes an event once when its first attempt ends in %s",
    async (fault) => {
      await using world = await place();
      world.agentCore.fail(fault);
      await world.service.createEvent(eventOf("a".repeat(64)), signal);
      expect(world.agentCore.events()).toHaveLength(1);
    },
  );

  it("says that a second event within four seconds may be tried later, and takes it then", async () => {
    await using world = await place();
    await world.service.createEvent(eventOf("a"), signal);
    await expect(world.service.createEvent(eventOf("b"), signal)).rejects.toMatchObject({
      code: "busy",
      retryable: true,
      message: "the memory did not take an event: ThrottledException",
    });
    await world.timers.advance(4_000);
    await world.service.createEvent(eventOf("b"), signal);
    expect(world.agentCore.events()).toHaveLength(2);
  });

  it("that cannot be reached is `unavailable`, for everything that is asked", async () => {
    await using world = await place();
    const { service } = world;
    for (const call of [
      () => service.createEvent(eventOf("a"), signal),
      () => service.search("/users/tg-1/", "tea", 8, signal),
      () => service.list("/users/tg-1/", signal),
      () => service.add("/users/tg-1/notes/", "tea", "a", 0, signal),
      () => service.remove([`mem-${"0".repeat(36)}`], signal),
      () => service.removeEvents("tg-1", signal),
    ]) {
      world.agentCore.fail("error", { times: 2 });
      await expect(call()).rejects.toMatchObject({ code: "unavailable", retryable: true });
    }
  });

  it("that does not answer is given up with the signal, and the reason is the signal's", async () => {
    await using world = await place();
    world.agentCore.fail("hang");
    const stop = new AbortController();
    const asked = world.service.search("/users/tg-1/", "tea", 8, stop.signal);
    setImmediate(() => stop.abort(new Error("no more time")));
    await expect(asked).rejects.toThrow("no more time");
  });

  it("refuses what never will work for good, and tells nobody what was said", async () => {
    await using world = await place();
    const secret = "my secret ".repeat(20_000);
    const refused = await world.service.createEvent(eventOf("a", secret), signal).catch((error) => error);
    expect(refused).toMatchObject({ code: "malformed", retryable: false });
    expect(`${refused.message}${refused.cause}`).not.toContain("secret");
    await expect(
      serviceAt(world.agentCore.endpoint, "another_memory-0123456789").list("/users/tg-1/", signal),
    ).rejects.toMatchObject({ code: "unavailable", retryable: false });
  });

  it("deletes every event of a long past, page by page, and goes on where a failure stopped it", async () => {
    await using world = await place();
    for (let index = 0; index < 130; index += 1) {
      await world.service.createEvent({ ...eventOf(`t${index}`), at: index * 1_000 }, signal);
      await world.timers.advance(4_000);
    }
    world.agentCore.fail("error", { operation: "DeleteEvent", times: 6 });
    await expect(world.service.removeEvents("tg-1", signal)).rejects.toMatchObject({ code: "unavailable" });
    await world.service.removeEvents("tg-1", signal);
    expect(world.agentCore.events()).toEqual([]);
  });

  it("deletes several conversations at a time: one whose turn takes long keeps the others back no more", async () => {
    await using world = await place();
    const sessions = ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `s-${name}`);
    for (const session of sessions) await world.service.createEvent({ ...eventOf(session), session }, signal);
    await world.service.createEvent({ ...eventOf("his"), actor: "tg-2" }, signal);
    world.agentCore.fail("hang", { operation: "DeleteEvent" });
    await world.service.removeEvents("tg-1", signal);
    const deleted = world.calls.filter(({ operation }) => operation === "DeleteEvent");
    const order = deleted.map(({ fields }) => String(fields["sessionId"]));
    expect(order.toSorted()).toEqual(sessions);
    // The first is answered last: when it was asked once more.
    expect(sessions.slice(0, 5)).toContain(order.at(-1));
    expect(world.agentCore.events().map(({ actorId }) => actorId)).toEqual(["tg-2"]);
  });

  it("asks for no payloads of events it is only to delete, nor for conversations without any", async () => {
    await using world = await place();
    await world.service.createEvent(eventOf("a"), signal);
    await world.service.removeEvents("tg-1", signal);
    await world.service.removeEvents("tg-1", signal);
    const listed = world.calls.filter(({ operation }) => operation === "ListEvents");
    expect(listed.map(({ fields }) => fields["includePayloads"])).toEqual([false]);
  });
});
