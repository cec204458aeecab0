// What every implementation of KnowledgeBase promises (src/skill-ports.ts).

import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { KnowledgeBase } from "../../src/skill-ports.ts";

export interface KnowledgeBaseUnderTest {
  readonly base: KnowledgeBase;
  /** Everything that is under way arrives. */
  index(): void;
  /** The next version of this document fails. */
  failNext(id: string): void;
}

const word = (): string => `w${randomBytes(6).toString("hex")}`;
const never = new AbortController().signal;

export const knowledgeBaseContract = (name: string, start: () => KnowledgeBaseUnderTest): void => {
  describe(`a Knowledge Base ${name}`, () => {
    it("finds a document once it is indexed, and not when it is gone", async () => {
      const { base, index } = start();
      const [id, text] = [`tests/${word()}`, word()];
      expect((await base.states([id])).get(id)).toBe("missing");
      await base.put([{ id, text }]);
      expect((await base.states([id])).get(id)).toBe("working");
      expect(await base.search(text, 5, never)).toEqual([]);
      index();
      expect((await base.states([id])).get(id)).toBe("indexed");
      expect(await base.search(text, 5, never)).toEqual([id]);
      expect(await base.list()).toContain(id);
      await base.remove([id]);
      index();
      expect((await base.states([id])).get(id)).toBe("missing");
      expect(await base.search(text, 5, never)).toEqual([]);
      expect(await base.list()).not.toContain(id);
    });

    it("has the newest version of a document, put once or twice", async () => {
      const { base, index } = start();
      const [id, first, second] = [`tests/${word()}`, word(), word()];
      await base.put([{ id, text: first }]);
      index();
      await base.put([{ id, text: second }]);
      await base.put([{ id, text: second }]);
      index();
      expect(await base.search(first, 5, never)).toEqual([]);
      expect(await base.search(second, 5, never)).toEqual([id]);
    });

    it("says which document failed, and takes it again", async () => {
      const { base, index, failNext } = start();
      const [id, text] = [`tests/${word()}`, word()];
      failNext(id);
      await base.put([{ id, text }]);
      index();
      expect((await base.states([id])).get(id)).toBe("failed");
      await base.put([{ id, text }]);
      index();
      expect((await base.states([id])).get(id)).toBe("indexed");
    });

    it("removes what was never there", async () => {
      const { base } = start();
      const id = `tests/${word()}`;
      await base.remove([id]);
      expect((await base.states([id])).get(id)).toBe("missing");
    });

    it("takes, tells and removes any number of documents, and nothing at all", async () => {
      const { base, index } = start();
      const text = word();
      const ids = Array.from({ length: 23 }, (_, n) => `${text}/${n}`);
      await base.put(ids.map((id) => ({ id, text })));
      await base.put([]);
      index();
      expect([...(await base.states(ids))]).toEqual(ids.map((id) => [id, "indexed"]));
      expect((await base.list()).filter((id) => id.startsWith(text)).toSorted()).toEqual(ids.toSorted());
      expect(await base.search(text, 7, never)).toHaveLength(7);
      await base.remove(ids);
      await base.remove([]);
      index();
      expect((await base.states([])).size).toBe(0);
      expect((await base.list()).filter((id) => id.startsWith(text))).toEqual([]);
    });

    it("orders by how well a document fits, and stops with the caller", async () => {
      const { base, index } = start();
      const [one, other] = [word(), word()];
      const ids = [`tests/${word()}`, `tests/${word()}`] as const;
      await base.put([
        { id: ids[0], text: one },
        { id: ids[1], text: `${one} ${other}` },
      ]);
      index();
      expect(await base.search(`${one} ${other}`, 5, never)).toEqual([ids[1], ids[0]]);
      expect(await base.search(" ", 5, never)).toEqual([]);
      const stopped = AbortSignal.abort(new Error("enough"));
      await expect(base.search(one, 5, stopped)).rejects.toThrow("enough");
    });
  });
};
