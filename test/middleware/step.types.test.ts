import middy from "@middy/core";
import { describe, expect, it } from "vitest";
import { type AllowlistOptions, allowlist } from "../../middleware/allowlist.ts";
import { type ParseTurnOptions, parseTurn } from "../../middleware/parse-turn.ts";
import { type Answer, inOrder, type Step } from "../../middleware/step.ts";
import { verifySecret } from "../../middleware/verify-secret.ts";
import { contextWith, SECRET, silentLog } from "../front-door.ts";

const trail: string[] = [];

const adds = <K extends string>(key: K): Step<object, Record<K, string>> => ({
  before: ({ context }) => {
    Object.assign(context, { [key]: key });
    trail.push(key);
  },
  after: () => {
    trail.push(`after ${key}`);
  },
});
const needs = <K extends string>(key: K): Step<Record<K, string>> => ({
  before: ({ context }) => {
    trail.push(`saw ${context[key]}`);
  },
});

// Never called: only their types matter.
const steps = (parse: ParseTurnOptions, allow: AllowlistOptions) => {
  const door = verifySecret({ webhookSecret: SECRET }, silentLog);
  inOrder(door, parseTurn(parse), allowlist(allow));
  // @ts-expect-error parsing needs the proof that the event passed the door
  inOrder(parseTurn(parse), door, allowlist(allow));
  // @ts-expect-error the allowlist needs a turn
  inOrder(door, allowlist(allow), parseTurn(parse));
  // @ts-expect-error a missing step is noticed by the one that needs it
  inOrder(door, allowlist(allow));
};

describe("a pipeline", () => {
  it("compiles in the right order and in no other", () => {
    expect(steps).toBeTypeOf("function");
    inOrder(adds("a"), adds("b"), needs("a"), needs("b"));
    // @ts-expect-error b comes after the step that needs it
    inOrder(adds("a"), needs("b"), adds("b"));
    // @ts-expect-error nobody adds c
    inOrder(adds("a"), needs("c"));
  });

  it("shows the handler what the steps added, and nothing else", async () => {
    trail.length = 0;
    const handler = middy<unknown, Answer>()
      .use(inOrder(adds("a"), needs("a"), adds("b")))
      .handler((_event, context) => {
        // @ts-expect-error no step adds c
        const absent: unknown = context.c;
        trail.push(`handler ${context.a} ${context.b} ${String(absent)}`);
        return undefined;
      });
    await handler({}, contextWith({}) as never);
    expect(trail).toEqual(["a", "saw a", "b", "handler a b undefined", "after b", "after a"]);
  });
});
