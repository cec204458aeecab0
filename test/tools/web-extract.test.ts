import { describe, expect, it } from "vitest";
import { HermesError } from "../../src/errors.ts";
import type { Web } from "../../src/ports.ts";
import { createWebExtract } from "../../src/tools/web-extract.ts";
import { contextOf } from "./context.ts";

/** A web of the given pages; an Error is thrown. */
const webOf = (pages: Readonly<Record<string, string | Error>>, asked: string[] = []): Web => ({
  async fetch(url) {
    asked.push(url);
    const page = pages[url] ?? new HermesError("tool", "the host is not known");
    if (page instanceof Error) throw page;
    return { url: `${url}/final`, contentType: "text/markdown", body: page };
  },
});

const extract = async (web: Web, args: Record<string, unknown>, context = contextOf()) =>
  (await createWebExtract(web).run(args, context)).text;

const A = "https://a.example";
const B = "https://b.example";

describe("web_extract", () => {
  it("is somebody else's text, only reads, and may be repeated", () => {
    expect(createWebExtract(webOf({}))).toMatchObject({ untrusted: true, parallel: true, repeatable: true });
  });

  it("returns a page as it reads, with the address where it was found", async () => {
    expect(await extract(webOf({ [A]: "# Soup\n\nwater" }), { urls: [A] })).toBe(
      `Source: ${A}/final\n\n# Soup\n\nwater`,
    );
  });

  it("fetches pages at once, each distinct one once, and reports a failure beside the others", async () => {
    const asked: string[] = [];
    const text = await extract(webOf({ [A]: "one" }, asked), { urls: [A, B, A] });
    expect(asked).toEqual([A, B]);
    expect(text).toContain("one");
    expect(text).toContain(`Source: ${B}\n\nThis page could not be read: the host is not known.`);
  });

  it("cuts a long page and says how to read on, until its end", async () => {
    const page = `${"x".repeat(24_999)}😀${"y".repeat(10_000)}`;
    const web = webOf({ [A]: page });
    const first = await extract(web, { urls: [A] });
    expect(first).toContain(
      `[Cut here: characters 0 to 24999 of ${page.length}. To read on, call web_extract with urls ["${A}"] and offset 24999.]`,
    );
    expect(first).not.toMatch(/[\ud83d]\n/);
    const second = await extract(web, { urls: [A], offset: 24_999 });
    expect(second).toBe(`Source: ${A}/final\n\n😀${"y".repeat(10_000)}`);
    expect(await extract(web, { urls: [A], offset: 90_000 })).toContain(
      `[The page ends at character ${page.length}.]`,
    );
  });

  it("shares its bound among the pages asked for, 5,000 characters for each of five", async () => {
    const urls = Array.from({ length: 5 }, (_, at) => `https://${at}.example`);
    const text = await extract(webOf(Object.fromEntries(urls.map((url) => [url, "z".repeat(6_000)]))), {
      urls,
    });
    expect(text.match(/offset 5000\./g)).toHaveLength(5);
    expect(text.length).toBeLessThan(27_000);
    const short = await extract(webOf({ [A]: "z".repeat(4_999) }), { urls: [A] });
    expect(short).not.toContain("Cut here");
  });

  it("says when a page has no text", async () => {
    expect(await extract(webOf({ [A]: " \n" }), { urls: [A] })).toContain("[The page has no text.]");
  });

  it.each([
    ["no urls", {}, /urls: must be of type array/],
    ["an empty list", { urls: [] }, /urls: must be at least 1 items long/],
    ["six", { urls: ["1", "2", "3", "4", "5", "6"] }, /urls: must be at most 5 items long/],
    ["a negative offset", { urls: [A], offset: -1 }, /offset: must be at least 0/],
    ["an offset for two pages", { urls: [A, B], offset: 5 }, /an offset goes with one url/],
  ])("fetches nothing when given %s", async (_what, args, problem) => {
    const asked: string[] = [];
    expect(await extract(webOf({}, asked), args)).toMatch(problem);
    expect(asked).toEqual([]);
  });

  it("keeps an unexpected failure out of the result and puts it into the log", async () => {
    const context = contextOf();
    const text = await extract(
      webOf({ [A]: new TypeError("secret inside"), [B]: "fine" }),
      { urls: [A, B] },
      context,
    );
    expect(text).toContain(`Source: ${A}\n\nThis page could not be read.`);
    expect(text).toContain("fine");
    expect(text).not.toContain("secret");
    expect(context.warnings).toHaveLength(1);
  });

  it("ends with the turn when that is stopped", async () => {
    const stop = new AbortController();
    const web: Web = {
      fetch: async (_url, signal) => {
        stop.abort(new Error("stopped"));
        throw signal.reason;
      },
    };
    await expect(extract(web, { urls: [A] }, contextOf({ signal: stop.signal }))).rejects.toThrow("stopped");
  });
});
