// How many tokens every request carries before a word is said: the system prompt and the tools' schemas, all toolsets on. Called by
// run.ts. OpenAI's tokens, as in test/conversation/prompt-size.test.ts, which keeps them within their bound.

import { encode } from "gpt-tokenizer";
import { textOf } from "../local/model/chat-api.ts";
import { startFunction } from "../local/runtime-api.ts";
import { startBenchStack } from "./bench-stack.ts";
import { saidBy, wakeOf } from "./events.ts";
import { putSkills } from "./skill-files.ts";

export interface PromptTokens {
  readonly name: string;
  readonly system: number;
  readonly tools: number;
}

const DEPLOYMENTS = [
  { name: "built-in memory", hasServices: false, skills: 0 },
  { name: "AgentCore and Knowledge Base", hasServices: true, skills: 0 },
  { name: "built-in memory, 500 skills", hasServices: false, skills: 500 },
];

/** A load of the index reads 200 skills that it does not know: the last of these sessions lists all of them. */
const SESSIONS = 4;

export const measurePromptTokens = async (
  directory: string,
  artifact: string,
): Promise<readonly PromptTokens[]> => {
  const found: PromptTokens[] = [];
  for (const { name, skills, hasServices } of DEPLOYMENTS) {
    const stack = await startBenchStack(directory, { hasServices });
    putSkills(stack, 0, skills);
    const lambda = startFunction({ directory: artifact, handler: "src/handler.handler", env: stack.env });
    for (let userId = 9_500; userId < 9_500 + SESSIONS; userId += 1) {
      await lambda.invoke(saidBy(userId, "Good morning"));
      await lambda.invoke(wakeOf(userId));
    }
    await lambda.close();
    const body = stack.model.requests.findLast(({ body: { tools = [] } }) => tools.length > 0)?.body;
    await stack.close();
    if (body === undefined) throw new Error("the turn asked no model");
    const system = encode(textOf(body.messages[0]?.content)).length;
    found.push({ name, system, tools: encode(JSON.stringify(body.tools)).length });
  }
  return found;
};

export const promptTable = (prompts: readonly PromptTokens[]): string =>
  [
    "tokens of the fixed prompt            system prompt   tools           together   (target ≤ 3000)",
    ...prompts.map(
      ({ name, system, tools }) =>
        `  ${name.padEnd(36)}${`${system}`.padEnd(16)}${`${tools}`.padEnd(16)}${system + tools}`,
    ),
  ].join("\n");
