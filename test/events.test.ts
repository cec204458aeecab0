import { readdirSync, readFileSync } from "node:fs";
import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { allowlist } from "../middleware/allowlist.ts";
import { parseTurn } from "../middleware/parse-turn.ts";
import { inOrder } from "../middleware/step.ts";
import { verifySecret } from "../middleware/verify-secret.ts";
import { HermesError } from "../src/errors.ts";
import type { Turn } from "../src/turn.ts";
import { configWith, contextWith, silentLog, steadyClock } from "./front-door.ts";

interface Expected {
  readonly status: number | null;
  readonly effect: "turn" | "command" | "line" | "stop" | "wake" | "nothing";
}

const folder = new URL("../events/", import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));
const expected = read("expected.json") as Readonly<Record<string, Expected>>;
const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "expected.json");

const STATUS: Readonly<Record<string, number>> = { malformed: 400, method: 405 };
const EFFECT = { message: "turn", tick: "turn", command: "command", post: "line", stop: "stop" } as const;

const door = () => {
  const { telegram, sessions } = configWith();
  const clock = steadyClock(Date.UTC(2026, 10, 23, 9));
  const common = { telegram, clock, log: silentLog };
  return middy<unknown, unknown>()
    .use(
      inOrder(
        verifySecret(telegram, silentLog),
        parseTurn({ ...common, sessionKeys: sessions.keys, readsImages: true }),
        allowlist({ ...common, notices: { claim: async () => true }, endJob: async () => undefined }),
      ),
    )
    .handler((_event, { turn }) => ({ turn }));
};

/** The front door's share of what `expected.json` says. */
const replay = async (event: unknown): Promise<{ status: number; effect: string; turn?: Turn }> => {
  try {
    const result = (await door()(event, contextWith({}) as never)) as { turn?: Turn; statusCode: number };
    const { turn } = result;
    if (turn === undefined) return { status: result.statusCode, effect: "nothing" };
    return { status: 200, effect: turn.kind === "wake" ? "wake" : EFFECT[turn.entry.kind], turn };
  } catch (error) {
    if (!(error instanceof HermesError)) throw error;
    return { status: STATUS[error.code] ?? 500, effect: "nothing" };
  }
};

describe("every recorded event comes through the front door as events/expected.json says", () => {
  it.each(files)("%s", async (file) => {
    const { status, effect } = await replay(read(file));
    expect({ status, effect }).toEqual({
      status: expected[file]?.status ?? 200,
      effect: expected[file]?.effect,
    });
  });

  it("and none is left out, there or in the README", () => {
    expect(Object.keys(expected).toSorted()).toEqual(files.toSorted());
    const readme = readFileSync(new URL("README.md", folder), "utf8");
    const described = new Set([...readme.matchAll(/^\| ([a-z-]+) +\|/gm)].map(([, name]) => `${name}.json`));
    expect(files.filter((file) => !described.has(file))).toEqual([]);
  });
});

describe("what the recorded events say", () => {
  const entryOf = async (file: string) => {
    const { turn } = await replay(read(file));
    return turn?.kind === "arrival" ? turn : undefined;
  };

  it("arrives whole", async () => {
    const long = await entryOf("telegram-text-long.json");
    expect(long?.entry.kind === "message" && long.entry.text).toHaveLength(4096);
    expect(await entryOf("telegram-photo.json")).toMatchObject({
      entry: { text: "What is on this picture?", photos: [{ width: 1280 }] },
    });
    expect(await entryOf("telegram-callback.json")).toMatchObject({
      callbackId: "180388626433218401",
      entry: { text: "Tuesday", pressedOn: 140 },
    });
    expect(await entryOf("telegram-topic.json")).toMatchObject({
      session: "agent:main:telegram:group:-1002222222222:17",
      entry: { text: "[Ada Lovelace] what did we decide here?", origin: { threadId: 17 } },
    });
  });

  it("recognises the failed event by its own request id", async () => {
    expect((await replay(read("on-failure.json"))).turn).toMatchObject({
      requestId: "5d6e7f80-1a2b-4c3d-8e9f-001122334455",
    });
  });
});
