// A skill that config.yaml keeps from chats is used by jobs, and the other way round.

import { expect, it } from "vitest";
import { LOCAL_BUCKET } from "../../local/environment.ts";
import { textOf } from "../../local/model/chat-api.ts";
import {
  type Conversation,
  calls,
  errorsIn,
  lastTurnRequest,
  lines,
  reply,
  startConversation,
  tick,
} from "./conversation.ts";

const skill = (name: string) => `---\nname: ${name}\ndescription: Does ${name}.\n---\n\nSteps of ${name}.\n`;
const CONFIG = "skills:\n  platform_disabled:\n    telegram: [of-jobs]\n    cron: [of-chats]\n";

const listOf = ({ model }: Conversation): string =>
  /<available_skills>[\s\S]*<\/available_skills>/.exec(
    textOf(lastTurnRequest(model).body.messages[0]?.content),
  )?.[0] ?? "";

it.concurrent("prompt, tools and commands of a chat and of a job have each their own skills", async () => {
  await using chat = await startConversation({ home: { "config.yaml": CONFIG } });
  for (const name of ["of-jobs", "of-chats"]) chat.s3.put(LOCAL_BUCKET, `${name}/SKILL.md`, skill(name));

  await chat.ask("Hello");
  expect(listOf(chat)).toContain("of-chats");
  expect(listOf(chat)).not.toContain("of-jobs");
  expect(await chat.ask("/skills")).not.toContain("of_jobs");
  expect(await chat.ask("/of_jobs")).toContain("Unknown command /of_jobs");

  chat.s3.put(LOCAL_BUCKET, "of-jobs/SKILL.md", `${skill("of-jobs")}In \${HERMES_SESSION_ID}.`);
  chat.model.enqueue(calls(["skill_view", { name: "of-chats" }]), reply("Done."));
  const event = tick({ prompt: "Do it." });
  await chat.invoke({ ...event, job: { ...event.job, skills: ["of-jobs", "of-chats"] } });
  await chat.settled();

  expect(listOf(chat)).toContain("of-jobs");
  expect(listOf(chat)).not.toContain("of-chats");
  const [prompt = "", , answer] = lines(lastTurnRequest(chat.model));
  expect(prompt).toMatch(/Steps of of-jobs\.\s+In cron_3f2a9c1b7d4e_\d{8}_\d{6}\./);
  expect(prompt).toContain("These skills could not be loaded: of-chats");
  expect(answer).toContain("switched off in config.yaml");
  expect(errorsIn(chat)).toEqual([]);
});
