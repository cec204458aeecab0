// Every recorded event through the packaged artifact, run as Lambda runs it: a fresh process each, real protocols.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, inject, it } from "vitest";
import { updateOf } from "../local/stamp.ts";
import { saidTo, startDeployment } from "./support/deployment.ts";

const folder = new URL("../events/", import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), "utf8"));

type Effect = "turn" | "command" | "line" | "stop" | "wake" | "nothing";
const expected = read("expected.json") as Record<
  string,
  { readonly status: number | null; readonly effect: Effect }
>;

/** The chat an answer would go to. */
const chatOf = (event: unknown): number | undefined => {
  const update = updateOf(event);
  return update?.message?.chat.id ?? update?.callback_query?.message?.chat.id ?? 42;
};

describe("the recorded events", () => {
  it("are all expected to come to something", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json") && file !== "expected.json");
    expect(Object.keys(expected).sort()).toEqual(files.sort());
  });

  it.concurrent.each(Object.entries(expected))(
    "%s is answered as specified",
    async (file, { status, effect }) => {
      await using deployment = await startDeployment();
      const event = read(file);
      const update = updateOf(event);
      if (update !== undefined) deployment.telegram.observe(update);
      deployment.telegram.addFile(photoId(event), PNG, "photos/file_1.png");

      const outcome = await deployment.invoke(event);
      await deployment.settled();

      expect(outcome).toMatchObject(
        status === null ? { kind: "result" } : { kind: "result", result: { statusCode: status } },
      );
      expect(deployment.model.refusals).toEqual([]);
      const said = saidTo(deployment.telegram, chatOf(event));
      expect({ asked: deployment.model.requests.length > 0, said: said.length > 0 }).toEqual(CAME_OF[effect]);
      expect(deployment.logs.filter((line) => line.includes('"level":"ERROR"'))).toEqual([]);
    },
  );

  it("fit into a zip of at most 1.5 MB", () => {
    expect(inject("zipBytes")).toBeLessThanOrEqual(1_500_000);
  });
});

/** Was the model asked, and was something said? */
const CAME_OF: Record<Effect, { readonly asked: boolean; readonly said: boolean }> = {
  turn: { asked: true, said: true },
  command: { asked: false, said: true },
  line: { asked: false, said: true },
  stop: { asked: false, said: expect.any(Boolean) as never },
  wake: { asked: false, said: false },
  nothing: { asked: false, said: false },
};

const photoId = (event: unknown): string => {
  const photo = updateOf(event)?.message?.photo;
  return photo?.at(-1)?.file_id ?? "no-photo";
};

/** One transparent pixel. */
const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
