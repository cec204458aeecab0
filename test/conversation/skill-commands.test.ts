// Skills that people call by a command: which one is meant, and what it is about.

import { describe, expect, it } from "vitest";
import { LOCAL_BUCKET } from "../../local/environment.ts";
import { textOf } from "../../local/model/chat-api.ts";
import { saidTo } from "../support/deployment.ts";
import {
  ADA,
  type Conversation,
  calls,
  GROUP,
  lastTurnRequest,
  photo,
  reply,
  said,
  startConversation,
} from "./conversation.ts";

const skill = (name: string, body: string) =>
  `---\nname: ${name}\ndescription: How to ${name}.\n---\n\n${body}\n`;

const questionOf = ({ model }: Conversation): string =>
  textOf(lastTurnRequest(model).body.messages.at(-1)?.content);

/** Ada's words in answer to somebody else's. */
const replying = (text: string, to: string, place: Parameters<typeof said>[1] = {}) => {
  const update = said(text, place);
  const { message } = update;
  Object.assign(message ?? {}, {
    reply_to_message: {
      ...message,
      message_id: 7,
      text: to,
      from: { id: 77, is_bot: false, first_name: "Z" },
    },
  });
  return update;
};

describe("a skill called by a command", () => {
  it.concurrent("in a reply is about what the reply answers", async () => {
    await using chat = await startConversation();
    chat.s3.put(LOCAL_BUCKET, "translate/SKILL.md", skill("translate", "Into plain English."));
    await chat.send(replying("/translate briefly", "Es regnet in Strömen."));
    expect(questionOf(chat)).toMatch(/Es regnet in Strömen\.[\s\S]*Into plain English\.[\s\S]*briefly/);
  });

  it.concurrent("in a group is called by name and @name alike", async () => {
    await using chat = await startConversation();
    chat.s3.put(LOCAL_BUCKET, "translate/SKILL.md", skill("translate", "Into plain English."));
    const { username } = chat.telegram.me;
    await chat.send(replying(`/translate@${username} now`, "Il pleut.", { chat: GROUP }));
    expect(questionOf(chat)).toMatch(/Il pleut\.[\s\S]*Into plain English\.[\s\S]*now/);
    await chat.send(said(`/translate@another_bot now`, { chat: GROUP }));
    expect(chat.telegram.messages(GROUP.id)).toHaveLength(1);
  });

  it.concurrent("is listed in words, whatever markup describes it", async () => {
    await using chat = await startConversation();
    const text = skill("win", "Do.").replace("How to win.", "'Get a [prize](https://evil.example) *now*'");
    chat.s3.put(LOCAL_BUCKET, "win/SKILL.md", text);
    expect(await chat.ask("/skills")).toContain("/win – Get a [prize](https://evil.example) *now*");
    expect(JSON.stringify(chat.telegram.messages(ADA.id).at(-1))).not.toMatch(/"url":|text_link/);
  });

  it.concurrent("found beyond the menu's sixty is shown with its command", async () => {
    await using chat = await startConversation();
    for (let at = 10; at < 80; at += 1)
      chat.s3.put(LOCAL_BUCKET, `s-${at}/SKILL.md`, skill(`s-${at}`, "Do."));
    chat.s3.put(LOCAL_BUCKET, "zebra/SKILL.md", skill("zebra", "Draw stripes."));
    expect(await chat.ask("/skills zebra")).toContain("/zebra – How to zebra.");
    await chat.ask("/zebra");
    expect(questionOf(chat)).toContain("Draw stripes.");
  });

  it.concurrent("below a picture is about the picture; any other command there is a message", async () => {
    await using chat = await startConversation();
    chat.s3.put(LOCAL_BUCKET, "receipt/SKILL.md", skill("receipt", "Read the sum."));
    chat.telegram.addFile("bill", Buffer.from("iVBORw0KGgo=", "base64"), "photos/bill.png");
    await chat.send(photo("bill", "/receipt lunch"));
    expect(questionOf(chat)).toMatch(/Read the sum\.[\s\S]*lunch/);
    expect(JSON.stringify(lastTurnRequest(chat.model).body.messages.at(-1))).toContain("image_url");
    for (const caption of ["/new", "/nonsense here"]) {
      await chat.send(photo("bill", caption));
      expect(questionOf(chat)).toMatch(new RegExp(`^${caption}\n`));
    }
  });

  it.concurrent("below a picture ends no turn that is at work, whatever it is called", async () => {
    await using chat = await startConversation();
    chat.telegram.addFile("bill", Buffer.from("iVBORw0KGgo=", "base64"), "photos/bill.png");
    const thinking = Promise.withResolvers<void>();
    chat.model.enqueue(async () => {
      await thinking.promise;
      return calls(["todo", { todos: [] }]);
    });
    chat.model.enqueue(reply("Counted."));
    await chat.webhook(said("Count my stamps"));
    await chat.model.waitForRequest(1);
    await chat.webhook(photo("bill", "/new"));
    thinking.resolve();
    await chat.settled();
    expect(saidTo(chat.telegram)[0]).toBe("Counted.");
    expect(questionOf(chat)).toMatch(/^\/new\n/);
  });

  it.concurrent("is offered only where the command is the skill's: not as another name of one of ours", async () => {
    await using chat = await startConversation();
    const names = ["reset", "commands", "stop", "undo"];
    for (const name of names) chat.s3.put(LOCAL_BUCKET, `${name}/SKILL.md`, skill(name, "Do."));
    const shown = await chat.ask("/skills");
    for (const name of names) expect(shown).toMatch(new RegExp(`^${name} – How to ${name}\\.$`, "m"));
    const created = { action: "create", name: "brew", content: skill("brew", "Boil.") };
    chat.model.enqueue(calls(["skill_manage", created]), reply("Made."));
    await chat.ask("Make a skill of it");
    const menu = chat.telegram.calls().findLast(({ method }) => method === "setMyCommands");
    expect(JSON.stringify(menu?.payload)).toContain('"command":"brew"');
    expect(JSON.stringify(menu?.payload)).not.toMatch(/"command":"(?:reset|commands)"|How to (?:stop|undo)/);
  });

  it.concurrent("is the one of that name, not the one in a folder of that name", async () => {
    await using chat = await startConversation();
    chat.s3.put(LOCAL_BUCKET, "tea/SKILL.md", skill("brew", "Boil."));
    chat.s3.put(LOCAL_BUCKET, "kitchen/pot/SKILL.md", skill("tea", "Pour."));
    await chat.ask("/brew");
    expect(questionOf(chat)).toContain("Boil.");
    await chat.ask("/tea");
    expect(questionOf(chat)).toContain("Pour.");
  });
});
