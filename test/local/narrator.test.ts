import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createNarrator } from "../../local/narrator.ts";
import { ServiceError } from "../../local/rest-json/errors.ts";
import type { BotApiCall } from "../../local/telegram/bot-api.ts";
import { wrapUntrusted } from "../../src/agent/untrusted.ts";

const recorded = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../events/${name}.json`, import.meta.url), "utf8"));

const listening = () => {
  const told: string[] = [];
  const narrator = createNarrator({ write: (lines) => told.push(lines) });
  return { narrator, told };
};

const call = (
  method: string,
  payload: BotApiCall["payload"],
  changes: Partial<BotApiCall> = {},
): BotApiCall => ({
  method,
  payload,
  at: 0,
  via: "http",
  result: { ok: true, result: true },
  ...changes,
});

const put = (message: object, sk = "MSG#1") => ({
  Item: { PK: { S: "SESSION#a" }, SK: { S: sk }, message: { M: message } },
});
const PUT = "DynamoDB_20120810.PutItem";

describe("what comes in", () => {
  it.each([
    ["telegram-text", "Ada      Please plan my errands: buy milk, post the letter, call the dentist"],
    ["telegram-edited", "Ada      (edited) Please plan my errands: buy milk and bread"],
    ["telegram-sticker", "Ada      (sticker)"],
    ["telegram-photo", "Ada      (photo) What is on this picture?"],
    ["telegram-voice", "Ada      (voice)"],
    ["telegram-service", "Ada in Lab (new chat "],
    ["telegram-group-mention", "Ada in Lab @hermes_lambda_bot, what is a Jacquard loom?"],
    ["telegram-callback", "Ada      (presses “Tuesday”)"],
    ["telegram-stopped-generation", "Telegram (the stop button of a draft)"],
    ["telegram-unknown-kind", "Telegram (an update of the kind “telepathy”)"],
    ["telegram-malformed", "Somebody sends POST with a body that is no update"],
    ["cron-tick", "Scheduler “Morning briefing” is due: Write one sentence to start the day with."],
    ["wake", "Lambda   a wake for agent:main:telegram:dm:42"],
    ["on-failure", "Lambda   the notice of an event that failed for good"],
  ])("%s is told as “%s”", (event, line) => {
    const { narrator, told } = listening();
    narrator.arrival(recorded(event));
    expect(told.join("\n")).toContain(line);
  });

  it.each([undefined, null, "text", {}])("an event that is none (%o) is told too", (event) => {
    const { narrator, told } = listening();
    narrator.arrival(event);
    expect(told).toEqual(["Lambda   an event of no known kind"]);
  });
});

describe("what the agent does", () => {
  it("shows each tool with its arguments and its result", () => {
    const { narrator, told } = listening();
    const calls = [{ M: { name: { S: "todo" }, arguments: { S: '{"a":1}' } } }];
    narrator.onTableRequest(PUT, put({ role: { S: "assistant" }, toolCalls: { L: calls } }));
    narrator.onTableRequest(PUT, put({ role: { S: "tool" }, content: { S: "one\n\ntwo" } }, "MSG#2"));
    expect(told).toEqual(['tool     todo {"a":1}', "result   one two"]);
  });

  it("tells a row that is written again only once, and long results in short", () => {
    const { narrator, told } = listening();
    const row = put({ role: { S: "tool" }, content: { S: "x".repeat(10_000) } });
    narrator.onTableRequest(PUT, row);
    narrator.onTableRequest(PUT, row);
    expect(told).toEqual([`result   ${"x".repeat(300)}…`]);
  });

  it("shows somebody else's text without the frame that is for the model", () => {
    const { narrator, told } = listening();
    const content = { S: wrapUntrusted("web_extract", "Looms have cards, and cards have holes.") };
    narrator.onTableRequest(PUT, put({ role: { S: "tool" }, content }));
    expect(told).toEqual(["result   Looms have cards, and cards have holes."]);
  });

  it("does not show rows of other kinds, nor other requests", () => {
    const { narrator, told } = listening();
    narrator.onTableRequest(PUT, { Item: { PK: { S: "SESSION#a" }, SK: { S: "IN#1" } } });
    narrator.onTableRequest(PUT, put({ role: { S: "user" }, content: { S: "hello" } }));
    narrator.onTableRequest("DynamoDB_20120810.Query", {});
    expect(told).toEqual([]);
  });

  it("shows a growing draft by what is new in it", () => {
    const { narrator, told } = listening();
    const draft = (markdown: string) =>
      narrator.onBotCall(call("sendRichMessageDraft", { chat_id: 42, rich_message: { markdown } }));
    draft("Once upon");
    draft("Once upon\n\n⚙️ todo…");
    draft("Once upon a time");
    narrator.onBotCall(call("sendMessage", { chat_id: 42, text: "Once upon a time." }));
    draft("Again");
    expect(told).toEqual([
      "writes   Once upon",
      "writes   a time",
      "Hermes   Once upon a time.",
      "         sendMessage to chat 42",
      "writes   Again",
    ]);
  });
});

describe("what is sent", () => {
  it("is shown whole, with its buttons and where it went", () => {
    const { narrator, told } = listening();
    const reply_markup = { inline_keyboard: [[{ text: "Yes" }, { text: "No" }]] };
    narrator.onBotCall(call("sendMessage", { chat_id: 42, text: "Shall we?\nNow?", reply_markup }));
    const under = " ".repeat(9);
    expect(told).toEqual([
      `Hermes   Shall we?\n${under}Now?\n${under}[ Yes ]\n${under}[ No ]`,
      `${under}sendMessage to chat 42`,
    ]);
  });

  it("says what Telegram refused, and what got no answer", () => {
    const { narrator, told } = listening();
    const refused = { ok: false, error_code: 400, description: "Bad Request: no" } as const;
    narrator.onBotCall(call("sendRichMessage", { chat_id: 42 }, { result: refused }));
    narrator.onBotCall(call("sendMessage", { chat_id: 42 }, { result: undefined, fault: "drop-before" }));
    expect(told.map((line) => line.trim())).toEqual([
      "sendRichMessage to chat 42: Bad Request: no",
      'sendMessage to chat 42: no answer ("drop-before")',
    ]);
  });

  it("says when an arrival came to nothing", () => {
    const { narrator, told } = listening();
    narrator.arrival(recorded("wake"));
    narrator.onBotCall(call("sendChatAction", { chat_id: 42, action: "typing" }));
    narrator.end();
    narrator.arrival(recorded("wake"));
    narrator.onBotCall(call("sendMessage", { chat_id: 42, text: "hi" }));
    narrator.end();
    expect(told.filter((line) => line.includes("nothing was sent"))).toHaveLength(1);
  });
});

describe("what is scheduled", () => {
  it("is told when it changes, and when the service refused it", () => {
    const { narrator, told } = listening();
    const fields = {
      Name: "one",
      ScheduleExpression: "rate(1 day)",
      ScheduleExpressionTimezone: "Europe/Berlin",
    };
    narrator.onSchedulerCall({ operation: "CreateSchedule", fields });
    narrator.onSchedulerCall({ operation: "ListSchedules", fields: {} });
    narrator.onSchedulerCall({ operation: "UpdateSchedule", fields: { ...fields, State: "DISABLED" } });
    narrator.onSchedulerCall({ operation: "DeleteSchedule", fields });
    const error = new ServiceError("ConflictException", "no");
    narrator.onSchedulerCall({ operation: "CreateSchedule", fields, error });
    expect(told).toEqual([
      "Scheduler one is rate(1 day) Europe/Berlin",
      "Scheduler one is rate(1 day) Europe/Berlin, disabled",
      "Scheduler one is deleted",
      "Scheduler CreateSchedule one: no",
    ]);
  });
});

describe("a schedule that is made", () => {
  it("is not told as a failure first: there is none to update before it is created", () => {
    const { narrator, told } = listening();
    const fields = { Name: "one", ScheduleExpression: "rate(1 day)" };
    const error = new ServiceError("ResourceNotFoundException", "Schedule one does not exist.");
    narrator.onSchedulerCall({ operation: "UpdateSchedule", fields, error });
    narrator.onSchedulerCall({ operation: "CreateSchedule", fields });
    narrator.onSchedulerCall({ operation: "DeleteSchedule", fields, error });
    expect(told).toEqual([
      "Scheduler one is rate(1 day)",
      "Scheduler DeleteSchedule one: Schedule one does not exist.",
    ]);
  });
});

describe("the first line", () => {
  it.each([
    ["The scripted model answers (set DEEPSEEK_API_KEY for the real one)", []],
    ["The model answers: deepseek at http://x, with your key", ["memory", "search"]],
  ] as const)("says who answers, what there is, and where the state is", (answers, services) => {
    const { narrator, told } = listening();
    narrator.begin({ answers, services: new Set(services), directory: ".hermes" });
    expect(told[0]).toContain(`${answers}.`);
    expect(told[0]).toContain("state in .hermes.");
    const here = "AgentCore Memory and a Knowledge Base";
    if (services.length === 0) expect(told[0]).toContain("All else is on this machine;");
    else expect(told[0]).toContain(`All else is on this machine, with ${here};`);
  });
});

describe("what the function logs", () => {
  const ENTRY = {
    ...{ level: "WARN", message: "a page could not be read", timestamp: "2026-11-24T19:04:48.218Z" },
    ...{ service: "hermes", cold_start: false, function_arn: "arn:x", function_name: "hermes" },
    ...{ function_memory_size: "1024", function_request_id: "r", sampling_rate: 0, xray_trace_id: "1-a" },
    ...{ session: "agent:main:telegram:dm:42", updateId: "7" },
  };

  it("is one line, with the error's words and without what is the same in every line", () => {
    const { narrator, told } = listening();
    const error = {
      name: "HermesError",
      message: "the host is not known",
      stack: "HermesError: …\n    at x",
    };
    narrator.onLog({ ...ENTRY, error });
    expect(told[0]).toBe("log      WARN a page could not be read: the host is not known");
  });

  it("has its own fields behind it", () => {
    const { narrator, told } = listening();
    narrator.onLog({ ...ENTRY, status: 405, error: { message: "no\nPOST" }, tools: ["a"] });
    narrator.onLog({ ...ENTRY, level: "ERROR", message: "a tool threw", error: "TypeError" });
    expect(told).toContain('log      WARN a page could not be read: no POST (status: 405, tools: ["a"])');
    expect(told).toContain("log      ERROR a tool threw: TypeError");
  });

  it("says once where it is in full", () => {
    const { narrator, told } = listening();
    narrator.begin({ answers: "x", services: new Set(), directory: ".hermes" });
    narrator.onLog(ENTRY);
    narrator.onLog(ENTRY);
    expect(told.filter((line) => line.includes("in full: .hermes/log.jsonl"))).toHaveLength(1);
  });
});

describe("colours", () => {
  it("are used only when asked for", () => {
    const told: string[] = [];
    createNarrator({ write: (lines) => told.push(lines), colours: true }).arrival(recorded("wake"));
    expect(told[0]).toContain("\u001b[36m");
  });
});
