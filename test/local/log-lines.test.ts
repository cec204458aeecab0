import { describe, expect, it } from "vitest";
import { listenToLog } from "../../local/log-lines.ts";

/** A console, and what is written to it. */
const consoleOf = () => {
  const written: string[] = [];
  const write = (...texts: readonly unknown[]) => void written.push(texts.join(" "));
  return { target: { debug: write, info: write, warn: write, error: write, log: write }, written };
};

const LINE = { level: "WARN", message: "a page could not be read", timestamp: "2026-11-24T19:04:48.218Z" };

describe("a log line", () => {
  it("goes to who listens, however it is indented, and not to the console", () => {
    const { target, written } = consoleOf();
    const heard: unknown[] = [];
    const listening = listenToLog((entry) => heard.push(entry), target);
    target.warn(JSON.stringify(LINE));
    target.error(JSON.stringify(LINE, null, 4));
    expect(heard).toEqual([LINE, LINE]);
    expect(written).toEqual([]);
    listening.close();
    target.warn(JSON.stringify(LINE));
    expect(heard).toHaveLength(2);
    expect(written).toHaveLength(1);
  });

  it.each(["hello", '{"a":1}', "null", "{", '["WARN"]'])("is not %j, which is written as ever", (text) => {
    const { target, written } = consoleOf();
    const listening = listenToLog(() => expect.unreachable(), target);
    target.info(text);
    target.log(text, 2);
    listening.close();
    expect(written).toEqual([text, `${text} 2`]);
  });

  it("that cannot be told is written as it is: nothing is lost, and nobody who logs is hurt", () => {
    const { target, written } = consoleOf();
    listenToLog(() => {
      throw new Error("disk full");
    }, target);
    target.warn(JSON.stringify(LINE));
    expect(written).toEqual([JSON.stringify(LINE)]);
  });
});
