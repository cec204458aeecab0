// The kinds of turn that leave something beside their conversation: skills, memories, notes, what they cost. As shapes.ts; `CHAT`
// is the number of the run's chat. Used by the tests here.

import { calls, type Shape, says } from "./shape.ts";

const skill = (name: string, description: string): string =>
  `---\nname: ${name}\ndescription: ${description}\n---\n\n# How\n\nLook at the sea, and say what it is like.\n`;

const rounds = (lines: readonly string[]): number =>
  lines.filter((line) => line.startsWith("assistant:")).length;

/** The skills have not been looked at by anybody; what is noted goes with the first message, is added to and is changed. */
export const firstMessage: Shape = {
  title: "a first message, with skills and notes",
  world: { services: ["skills"] },
  beside: {
    skills: {
      "sea-CHAT/SKILL.md": skill("sea-CHAT", "Says what the sea is like."),
      "travel/air-CHAT/SKILL.md": skill("air-CHAT", "Says what the air is like."),
    },
    notes: ["Ada sails out of harbour CHAT."],
  },
  drive: (stage) => stage.say("Hello"),
  answer: ({ lines }) =>
    rounds(lines) === 0
      ? calls(
          "mark-1",
          ["memory", { action: "add", target: "user", content: "Likes rowing too." }],
          ["memory", { action: "replace", target: "memory", old_text: "sails", content: "Ada rows." }],
        )
      : says("mark-2", "Hello, Ada."),
  // A change that was made before its process died is answered so when it is asked for again.
  tidy: (rows) =>
    rows.map((row) => ({
      ...row,
      content: row.content.replace(/"message":"(Entry \w+|Done already)\."/, '"message":"It is so."'),
    })),
};

/** Written to the bucket, brought to the Knowledge Base, and in the menu. */
export const newSkill: Shape = {
  title: "a turn that writes a skill",
  world: { services: ["skills", "search"] },
  unrepeatable: ["mark-1_0"],
  drive: (stage) => stage.say("Keep that as a skill"),
  answer({ lines }, { chatId }) {
    const name = `sea-${chatId}`;
    const content = skill(name, "Says what the sea is like.");
    return rounds(lines) === 0
      ? calls("mark-1", ["skill_manage", { action: "create", name, content }])
      : says("mark-2", "That is a skill now.");
  },
};

/** What is known goes with the message, the model keeps something, and what was said is learnt from. */
export const learntTurn: Shape = {
  title: "a turn with long-term memory",
  world: { services: ["memory"] },
  beside: { facts: ["My boat lies in harbour CHAT."] },
  drive: (stage) => stage.say("Which harbour is my boat in?"),
  answer: ({ lines }) =>
    rounds(lines) === 0
      ? calls("mark-1", ["memory_remember", { content: "Asks for the harbour." }])
      : says("mark-2", "In yours."),
};

/** What the memory missed of an earlier session is told to it before what is said now. */
export const paidTurn: Shape = {
  title: "a turn that pays what the memory is owed",
  world: { services: ["memory"] },
  beside: { missed: ["I live in harbour CHAT.", "My boat is blue."] },
  drive: (stage) => stage.say("What colour is my boat?"),
  answer: () => says("mark-1", "Blue."),
};

export const forgetting: Shape = {
  title: "everything is forgotten at the press of a button",
  world: { services: ["memory"] },
  beside: { facts: ["I live in harbour CHAT.", "My boat is blue."], said: ["I have a boat.", "I row."] },
  async drive(stage) {
    await stage.say("/memory forget all");
    await stage.recovered();
    await stage.press();
  },
  answer: () => says("mark-1", "A good one."),
};

/** Told once; the second message is silent, and what comes after the operator has raised the budget is answered. */
export const spentBudget: Shape = {
  title: "a budget that is spent",
  beside: { spent: 5_000_000 },
  async drive(stage) {
    await stage.say("Hello");
    await stage.recovered();
    await stage.say("Are you there?");
  },
  answer: () => says("mark-1", "This costs too much."),
};
