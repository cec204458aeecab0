// What every implementation of Archive promises (src/ports.ts).

import { beforeAll, describe, expect, it } from "vitest";
import type { Message } from "../../src/message.ts";
import type { Archive } from "../../src/ports.ts";
import type { Row } from "../../src/session-state.ts";
import { framedSummary } from "../../src/summary-frame.ts";
import type { SessionKey } from "../../src/turn.ts";
import { newSession } from "./said.ts";

export interface StoredArchive {
  readonly archive: Archive;
  /** Puts rows into the transcript, where the archive finds them. */
  append(session: SessionKey, rows: readonly Row[]): Promise<void>;
}

export const MARCH = "20260310_090000_aaaaaaaa";
export const APRIL = "20260410_090000_bbbbbbbb";
export const MAY = "20260510_090000_cccccccc";

export const said = (sessionId: string, seq: number, content: string, more: Partial<Row> = {}): Row => ({
  sessionId,
  seq,
  fence: 1,
  at: Date.UTC(2026, 2, 10, 9, seq),
  message: { role: seq % 2 === 1 ? "user" : "assistant", content } satisfies Message,
  ...more,
});

const CONVERSATIONS: readonly Row[] = [
  said(MARCH, 1, "How do we deploy the lambda function to Frankfurt?"),
  said(MARCH, 2, "Run serverless deploy. The lambda is rolled out in a minute."),
  said(MARCH, 3, "Und die Übergröße im Café?"),
  said(APRIL, 1, "Deploy failed: error-code 504, timeout of the lambda."),
  said(APRIL, 2, "Raise the timeout, then roll back."),
  said(APRIL, 3, "我喜欢吃苹果和香蕉"),
  said(APRIL, 4, "すしが好きです。Also ภาษาไทย, and 배포를 했습니다."),
  said(MAY, 1, "What about the deployment of the staging table?"),
  said(MAY, 2, "The staging table is deployed."),
  said(MAY, 3, "secret of a tool", {
    message: { role: "tool", toolCallId: "c", toolName: "x", content: "kubernetes" },
  }),
  said(MAY, 4, "", {
    message: framedSummary("## Goal\nTo move kubernetes to Lisbon.", {
      role: "user",
      content: "Which node?",
    }),
    marker: { kind: "summary", keepFrom: 2 },
  }),
  said(MAY, 5, "undone kubernetes", { marker: { kind: "cut", from: 5 } }),
  said(MAY, 6, "The text of a skill: kustomize.", {
    message: { role: "user", content: "The text of a skill: kustomize.\n\nPatch it", said: "Patch it" },
  }),
];

const at = (sessionId: string, seq: number): string => `${sessionId} ${seq}`;

const record = (sessionId: string, messages: number) => ({
  sessionId,
  startedAt: 1,
  messages,
  preview: `about ${sessionId}`,
});

