import { describe, expect, it } from "vitest";
import { once } from "../src/once.ts";

describe("what is made once", () => {
  it("is made for many who ask at once, and kept", async () => {
    let made = 0;
    const get = once(async () => (made += 1));
    expect(await Promise.all([get(), get()])).toEqual([1, 1]);
    expect(await get()).toBe(1);
  });

  it("is tried again after it could not be made", async () => {
    let tries = 0;
    const get = once(async () => {
      tries += 1;
      if (tries === 1) throw new Error("too many open files");
      return "client";
    });
    const both = await Promise.allSettled([get(), get()]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect([await get(), await get(), tries]).toEqual(["client", "client", 2]);
  });
});
