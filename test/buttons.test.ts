import { describe, expect, it } from "vitest";
import {
  clarifyButtons,
  signButton,
  signCommandButton,
  verifyButton,
  verifyCommandButton,
} from "../src/buttons.ts";
import { SECRET } from "./front-door.ts";

const button = { chatId: -1_001_234_567_890, nonce: "session-12", index: 3 };

describe("a button of ours", () => {
  it("verifies in its chat and names its question and choice", () => {
    expect(verifyButton(SECRET, { chatId: button.chatId, userId: 5 }, signButton(SECRET, button))).toEqual(
      button,
    );
  });

  it("does not verify in another chat, with another secret, or altered in any place", () => {
    const data = signButton(SECRET, button);
    expect(verifyButton(SECRET, { chatId: 42, userId: 5 }, data)).toBeUndefined();
    expect(verifyButton(`${SECRET}x`, { chatId: button.chatId, userId: 5 }, data)).toBeUndefined();
    for (let at = 0; at < data.length; at += 1) {
      const altered = `${data.slice(0, at)}${data[at] === "A" ? "B" : "A"}${data.slice(at + 1)}`;
      expect(verifyButton(SECRET, { chatId: button.chatId, userId: 5 }, altered)).toBeUndefined();
    }
  });

  it("fits into 64 bytes at its longest", () => {
    const data = signButton(SECRET, { chatId: -(2 ** 52), nonce: "n".repeat(32), index: 99 });
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
  });

  it.each([
    { ...button, nonce: "" },
    { ...button, nonce: "a:b" },
    { ...button, nonce: "n".repeat(33) },
    { ...button, index: 100 },
    { ...button, index: 0.5 },
  ])("is not made of %o", (wrong) => {
    expect(() => signButton(SECRET, wrong)).toThrow(RangeError);
  });
});

it("the choices of a question become buttons with short labels on one line", () => {
  const choices = ["Yes", " two\nlines ", `${"x".repeat(62)}😀 and more`];
  const buttons = clarifyButtons(SECRET, { chatId: 42, nonce: "7", choices });
  expect(buttons.map(({ text }) => text)).toEqual(["Yes", "two lines", `${"x".repeat(62)}…`]);
  expect(buttons.map(({ data }) => verifyButton(SECRET, { chatId: 42, userId: 5 }, data)?.index)).toEqual([
    0, 1, 2,
  ]);
});

describe("a button that stands for a command", () => {
  const ofJob = {
    chatId: 42,
    command: "cron" as const,
    ref: "3f2a9c1b7d4e",
    action: "pause" as const,
    askedUserId: 5,
  };

  it("proves what it does, to whom it was shown, in its chat, and to nobody else", () => {
    const data = signCommandButton(SECRET, ofJob);
    expect(verifyCommandButton(SECRET, { chatId: 42, userId: 5 }, data)).toEqual(ofJob);
    expect(verifyCommandButton(SECRET, { chatId: 42, userId: 6 }, data)).toBeUndefined();
    expect(verifyCommandButton(SECRET, { chatId: 43, userId: 5 }, data)).toBeUndefined();
    expect(
      verifyCommandButton(SECRET, { chatId: 42, userId: 5 }, data.replace("j:p:", "j:x:")),
    ).toBeUndefined();
    expect(verifyButton(SECRET, { chatId: 42, userId: 5 }, data)).toBeUndefined();
  });

  it("of one command is none of another", () => {
    const data = signCommandButton(SECRET, { ...ofJob, command: "memory", action: "forget" });
    expect(verifyCommandButton(SECRET, { chatId: 42, userId: 5 }, data)).toMatchObject({ command: "memory" });
    expect(
      verifyCommandButton(SECRET, { chatId: 42, userId: 5 }, data.replace("m:f:", "m:y:")),
    ).toBeUndefined();
    expect(verifyCommandButton(SECRET, { chatId: 42, userId: 5 }, data.replace("m:", "j:"))).toBeUndefined();
  });

  it("of a shared session is anybody's there, and all fit into 64 bytes", () => {
    const { askedUserId: _, ...anybodys } = ofJob;
    const data = signCommandButton(SECRET, { ...anybodys, ref: "j".repeat(32) });
    expect(Buffer.byteLength(data)).toBeLessThanOrEqual(64);
    expect(verifyCommandButton(SECRET, { chatId: 42, userId: 77 }, data)).toMatchObject({ action: "pause" });
  });
});
