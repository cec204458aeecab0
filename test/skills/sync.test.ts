// How a change of a skill reaches the Knowledge Base, whatever dies or refuses on the way.

import { describe, expect, it } from "vitest";
import { BUSY, DENIED } from "../fakes/knowledge-base.ts";
import fc from "../support/properties.ts";
import { createWorld, never, searchable } from "./sync-kit.ts";

describe("a change of a skill", () => {
  it("is given to the Knowledge Base at once, and forgotten when it is indexed", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "research/tea", "Boil water.");
    await sync.settle(never);
    world.base.index();
    expect(world.base.found()).toEqual({ "research/tea": searchable("research/tea", "Boil water.") });
    expect([...world.pending.records.values()]).toMatchObject([{ state: "submitted", attempts: 0 }]);
    await world.clock.advance(30_000);
    await sync.settle(never);
    expect(world.pending.records.size).toBe(0);
    expect(world.base.counts.put).toBe(1);
    expect(await sync.search("water", 5, never)).toEqual(["research/tea"]);
  });

  it("takes a deleted skill out of it", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    await world.untilSettled(sync);
    await world.change(sync, "tea", undefined);
    await world.untilSettled(sync);
    expect(world.base.found()).toEqual({});
  });

  it("is not given to it when it is no text: nobody is to find what is withheld", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    await world.untilSettled(sync);
    await world.change(sync, "tea", "Boil water.");
    world.files.put("tea/SKILL.md", Uint8Array.of(0x89, 0x50, 0xff, 0));
    await world.untilSettled(sync);
    expect(world.base.found()).toEqual({});
  });

  it("costs one query in five minutes while there is none", async () => {
    const { container, pending, base, files, clock } = createWorld();
    const sync = container();
    await sync.settle(never);
    await clock.advance(299_000);
    await sync.settle(never);
    expect(pending.counts.list).toBe(1);
    await clock.advance(1_000);
    await sync.settle(never);
    expect(pending.counts.list).toBe(2);
    expect([base.counts.states, base.counts.put, files.counts.read]).toEqual([0, 0, 0]);
  });

  it("that makes a skill too large or too long to be used takes it out of the search", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "large", "x");
    await world.change(sync, "long", "x");
    await world.untilSettled(sync);
    await world.change(sync, "large", "y".repeat(1_000_001));
    await world.change(sync, "long", "y".repeat(100_001));
    await world.untilSettled(sync);
    expect(world.base.found()).toEqual({});
  });

  it("is found by name, description and tags, without the rest of the frontmatter", async () => {
    const world = createWorld();
    const sync = world.container();
    await sync.begin("a/b");
    const head =
      "---\nname: brief\ndescription: Sums up pages.\nmetadata:\n  hermes:\n    tags: [web, news]\n---\n";
    world.files.put("a/b/SKILL.md", `${head}Read it.`);
    await sync.begin("a/broken");
    world.files.put("a/broken/SKILL.md", "---\n: [\n---\nStill text.");
    await world.untilSettled(sync);
    expect(world.base.found()["a/b"]).toBe("brief\n\nSums up pages.\n\nweb, news\n\nRead it.");
    expect(world.base.found()["a/broken"]).toMatch(/^broken\n\n[\s\S]*Still text\.$/);
  });
});

describe("a process that dies", () => {
  it("between the record and the write leaves a record that does no harm", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    await world.untilSettled(sync);
    await world.container().begin("tea");
    await world.container().begin("never-written");
    await world.untilSettled();
    await world.expectEqual();
  });

  it("between the write and the sync leaves it to the next container", async () => {
    const world = createWorld();
    await world.change(world.container(), "tea", "Boil water.");
    await world.untilSettled();
    await world.expectEqual();
  });

  it("after the Knowledge Base took the change, before that is on record, has it taken again", async () => {
    const world = createWorld();
    const dying = world.container();
    await world.change(dying, "tea", "Boil water.");
    const { update } = world.pending;
    world.pending.update = () => Promise.reject(new Error("died"));
    await dying.settle(never);
    world.pending.update = update;
    expect([...world.pending.records.values()]).toMatchObject([{ state: "pending" }]);
    await world.untilSettled();
    await world.expectEqual();
    expect(world.base.counts.put).toBe(2);
  });

  it("after another one synced what was there before its write, is not taken for done", async () => {
    const world = createWorld();
    const writer = world.container();
    await world.change(writer, "tea", "Old.");
    await world.untilSettled(writer);
    await writer.begin("tea");
    const other = world.container();
    await other.settle(never);
    world.base.index();
    world.put("tea", "New."); // and dies
    await world.untilSettled(other);
    await world.expectEqual();
  });
});

