import { afterEach, describe, expect, it } from "vitest";
import { createTelegram } from "../../../src/adapters/telegram/client.ts";
import { mimeOf } from "../../../src/adapters/telegram/download.ts";
import {
  type Answer,
  type Call,
  recordedLog,
  type ScriptedBotApi,
  scriptedBotApi,
  TOKEN,
} from "./bot-api-script.ts";

const open: ScriptedBotApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});

const signal = new AbortController().signal;
const PNG = Buffer.from("89504e470d0a1a0a0000", "hex");

async function telegramWith(
  file: Answer,
  info: Record<string, unknown> = { file_path: "photos/file 1.jpg" },
) {
  const api = await scriptedBotApi(({ method }: Call) =>
    method === "getFile" ? { result: { file_id: "f", file_unique_id: "u", ...info } } : file,
  );
  open.push(api);
  return {
    telegram: createTelegram({ token: TOKEN, apiRoot: api.apiRoot, log: recordedLog() }),
    calls: api.calls,
  };
}

describe("downloading a file", () => {
  it("hands back its bytes, and what they are rather than what they are called", async () => {
    const { telegram, calls } = await telegramWith({
      raw: PNG,
      status: 200,
      type: "application/octet-stream",
    });
    const file = await telegram.download("f", signal);
    expect(Buffer.from(file.bytes).equals(PNG)).toBe(true);
    expect(file.mime).toBe("image/png");
    expect(calls[1]?.method).toBe(`/file/bot${TOKEN}/photos/file%201.jpg`);
  });

  it("refuses a file that is announced as larger than 20 MB, before fetching it", async () => {
    const { telegram, calls } = await telegramWith(
      { raw: PNG, status: 200 },
      { file_path: "a", file_size: 3e7 },
    );
    await expect(telegram.download("f", signal)).rejects.toMatchObject({ failure: "form" });
    expect(calls).toHaveLength(1);
  });

  it("stops reading a file that turns out larger than 20 MB", async () => {
    const { telegram } = await telegramWith({ raw: Buffer.alloc(21 * 1024 * 1024), status: 200 });
    await expect(telegram.download("f", signal)).rejects.toThrow(/larger than 20 MB/);
  });

  it.each([
    [{ raw: "gone", status: 404 }, "form"],
    [{ raw: "down", status: 503 }, "refused"],
    ["drop", "unknown"],
  ] as const)("reports %o as %s, without the token", async (answer, expected) => {
    const { telegram } = await telegramWith(answer);
    const error = await telegram.download("f", signal).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ failure: expected });
    expect(`${(error as Error).message}${(error as Error).stack}${JSON.stringify(error)}`).not.toContain(
      "AAHsecret",
    );
  });

  it("goes by the name's ending where the bytes say nothing", () => {
    expect(mimeOf(new Uint8Array([1, 2]), "documents/notes.md")).toBe("text/markdown");
    expect(mimeOf(new Uint8Array([1, 2]), "documents/constructor")).toBe("application/octet-stream");
  });
});
