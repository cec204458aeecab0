// What the scripted model says to the requests of a real chat, whose messages carry more than a person's words.

import { describe, expect, it } from "vitest";
import type { ChatBody, ChatMessage } from "../../local/model/chat-api.ts";
import { converse } from "../../local/model/conversation.ts";
import { cronPrompt } from "../../src/agent/cron-prompt.ts";
import { wrapUntrusted } from "../../src/agent/untrusted.ts";
import { skillActivation } from "../../src/skills/activation.ts";
import type { OpenSkill } from "../../src/skills/view.ts";

const TOOLS = ["todo", "web_extract", "cronjob", "page"].map((name) => ({
  type: "function",
  function: { name },
}));

const said = (content: string): ChatMessage => ({
  role: "user",
  content: `${content}\n\n[Tuesday 12:00, UTC]`,
});
const answered: ChatMessage = { role: "assistant", content: "Well." };

const answerTo = (messages: readonly ChatMessage[], tools: ChatBody["tools"] = TOOLS) =>
  converse({ model: "deepseek-flash", messages, ...(tools && { tools }) });

const BRIEF: OpenSkill = {
  summary: {
    name: "page-brief",
    description: "Reads pages.",
    category: "",
    tags: [],
    folder: "page-brief",
    isBundled: true,
  },
  text: "",
  body: "# Brief\n\n[A note]\n\nFetch https://example.org/of-the-skill and tell it.",
  files: ["links.md"],
  needs: { tags: [], relatedSkills: [], environment: [], commands: [], isPinned: false },
};

const invoked = (wish: string): ChatMessage => said(skillActivation(BRIEF, wish, "session-1"));

describe("a skill that was invoked", () => {
  it("is told by its name, not by its text", () => {
    const { content = "" } = answerTo([said("hm"), answered, invoked("")]);
    expect(content).toContain("skill “page-brief”");
    expect(content).not.toMatch(/IMPORTANT|Brief\b/);
  });

  it("is followed as far as the words go that came with it", () => {
    const { toolCalls } = answerTo([invoked("https://example.org/mine\nin short")]);
    expect(toolCalls).toEqual([{ name: "web_extract", arguments: { urls: ["https://example.org/mine"] } }]);
  });

  it("counts later as what the person said along with it, or not at all", () => {
    const ask = said("what did I say?");
    expect(answerTo([said("hm"), answered, invoked(""), answered, ask]).content).toContain("“hm”");
    expect(answerTo([said("hm"), answered, invoked("be brief"), answered, ask]).content).toContain(
      "“be brief”",
    );
  });
});

describe("a job", () => {
  const origin = { chatId: 42, chatType: "dm" } as const;
  const job = { origin, id: "j", name: "Looms", prompt: "read https://example.org/looms" };

  it("is taken at its prompt, with and without skills", () => {
    const read = [{ name: "web_extract", arguments: { urls: ["https://example.org/looms"] } }];
    const skills = [{ name: "page-brief", text: BRIEF.body }];
    expect(answerTo([said(cronPrompt(job))]).toolCalls).toEqual(read);
    expect(answerTo([said(cronPrompt(job, { skills, outputs: [] }))]).toolCalls).toEqual(read);
  });
});

describe("a title", () => {
  it.each([
    ["The person: Tuesday\n\nThe assistant: You said: “Tuesday”.\n\nThe title:", "Tuesday"],
    ["The person: plan my errands for the week\n\nThe assistant: Done.", "plan my errands for the"],
    ["The person: \n\nThe assistant: A fine picture.\n\nThe title:", "A chat"],
  ])("is the person's first words: %j", (content, title) => {
    const messages: ChatMessage[] = [
      { role: "system", content: "You give a conversation its title." },
      { role: "user", content },
    ];
    expect(converse({ model: "deepseek-flash", messages }).content).toBe(title);
  });
});

describe("what a tool answered", () => {
  const told = (name: string, content: string): string =>
    answerTo([
      said("do it"),
      {
        role: "assistant",
        content: "",
        tool_calls: [{ id: "a", type: "function", function: { name, arguments: "{}" } }],
      },
      { role: "tool", tool_call_id: "a", content },
    ]).content ?? "";

  it("is told without the frame around somebody else's text", () => {
    const text = told(
      "web_extract",
      wrapUntrusted("web_extract", "Source: https://example.org\n\nLooms have cards.\n"),
    );
    expect(text).toContain(
      "The tool web_extract answered: Source: https://example.org\n\nLooms have cards.\n\n",
    );
    expect(text).not.toMatch(/untrusted|DATA/);
  });

  it("is told in the tool's own words where it has some", () => {
    const job = { name: "stretch", schedule: "once in 1 minute" };
    const created = { success: true, ...job, job, message: "Cron job 'stretch' created." };
    expect(told("cronjob", JSON.stringify(created))).toMatch(/^Done\. Cron job 'stretch' created\.$/m);
  });

  it("is a list where it lists jobs", () => {
    const jobs = [
      { name: "stretch", schedule: "every 30m" },
      { name: "walk", schedule: "0 9 * * *" },
    ];
    const lines = "Your jobs:\n- stretch (every 30m)\n- walk (0 9 * * *)\n";
    expect(told("cronjob", JSON.stringify({ success: true, count: 2, jobs }))).toContain(lines);
    expect(told("cronjob", JSON.stringify({ success: true, count: 0, jobs: [] }))).toContain(
      "You have no jobs.",
    );
  });
});