describe("two containers", () => {
  it("at once give a change to the Knowledge Base once", async () => {
    const world = createWorld();
    const [one, two] = [world.container(), world.container()];
    await world.change(one, "tea", "Boil water.");
    await Promise.all([one.settle(never), two.settle(never)]);
    expect(world.base.counts.put).toBe(1);
    await world.untilSettled(two);
    await world.expectEqual();
  });

  it("that change one skill in turn leave the newest, also when the first is on its way with the older", async () => {
    const world = createWorld();
    const [one, two] = [world.container(), world.container()];
    await world.change(one, "tea", "First.");
    world.base.beforePut(async () => {
      await world.change(two, "tea", "Second.");
      await two.settle(never);
    });
    await one.settle(never);
    world.base.index();
    expect(world.base.found()).toEqual({ tea: searchable("tea", "Second.") });
    expect(world.base.counts.put).toBe(2);
    await world.untilSettled(two);
    await world.expectEqual();
  });

  it("of which one is frozen between reading and sending do not bring back what is old", async () => {
    const world = createWorld();
    const [frozen, other] = [world.container(), world.container()];
    await world.change(frozen, "tea", "First.");
    const { read } = world.files;
    world.files.read = async (...args) => {
      const file = await read(...args);
      world.files.read = read;
      await world.clock.advance(120_000);
      await world.change(other, "tea", "Second.");
      await world.untilSettled(other);
      return file;
    };
    await frozen.settle(never);
    world.base.index();
    await world.expectEqual();
    expect(world.base.counts.put).toBe(1);
  });

  it("of which one is frozen while sending mend what it brought back", async () => {
    const world = createWorld();
    const [frozen, other] = [world.container(), world.container()];
    await world.change(frozen, "tea", "First.");
    world.base.beforePut(async () => {
      await world.clock.advance(120_000);
      await world.change(other, "tea", "Second.");
      await world.untilSettled(other);
    });
    await frozen.settle(never);
    world.base.index();
    await world.untilSettled();
    await world.expectEqual();
  });
});

describe("a service that is busy or fails", () => {
  it("for a day loses none of 200 changes, is asked rarely, and the log says it once", async () => {
    const world = createWorld();
    const sync = world.container();
    for (let n = 0; n < 200; n += 1) await world.change(sync, `s${n}`, `Text ${n}.`);
    world.drop("s7");
    world.base.refuse(BUSY);
    for (let minute = 0; minute < 24 * 60; minute += 5) {
      await sync.settle(never);
      await sync.settle(never);
      await world.clock.advance(300_000);
    }
    expect(world.base.counts.put).toBe(288);
    expect(world.lines).toMatchObject([
      { level: "info", message: "the Knowledge Base is busy: changes of skills wait, and none is lost" },
    ]);
    expect(world.pending.records.size).toBe(200);
    world.base.refuse(undefined);
    await world.untilSettled(sync);
    await world.expectEqual();
    expect(Object.keys(world.base.found())).toHaveLength(199);
  });

  it("brings no more than a part of a long list in one turn", async () => {
    const world = createWorld();
    const sync = world.container();
    for (let n = 0; n < 45; n += 1) await world.change(sync, `s${n}`, "Text.");
    await sync.settle(never);
    expect(world.base.counts.put).toBe(3);
    await sync.settle(never);
    expect(world.base.counts.put).toBe(5);
    await world.untilSettled(sync);
    await world.expectEqual();
  });

  it("has a document sent again that it failed to index, and the operator hears of it after five", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    world.base.failNext("tea", 5);
    for (let n = 0; n < 5; n += 1) {
      await sync.settle(never);
      world.base.index();
      await world.clock.advance(3_600_000);
    }
    expect(world.lines.map(({ level }) => level)).toEqual(["warn", "warn", "warn", "warn"]);
    await sync.settle(never);
    expect(world.lines.at(-1)?.level).toBe("error");
    world.base.index();
    await world.clock.advance(3_600_000);
    await world.untilSettled(sync);
    await world.expectEqual();
  });

  it("has a document sent again that it never finishes indexing, and the operator hears of it", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    for (let minutes = 0; minutes < 59; minutes += 1) {
      await sync.settle(never);
      await world.clock.advance(60_000);
    }
    expect([world.base.counts.put, world.lines]).toEqual([1, []]);
    for (let hours = 0; hours < 24; hours += 1) {
      await world.clock.advance(3_600_000);
      await sync.settle(never);
    }
    expect(world.lines.some(({ level }) => level === "error")).toBe(true);
    expect(world.base.counts.put).toBeLessThan(20);
    world.base.index();
    await world.clock.advance(6 * 3_600_000);
    await world.untilSettled(sync);
    await world.expectEqual();
  });

  it("and refuses one document takes the others", async () => {
    const world = createWorld();
    const sync = world.container();
    for (const folder of ["a", "b", "c"]) await world.change(sync, folder, "Text.");
    world.base.refuse(DENIED, "b");
    await sync.settle(never);
    world.base.index();
    expect(Object.keys(world.base.found())).toEqual(["a", "c"]);
    expect(world.pending.records.get("b")).toMatchObject({ state: "pending", attempts: 1 });
    world.base.refuse(undefined);
    await world.untilSettled();
    await world.expectEqual();
  });

  it("and refuses everything is asked ever more rarely, with the record kept", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    world.base.refuse(DENIED);
    for (let minute = 0; minute < 24 * 60; minute += 1) {
      await sync.settle(never);
      await world.clock.advance(60_000);
    }
    expect(world.base.counts.put).toBeLessThan(20);
    expect(world.pending.records.size).toBe(1);
    expect(world.lines.at(-1)?.level).toBe("error");
    world.base.refuse(undefined);
    await world.clock.advance(6 * 3_600_000);
    await world.untilSettled(sync);
    await world.expectEqual();
  });
});

