// What every implementation of SkillFiles promises (src/skill-ports.ts). `start` gives an empty bucket.

import { describe, expect, it } from "vitest";
import type { SkillFiles } from "../../src/skill-ports.ts";

export interface SkillFilesPlace {
  readonly files: SkillFiles;
  /** Somebody else stores an object, whatever its name. */
  put(path: string, text: string): Promise<unknown> | unknown;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const MAX = { maxBytes: 1_000 };
const BRIEF = "research/page-brief/SKILL.md";

/** A file that is there: its etag. */
const stored = async (files: SkillFiles, path: string, text: string): Promise<string> => {
  const etag = await files.write(path, bytesOf(text), undefined);
  if (etag === undefined) throw new Error(`${path} is there already`);
  return etag;
};

const textAt = async (files: SkillFiles, path: string, version?: string): Promise<string | undefined> => {
  const file = await files.read(path, version === undefined ? MAX : { ...MAX, version });
  return file && new TextDecoder().decode(file.bytes);
};

export const skillFilesContract = (name: string, start: () => Promise<SkillFilesPlace>): void => {
  describe(`files of skills ${name}`, () => {
    it("come back as they were written, byte for byte, with the same etag and size everywhere", async () => {
      const { files } = await start();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      const etag = await files.write("a/assets/logo.bin", bytes, undefined);
      const read = await files.read("a/assets/logo.bin", MAX);
      expect(read).toEqual({ path: "a/assets/logo.bin", etag, size: 256, bytes: expect.anything() });
      expect(Buffer.from(read?.bytes ?? []).equals(bytes)).toBe(true);
      expect(await files.list()).toEqual([{ path: "a/assets/logo.bin", etag, size: 256 }]);
    });

    it("may be empty, and may have any letters in their names", async () => {
      const { files } = await start();
      const names = ["büro/año 1 + 2 & <3>/SKILL.md", "日本/%41'\"~*!().md", "𝒳/#?.md", "empty.md"];
      for (const path of names) await stored(files, path, path === "empty.md" ? "" : path);
      expect((await files.list()).map(({ path }) => path).toSorted()).toEqual(names.toSorted());
      expect(await textAt(files, "empty.md")).toBe("");
      expect(await textAt(files, names[0] ?? "")).toBe(names[0]);
      expect(await textAt(files, names[1] ?? "")).toBe(names[1]);
      expect(await textAt(files, names[2] ?? "")).toBe(names[2]);
    });

    it("are listed in the order of the bytes of their paths", async () => {
      const { files } = await start();
      const paths = ["B/SKILL.md", "a-b/SKILL.md", "a/SKILL.md", "a/x.md", "\u{ffff}", "\u{10000}"];
      for (const path of paths.toReversed()) await stored(files, path, "x");
      expect((await files.list()).map(({ path }) => path)).toEqual(paths);
    });

    it("that do not exist are undefined, and have no versions", async () => {
      const { files } = await start();
      expect(await files.list()).toEqual([]);
      expect(await files.read(BRIEF, MAX)).toBeUndefined();
      expect(await files.versions(BRIEF, 10)).toEqual([]);
    });

    it("larger than is wanted are refused", async () => {
      const { files } = await start();
      await stored(files, BRIEF, "x".repeat(1_000));
      expect((await files.read(BRIEF, MAX))?.size).toBe(1_000);
      await expect(files.read(BRIEF, { maxBytes: 999 })).rejects.toMatchObject({ code: "too_large" });
    });

    it("change only for who knows what is there", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      const second = await files.write(BRIEF, bytesOf("two"), first);
      expect(second).not.toBe(first);
      expect(await files.write(BRIEF, bytesOf("three"), first)).toBeUndefined();
      expect(await files.write(BRIEF, bytesOf("three"), undefined)).toBeUndefined();
      expect(await textAt(files, BRIEF)).toBe("two");
    });

    it("of two writers at once take one, and the other hears of it", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      const both = await Promise.all(
        ["left", "right"].map((text) => files.write(BRIEF, bytesOf(text), first)),
      );
      expect(both.filter((etag) => etag !== undefined)).toHaveLength(1);
      expect(await textAt(files, BRIEF)).toBe(both[0] === undefined ? "right" : "left");
    });

    it("are not brought back by a change of what was deleted meanwhile", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      expect(await files.remove(BRIEF, first)).toBe(true);
      expect(await files.write(BRIEF, bytesOf("two"), first)).toBeUndefined();
      expect(await files.list()).toEqual([]);
    });