export const archiveContract = (name: string, start: () => Promise<StoredArchive>): void => {
  describe(`an archive ${name}`, () => {
    let archive: Archive;
    let append: StoredArchive["append"];
    const session = newSession();
    beforeAll(async () => {
      ({ archive, append } = await start());
      await append(session, CONVERSATIONS);
      for (const id of [MARCH, APRIL, MAY]) {
        await archive.index(
          session,
          CONVERSATIONS.filter((row) => row.sessionId === id),
        );
      }
    });

    const found = async (
      query: string,
      options: { sort?: "newest" | "oldest"; exclude?: { sessionId: string; fromSeq: number } } = {},
      chat = session,
    ) => {
      const hits = await archive.search(chat, query, { limit: 20, ...options });
      return hits.map(({ sessionId, seq }) => at(sessionId, seq));
    };
    it.each([
      ["all words of it, in any order and case", "LAMBDA deploy", [at(APRIL, 1), at(MARCH, 2), at(MARCH, 1)]],
      ["either word of an OR", "frankfurt OR rolled", [at(MARCH, 2), at(MARCH, 1)]],
      ["what does not hold the word of a NOT", "lambda NOT frankfurt", [at(APRIL, 1), at(MARCH, 2)]],
      ["a phrase only in its order", '"the lambda function"', [at(MARCH, 1)]],
      ["no phrase whose words stand apart", '"lambda deploy"', []],
      ["words joined by a hyphen as a phrase", "error-code", [at(APRIL, 1)]],
      ["a prefix", "deploye*", [at(MAY, 2)]],
      ["what brackets say", "(staging OR frankfurt) deploy*", [at(MAY, 2), at(MAY, 1), at(MARCH, 1)]],
      [
        "what is beside brackets that hold nothing",
        "deploy() lambda",
        [at(APRIL, 1), at(MARCH, 2), at(MARCH, 1)],
      ],
      ["what is behind a bracket that nothing opened", ":) staging) deploy*", [at(MAY, 2), at(MAY, 1)]],
      ["accents left out, or typed", "ubergrosse OR cafe OR übergröße", [at(MARCH, 3)]],
      ["words inside text without spaces", "苹果", [at(APRIL, 3)]],
      ["a single character of it, also the last", "蕉", [at(APRIL, 3)]],
      ["a run of it only where it stands", "苹蕉", []],
      ["Japanese", "好き", [at(APRIL, 4)]],
      ["Thai", "ไทย", [at(APRIL, 4)]],
      ["a Korean word whatever clings to it", "배포", [at(APRIL, 4)]],
      ["nothing for words nobody said", "zeppelin", []],
      ["what a summary says, but not what a tool did", "kubernetes", [at(MAY, 4)]],
      ["the request a summary quotes", '"which node"', [at(MAY, 4)]],
      ["nothing by the words that stand around every summary", "goal OR reference OR compaction", []],
      ["what a person said to a skill", "patch", [at(MAY, 6)]],
      ["nothing by the skill's own text", "kustomize", []],
      ["nothing for a query without words", '"" !!! NOT * ( )', []],
      ["nothing for a NOT alone", "NOT lambda", []],
    ])("finds %s", async (_what, query, wanted) => {
      expect(await found(query)).toEqual(wanted);
    });

    it("tells what was said from what a summary says", async () => {
      const hits = await archive.search(session, "kubernetes OR staging", { limit: 20 });
      expect(hits.map(({ seq, of }) => [seq, of])).toEqual([
        [4, "summary"],
        [2, "message"],
        [1, "message"],
      ]);
    });

    it("puts what fits best first when that is asked", async () => {
      const query = "timeout OR lambda OR deploy";
      const [best] = await archive.search(session, query, { limit: 3, sort: "relevance" });
      expect(best).toMatchObject({ sessionId: APRIL, seq: 1 });
    });

    it("orders from the beginning when asked, and holds the limit", async () => {
      expect(await found("lambda", { sort: "oldest" })).toEqual([at(MARCH, 1), at(MARCH, 2), at(APRIL, 1)]);
      expect(await archive.search(session, "lambda", { limit: 1 })).toHaveLength(1);
    });

    it("leaves out the session that asks, and finds those before and after it", async () => {
      const exclude = { sessionId: APRIL, fromSeq: 0 };
      const hits = await found("deploy* OR timeout", { exclude });
      expect(hits).toEqual([at(MAY, 2), at(MAY, 1), at(MARCH, 2), at(MARCH, 1)]);
      expect(await found("lambda", { exclude })).toEqual([at(MARCH, 2), at(MARCH, 1)]);
    });

    it("finds of the session that asks what lies before a row of it, whatever segment that is in", async () => {
      const exclude = { sessionId: APRIL, fromSeq: 2 };
      expect(await found("timeout", { exclude })).toEqual([at(APRIL, 1)]);
      expect(await found("time*", { exclude })).toEqual([at(APRIL, 1)]);
      expect(await found("timeout", { exclude: { sessionId: APRIL, fromSeq: 3 } })).toHaveLength(2);
      expect(await found("timeout", { exclude: { sessionId: APRIL, fromSeq: 1 } })).toEqual([]);
    });

    it("finds a row once, however often and in whatever segments it was indexed", async () => {
      const own = newSession();
      const rows = [said(MAY, 1, "tangerine"), said(MAY, 2, "a tangerine"), said(MAY, 3, "tangerine again")];
      await append(own, rows);
      for (const segment of [rows, rows, rows.slice(1), rows.slice(0, 1)]) await archive.index(own, segment);
      const hits = await archive.search(own, "tangerine", { limit: 10, sort: "oldest" });
      expect(hits.map(({ seq }) => seq)).toEqual([1, 2, 3]);
    });

    it("does not find a row that was indexed and then never stored", async () => {
      const own = newSession();
      await archive.index(own, [said(MAY, 1, "phantom")]);
      expect(await archive.search(own, "phantom", { limit: 10 })).toEqual([]);
    });

    it("finds a session by its title though nobody said it, with its record", async () => {
      const own = newSession();
      await archive.describe(own, { ...record(MARCH, 3), title: "Über Lissabon" });
      await archive.describe(own, { ...record(MAY, 2), title: "Lissabon again" });
      expect(await archive.search(own, "lissabon uber", { limit: 5 })).toEqual([
        { sessionId: MARCH, seq: 0, of: "title", past: { ...record(MARCH, 3), title: "Über Lissabon" } },
      ]);
      expect(await found("lissabon", {}, own)).toEqual([at(MAY, 0), at(MARCH, 0)]);
      expect(await found("lissabon", { sort: "oldest" }, own)).toEqual([at(MARCH, 0), at(MAY, 0)]);
      expect(await found("lissabon", { exclude: { sessionId: MAY, fromSeq: 6 } }, own)).toEqual([
        at(MARCH, 0),
      ]);
    });

    it("finds a session by the title it has, not by one it had", async () => {
      const own = newSession();
      await archive.describe(own, { ...record(MARCH, 3), title: "Ships" });
      await archive.describe(own, { ...record(MARCH, 3), title: "Boats" });
      expect(await found("boats", {}, own)).toEqual([at(MARCH, 0)]);
      expect(await found("ships", {}, own)).toEqual([]);
    });

    it("gives the record of a session, with all that is in it, and of a hit without its state", async () => {
      const own = newSession();
      const state = { seq: 1, seqFence: 1, base: 0, lastPrompt: 0, indexed: 0 };
      const rows = [said(MARCH, 1, "A tangerine.")];
      await append(own, rows);
      await archive.index(own, rows);
      expect(await archive.find(own, MARCH)).toBeUndefined();
      expect((await archive.search(own, "tangerine", { limit: 1 }))[0]?.past).toBeUndefined();
      await archive.describe(own, { ...record(MARCH, 1), state });
      expect(await archive.find(own, MARCH)).toEqual({ ...record(MARCH, 1), state });
      expect((await archive.search(own, "tangerine", { limit: 1 }))[0]?.past).toEqual(record(MARCH, 1));
    });

    it("keeps chats apart", async () => {
      const other = newSession();
      expect(await archive.search(other, "lambda", { limit: 10 })).toEqual([]);
      expect(await archive.sessions(other, 10)).toEqual([]);
      expect(await archive.find(other, MARCH)).toBeUndefined();
      expect(await archive.rows(other, MARCH, 1, 10)).toEqual([]);
    });

    it("lists sessions newest first, each as it was last described", async () => {
      for (const id of [APRIL, MARCH, MAY]) await archive.describe(session, record(id, 1));
      await archive.describe(session, { ...record(MARCH, 3), title: "Deploying", endedAt: 5 });
      expect(await archive.sessions(session, 2)).toEqual([record(MAY, 1), record(APRIL, 1)]);
      expect((await archive.sessions(session, 10)).at(-1)).toEqual({
        ...record(MARCH, 3),
        title: "Deploying",
        endedAt: 5,
      });
    });

    it("reads a range of one session, oldest first", async () => {
      const rows = await archive.rows(session, APRIL, 2, 3);
      expect(rows.map(({ seq }) => seq)).toEqual([2, 3]);
      expect(rows[0]?.message).toEqual(CONVERSATIONS[4]?.message);
      expect(await archive.rows(session, APRIL, 3, 2)).toEqual([]);
    });

    it("reads at most 100 rows", async () => {
      const own = newSession();
      await append(
        own,
        Array.from({ length: 120 }, (_, index) => said(MAY, index + 1, "x")),
      );
      const rows = await archive.rows(own, MAY, 1, 1_000_000);
      expect(rows).toHaveLength(100);
      expect(rows.at(-1)?.seq).toBe(100);
    });
  });
};