describe("settling", () => {
  it("never throws, and says in the log what failed", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    world.files.fail("read");
    await sync.settle(never);
    const { list } = world.pending;
    world.pending.list = () => Promise.reject(new Error("no table"));
    await world.change(sync, "milk", "Pour.");
    await sync.settle(never);
    expect(world.lines.map(({ level }) => level)).toEqual(["warn", "warn"]);
    world.pending.list = list;
    await world.clock.advance(60_000);
    await world.untilSettled(sync);
    await world.expectEqual();
  });

  it("ends with the turn though the service hangs, and what was on its way is not lost", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    const hanging = Promise.withResolvers<void>();
    world.base.beforePut(() => hanging.promise);
    const stop = new AbortController();
    const settled = sync.settle(stop.signal);
    stop.abort();
    await settled;
    hanging.resolve();
    await world.clock.advance(60_000);
    await world.untilSettled(sync);
    await world.expectEqual();
  });

  it("does not begin when the turn is over already", async () => {
    const world = createWorld();
    const sync = world.container();
    await world.change(sync, "tea", "Boil water.");
    await sync.settle(AbortSignal.abort());
    expect(world.pending.counts.list).toBe(0);
  });

  it("does not begin a change that could not be recorded", async () => {
    const world = createWorld();
    world.pending.begin = () => Promise.reject(new Error("no table"));
    await expect(world.container().begin("tea")).rejects.toThrow("no table");
  });
});

describe("whatever happens, in whatever order", () => {
  type World = ReturnType<typeof createWorld>;
  interface Scene {
    readonly world: World;
    readonly containers: ReturnType<World["container"]>[];
    /** Which container does it. */
    readonly who: number;
    readonly folder: string;
    readonly body: string;
  }
  const syncOf = ({ containers, who, world }: Scene) => containers[who] ?? world.container();

  const EVENTS = {
    change: (scene: Scene) => scene.world.change(syncOf(scene), scene.folder, scene.body),
    remove: (scene: Scene) => scene.world.change(syncOf(scene), scene.folder, undefined),
    settle: (scene: Scene) => syncOf(scene).settle(never),
    die({ containers, who, world }: Scene) {
      containers[who] = world.container();
    },
    dieBeforeTheSync: ({ world, folder, body }: Scene) => world.change(world.container(), folder, body),
    dieBeforeTheWrite: ({ world, folder }: Scene) => world.container().begin(folder),
    otherChangesMeanwhile: ({ world, folder, body }: Scene) =>
      world.base.beforePut(() => world.change(world.container(), folder, body)),
    freezeWhileSending: ({ world }: Scene) => world.base.beforePut(() => world.clock.advance(90_000)),
    failToIndex: ({ world, folder }: Scene) => world.base.failNext(folder),
    index: ({ world }: Scene) => world.base.index(),
    wait: ({ world }: Scene) => world.clock.advance(45_000),
    busy: ({ world }: Scene) => world.base.refuse(BUSY),
    denied: ({ world }: Scene) => world.base.refuse(DENIED),
    fine: ({ world }: Scene) => world.base.refuse(undefined),
    bucketFails: ({ world }: Scene) => world.files.fail("read"),
  };

  const event = fc.record({
    name: fc.constantFrom(...(Object.keys(EVENTS) as (keyof typeof EVENTS)[])),
    who: fc.nat({ max: 1 }),
    folder: fc.constantFrom("a", "b", "c"),
    body: fc.constantFrom("one", "two", "three"),
  });

  it("leaves the Knowledge Base with what the bucket has", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 40 }), async (events) => {
        const world = createWorld();
        const containers = [world.container(), world.container()];
        for (const { name, ...more } of events) await EVENTS[name]({ world, containers, ...more });
        world.base.refuse(undefined);
        await world.clock.advance(6 * 3_600_000);
        await world.untilSettled();
        await world.expectEqual();
      }),
      { numRuns: 300 },
    );
  });
});
