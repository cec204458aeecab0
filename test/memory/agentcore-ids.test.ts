import { describe, expect, it } from "vitest";
import { actorOf, notesOf, pathOf, sessionOf, tokenOf } from "../../src/memory/agentcore-ids.ts";
import type { SessionKey } from "../../src/turn.ts";
import fc from "../support/properties.ts";

// facts/platform.md 4.
const ACTOR = /^[a-zA-Z0-9][a-zA-Z0-9-_/]*(?::[a-zA-Z0-9-_/]+)*[a-zA-Z0-9-_/]*$/;
const SESSION = /^[a-zA-Z0-9][a-zA-Z0-9-_]{0,99}$/;
const TOKEN = /^[a-zA-Z0-9_-]{1,64}$/;

/** Few characters, so that texts that differ in one place are common; the halves of characters too. */
const close = fc.string({
  unit: fc.constantFrom(
    "a",
    "s",
    "u",
    "x",
    "0",
    "_",
    "__",
    "_s",
    ":",
    "-",
    "é",
    "\ud83d",
    "\ude00",
    "_x00e9",
  ),
  maxLength: 8,
});
const wild = fc.string({ unit: "binary", maxLength: 120 });
const key = fc.oneof(close, wild, fc.string({ maxLength: 60 })).map((text) => text as SessionKey);

/** What a readable name stands for. */
const readBack = (name: string): readonly [string, string] => {
  const parts = ["", ""] as [string, string];
  let part: 0 | 1 = 0;
  for (const [sign, hex] of name.slice(2).matchAll(/_x([0-9a-f]{4})|__|_u|_s|[A-Za-z0-9-]/g)) {
    if (sign === "_s") part = 1;
    else if (hex !== undefined) parts[part] += String.fromCharCode(Number.parseInt(hex, 16));
    else parts[part] += { __: ":", _u: "_" }[sign] ?? sign;
  }
  return parts;
};

describe("the name of a conversation", () => {
  it("is one the service takes, whatever the conversation is called here", () => {
    fc.assert(
      fc.property(key, key, (session, id) => {
        expect(sessionOf(session, id)).toMatch(SESSION);
      }),
    );
  });

  it("is shared by no other conversation", () => {
    fc.assert(
      fc.property(key, key, key, key, (session, id, otherSession, otherId) => {
        fc.pre(session !== otherSession || id !== otherId);
        expect(sessionOf(session, id)).not.toBe(sessionOf(otherSession, otherId));
      }),
      { numRuns: 1_000 },
    );
  });

  it("can be read back as long as it is no hash, so that none has two meanings", () => {
    fc.assert(
      fc.property(close, close, (session, id) => {
        const name = sessionOf(session as SessionKey, id);
        fc.pre(name.startsWith("s-"));
        expect(readBack(name)).toEqual([session, id]);
      }),
      { numRuns: 1_000 },
    );
  });

  it("is a hash only when it is too long, and no readable name looks like one", () => {
    const group = "agent:main:telegram:group:-1001234567890:123456789" as SessionKey;
    expect(sessionOf(group, "20260921_100000_aaaaaaaa")).toBe(
      "s-agent__main__telegram__group__-1001234567890__123456789_s20260921_u100000_uaaaaaaaa",
    );
    const long = sessionOf("é".repeat(40) as SessionKey, "1");
    expect(long).toMatch(/^h-[0-9a-f]{64}$/);
    expect(sessionOf(long as SessionKey, "")).not.toBe(long);
  });
});

describe("the name of a person", () => {
  const userId = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: 0, max: 2_000 }));

  it("is one the service takes, and nobody else's", () => {
    fc.assert(
      fc.property(userId, userId, (one, other) => {
        expect(actorOf(one)).toMatch(ACTOR);
        expect(actorOf(one).length).toBeLessThanOrEqual(255);
        expect(actorOf(one) === actorOf(other)).toBe(one === other);
      }),
    );
  });

  it("begins no other person's namespace", () => {
    fc.assert(
      fc.property(userId, userId, (one, other) => {
        fc.pre(one !== other);
        expect(notesOf(actorOf(other)).startsWith(pathOf(actorOf(one)))).toBe(false);
      }),
    );
  });

  it("is made of a whole number alone", () => {
    expect(() => actorOf(Number.NaN)).toThrow(RangeError);
    expect(() => actorOf(2 ** 60)).toThrow(RangeError);
  });
});

describe("the token of something that happens once", () => {
  it("is one the service takes, and another one for everything else", () => {
    fc.assert(
      fc.property(key, key, (one, other) => {
        expect(tokenOf(one)).toMatch(TOKEN);
        expect(tokenOf(one) === tokenOf(other)).toBe(one === other);
      }),
    );
  });
});