    it("may be written again with the same bytes: it is stored once, and no loss", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      expect(await files.write(BRIEF, bytesOf("one"), undefined)).toBe(first);
      const second = await files.write(BRIEF, bytesOf("two"), first);
      expect(await files.write(BRIEF, bytesOf("two"), first)).toBe(second);
      expect(await files.versions(BRIEF, 10)).toHaveLength(2);
    });

    it("are removed only as they were last seen; gone already is gone", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      const second = (await files.write(BRIEF, bytesOf("two"), first)) ?? "";
      expect(await files.remove(BRIEF, first)).toBe(false);
      expect(await textAt(files, BRIEF)).toBe("two");
      expect(await files.remove(BRIEF, second)).toBe(true);
      expect(await files.read(BRIEF, MAX)).toBeUndefined();
      expect(await files.remove(BRIEF, second)).toBe(true);
      expect(await files.remove("never/there.md", second)).toBe(true);
    });

    it("may be created again after they were deleted", async () => {
      const { files } = await start();
      await files.remove(BRIEF, await stored(files, BRIEF, "one"));
      await stored(files, BRIEF, "two");
      expect(await textAt(files, BRIEF)).toBe("two");
    });

    it("keep their versions, newest first, deletions among them, and each can be read", async () => {
      const { files } = await start();
      const first = await stored(files, BRIEF, "one");
      await files.remove(BRIEF, (await files.write(BRIEF, bytesOf("three"), first)) ?? "");
      await stored(files, `${BRIEF}.bak`, "somebody else's, with a longer name");
      const all = await files.versions(BRIEF, 10);
      expect(all).toMatchObject([
        { isLatest: true, isDeletion: true, size: 0 },
        { isLatest: false, isDeletion: false, size: 5 },
        { isLatest: false, isDeletion: false, size: 3 },
      ]);
      expect(new Set(all.map(({ version }) => version)).size).toBe(3);
      expect(all.every(({ at }) => Math.abs(Date.now() - at) < 60_000)).toBe(true);
      expect(await Promise.all(all.map(({ version }) => textAt(files, BRIEF, version)))).toEqual([
        undefined,
        "three",
        "one",
      ]);
      expect(await files.versions(BRIEF, 2)).toEqual(all.slice(0, 2));
    });

    it("have no version that nobody made", async () => {
      const { files } = await start();
      await stored(files, BRIEF, "one");
      expect(await textAt(files, BRIEF, "made up")).toBeUndefined();
    });

    const tooLong = "茶".repeat(342);
    it.each([
      "",
      "/a.md",
      "a//b.md",
      "a/../b.md",
      "./a.md",
      "a/",
      "a\\b.md",
      "a\nb.md",
      "\u{d800}.md",
      tooLong,
    ])("cannot be called %j: it is not written, and there is none", async (path) => {
      const { files } = await start();
      await expect(files.write(path, bytesOf("x"), undefined)).rejects.toMatchObject({ code: "tool" });
      await expect(files.remove(path, '"x"')).rejects.toMatchObject({ code: "tool" });
      expect(await files.read(path, MAX)).toBeUndefined();
      expect(await files.versions(path, 10)).toEqual([]);
    });

    it("with names that are no paths are left out, and the others are told all the same", async () => {
      const { files, put } = await start();
      for (const path of [
        "a/",
        "a//b.md",
        "a/../../b.md",
        "./a.md",
        "a\\b.md",
        "a\u0001b.md",
        "a/SKILL.md",
      ]) {
        await put(path, "x");
      }
      expect((await files.list()).map(({ path }) => path)).toEqual(["a/SKILL.md"]);
    });
  });
};
