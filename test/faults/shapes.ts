// The kinds of turn that are broken at every call: one file a shape, these are the small ones. Used by the tests here.

import { PLUGIN } from "./plugin.ts";
import { calls, type Shape, says } from "./shape.ts";

export const plainAnswer: Shape = {
  title: "a plain answer",
  drive: (stage) => stage.say("Hello"),
  answer: () => says("mark-1", "Hello, Ada."),
};

/** Rounds of tools, told apart by how many are done already. */
export const toolRounds: Shape = {
  title: "three rounds of tools",
  world: { home: { "plugins/faults.mjs": PLUGIN } },
  unrepeatable: ["mark-2_0"],
  drive: (stage) => stage.say("Do the three things"),
  answer({ lines }) {
    switch (lines.filter((line) => line.startsWith("assistant:")).length) {
      case 0:
        return calls("mark-1", ["peek", { n: 1 }], ["peek", { n: 2 }]);
      case 1:
        return calls("mark-2", ["launch", { n: 3 }], ["peek", { n: 4 }]);
      case 2:
        return calls("mark-3", ["peek", { n: 5 }], ["peek", { n: 6 }], ["peek", { n: 7 }]);
      default:
        return says("mark-4", "All three are done.");
    }
  },
};

const paragraphs = (count: number): string =>
  Array.from({ length: count }, (_, index) =>
    `Paragraph ${index}. ${"The sea is wide. ".repeat(29)}`.trim(),
  ).join("\n\n");

export const longAnswer: Shape = {
  title: "a long answer in parts",
  drive: (stage) => stage.say("Tell me everything"),
  answer: () => says("mark-1", paragraphs(70)),
};

const MEANWHILE = "And for the harbour";

/** The second message arrives while the model is asked about the first, whose tools are the boundary it is folded in at. */
export const foldedIn: Shape = {
  title: "a message that arrives meanwhile",
  world: { home: { "plugins/faults.mjs": PLUGIN } },
  drive: (stage) => stage.say("Look for the ship"),
  // After a crash before the turn was opened both wait, and are one turn from its beginning (design.md 5, step 4).
  tidy: (rows) => {
    const second = rows.findIndex(({ role, content }) => role === "user" && content === MEANWHILE);
    const found = rows[second];
    return found === undefined ? rows : rows.toSpliced(second, 1).toSpliced(1, 0, found);
  },
  async answer({ lines }, stage) {
    if (!lines.some((line) => line.startsWith("assistant:"))) {
      await stage.once("meanwhile", () => stage.say(MEANWHILE));
      return calls("mark-1", ["peek", { n: 1 }], ["peek", { n: 2 }]);
    }
    return says("mark-2", "Ship and harbour are there.");
  },
};

/** What a person sees while it is written: the stream goes on when the draft was shown. */
export const shownDraft: Shape = {
  title: "an answer that is shown while it is written",
  isPoint: (name) => /Draft$/.test(name),
  drive: (stage) => stage.say("Think aloud"),
  answer: (_, stage) => ({
    mark: "mark-1",
    reply: {
      content: `${"I think, therefore I am. ".repeat(8)}(mark-1)`,
      hold: { after: 4, until: stage.seen(/Draft$/) },
    },
  }),
};

export const cronTick: Shape = {
  title: "a tick of a job",
  world: { home: { "plugins/faults.mjs": PLUGIN } },
  async drive(stage) {
    stage.tick("Say what the sea is like.");
  },
  answer: ({ lines }) =>
    lines.length === 1 ? calls("mark-1", ["peek", { n: 1 }]) : says("mark-2", "The sea is calm."),
};

export const keptTick: Shape = {
  ...cronTick,
  title: "a tick of a job that has a record",
  isKept: true,
};

/** Made, changed, and taken back. */
export const reminders: Shape = {
  title: "reminders that are made, changed and removed",
  drive: (stage) => stage.say("Remind me of tea"),
  answer({ lines }) {
    const tea = { action: "create", prompt: "Say that tea is ready.", schedule: "every 2h", name: "Tea" };
    switch (lines.filter((line) => line.startsWith("assistant:")).length) {
      case 0:
        return calls("mark-1", ["cronjob", tea]);
      case 1:
        return calls(
          "mark-2",
          ["cronjob", { ...tea, name: "Coffee" }],
          ["cronjob", { action: "pause", job_id: "tea" }],
        );
      case 2:
        return calls("mark-3", ["cronjob", { action: "update", job_id: "tea", schedule: "every 3h" }]);
      case 3:
        return calls(
          "mark-4",
          ["cronjob", { action: "resume", job_id: "tea" }],
          ["cronjob", { action: "remove", job_id: "coffee" }],
        );
      default:
        return says("mark-5", "You will be reminded of tea.");
    }
  },
};

const LONG = "The ship sails on and on. ".repeat(40);

/** What was said before is more than a chat may hold: the next turn begins with a summary. */
export const compaction: Shape = {
  title: "a compaction",
  world: { home: { "config.yaml": "compression:\n  threshold_tokens: 4000\n" } },
  before: Array.from({ length: 8 }, (_, index) => `Before ${index + 1}. ${LONG}`),
  drive: (stage) => stage.say("Where were we?"),
  answer({ lines }) {
    const last = lines.at(-1) ?? "";
    const before = /^user: Before (\d)/.exec(last)?.[1];
    if (before === undefined) return says("mark-1", "At sea.");
    return says(
      `mark-before-${before}`,
      "Aye.",
      before === "8" ? { usage: { prompt: 5_000 } } : { usage: { prompt: 100 } },
    );
  },
};

/** Grace and reserve take 65 s of it: a step fits in, and after the nap no other. */
const SHORT_MS = 85_000;
const NAP_MS = 25_000;

export const handOver: Shape = {
  title: "a hand-over before the deadline",
  world: { timeoutMs: SHORT_MS, home: { "plugins/faults.mjs": PLUGIN } },
  drive: (stage) => stage.say("Take your time"),
  answer: ({ lines }) =>
    lines.length === 1 ? calls("mark-1", ["nap", { n: 1 }]) : says("mark-2", "That took a while."),
  onTool(path, stage) {
    if (path.startsWith("/nap")) stage.shift(NAP_MS);
  },
};
