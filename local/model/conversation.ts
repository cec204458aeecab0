// What the stand-in says when no script tells it: a small talker for runs without a key. It knows nothing but the
// messages of its request, so whatever it remembers proves that the history arrived. Called by server.ts.

import { type Asked, askedIn } from "./asked.ts";
import { type ChatBody, type ScriptedCall, type ScriptedReply, textOf } from "./chat-api.ts";
import { clipped } from "./clipped.ts";
import { toldResults } from "./told-results.ts";

export const INTRODUCTION =
  "(I am the scripted stand-in model: set DEEPSEEK_API_KEY to talk to the real one.)";

type Answer = string | ScriptedCall;

/** The first that matches answers. A tool is called only where the request offers it. */
interface Skill {
  readonly pattern: RegExp;
  readonly tool?: string;
  readonly answer: (match: RegExpExecArray, asked: Asked) => Answer;
}

export const converse = (body: ChatBody): ScriptedReply => {
  const errand = errandOf(body);
  if (errand !== undefined) return { content: errand };
  const last = body.messages.at(-1);
  const asked = askedIn(body.messages);
  if (last?.role === "tool")
    return {
      reasoning: "The tool has answered.",
      content: introduced(toldResults(body.messages) + remembered(asked), asked),
    };
  const answer = answerTo(asked, offeredTools(body));
  return typeof answer === "string"
    ? { reasoning: "I answer from the messages I was given.", content: introduced(answer, asked) }
    : { reasoning: `The tool ${answer.name} fits this.`, toolCalls: [answer] };
};

/** The first answer of a chat says who speaks. */
const introduced = (answer: string, { isFirst }: Asked): string =>
  !isFirst || answer.includes(INTRODUCTION) ? answer : `${answer}\n\n${INTRODUCTION}`;

/** What shows that the history arrived. */
const remembered = ({ earlier }: Asked): string => {
  const last = earlier.at(-1);
  if (last === undefined) return "";
  const times = earlier.length === 1 ? "once" : `${earlier.length} times`;
  return `\n\nYou had written to me ${times} before, the last time: “${clipped(last)}”.`;
};

const offeredTools = ({ tools = [] }: ChatBody): ReadonlySet<string> =>
  new Set(tools.map((tool) => tool.function.name));

/** Titles and summaries are asked for without tools, and their text is used as it is. */
const errandOf = ({ messages, tools = [] }: ChatBody): string | undefined => {
  const instructions = textOf(messages[0]?.content);
  if (tools.length > 0 || messages[0]?.role !== "system") return undefined;
  const words = textOf(messages.at(-1)?.content);
  if (/\btitle\b/i.test(instructions)) return titleFrom(words);
  return /\bsummar/i.test(instructions) ? `## Goal\n${firstWords(words, 60)}` : undefined;
};

/** What follows the label of the person's part, in the words of src/agent/titles.ts or of any other asker. */
const titleFrom = (words: string): string =>
  firstWords(
    (words.split(/\n+The assistant:/)[0] ?? "").replace(/^\W*(?:the\s+)?(?:user|person)\W+/i, ""),
    5,
  ) || "A chat";

const firstWords = (text: string, count: number): string =>
  text.split(/\s+/).filter(Boolean).slice(0, count).join(" ");

const answerTo = (asked: Asked, tools: ReadonlySet<string>): Answer => {
  for (const { pattern, tool, answer } of SKILLS) {
    const match = pattern.exec(asked.text);
    if (match !== null && (tool === undefined || tools.has(tool))) return answer(match, asked);
  }
  return heard(asked) + remembered(asked);
};

const heard = ({ text, skill }: Asked): string => {
  if (text !== "") return `You said: “${clipped(text)}”.`;
  return skill === undefined
    ? "I see no words in that."
    : `The skill “${skill}” has come to me. A real model would follow it now.`;
};

const nameIn = (text: string): string | undefined => MY_NAME.exec(text)?.[1];

const MY_NAME = /\b(?:my name is|call me)\s+(\p{L}[\p{L}\p{N}'-]*)/iu;

const recalledName = ({ earlier }: Asked): string => {
  const name = earlier.map(nameIn).findLast((found) => found !== undefined);
  return name === undefined ? "You have not told me your name in this chat." : `Your name is ${name}.`;
};

const recalledWords = ({ earlier }: Asked): string => {
  const last = earlier.at(-1);
  return last === undefined
    ? "This is the first thing you say here."
    : `Before this you said: “${clipped(last)}”.`;
};

const listed = (items: string): readonly string[] =>
  items
    .split(/[,;\n]|\s+and\s+/)
    .map((item) => item.replace(/^[\s\d.)*-]+|[\s.]+$/g, ""))
    .filter((item) => item !== "");

const todoCall = (items: string): ScriptedCall => ({
  name: "todo",
  arguments: {
    todos: listed(items).map((content, index) => ({ id: String(index + 1), content, status: "pending" })),
  },
});

const FACT = /^(?:please\s+)?(?:remember|note)\s+that\s+([\s\S]+)$/i;

const SKILLS: readonly Skill[] = [
  { pattern: /\b(who|what) are you\b|\bwhich model\b|\breal model\b/i, answer: () => INTRODUCTION },
  {
    pattern: /\b(what('s| is)|do you (know|remember)) my name\b/i,
    answer: (_, asked) => recalledName(asked),
  },
  {
    pattern: MY_NAME,
    answer: ([, name]) => `Nice to meet you, ${name}. I will remember your name in this chat.`,
  },
  {
    pattern: /\bwhat (did|have) i (just |last )?(say|said|write|written|tell|told)\b/i,
    answer: (_, asked) => recalledWords(asked),
  },
  {
    pattern: FACT,
    tool: "memory",
    answer: ([, content = ""]) => ({ name: "memory", arguments: { action: "add", target: "user", content } }),
  },
  {
    pattern: FACT,
    tool: "memory_remember",
    answer: ([, content = ""]) => ({ name: "memory_remember", arguments: { content } }),
  },
  {
    pattern: /^(?:please\s+)?(?:remember|plan|to-?do)\b[^:]*:\s*([\s\S]+)$/i,
    tool: "todo",
    answer: ([, items = ""]) => todoCall(items),
  },
  {
    pattern:
      /\bsearch\b(?:.*?\b(?:for|about)\s+)?(.*?)\s*\b(?:in|through)?\s*(?:our|my|the)?\s*(?:past|earlier|old|previous)\s+(?:chats?|conversations?|sessions?)(?:\s+(?:for|about)\s+(.+))?/i,
    tool: "session_search",
    answer: ([, before = "", after]) => ({
      name: "session_search",
      arguments: { query: unquoted(after ?? before) },
    }),
  },
  {
    pattern: /^(?:please\s+)?remind me\s+(in|every)\s+(\d+\s*[a-z]+)\s+(?:to|that|of|about)\s+([\s\S]+)$/i,
    tool: "cronjob",
    answer: ([, when = "", time = "", what = ""]) => ({
      name: "cronjob",
      arguments: {
        action: "create",
        schedule: when.toLowerCase() === "every" ? `every ${time}` : time,
        prompt: `Tell the person this: ${what}`,
        name: firstWords(what, 4),
      },
    }),
  },
  {
    pattern: /\bwhat (have i|is|do i have) scheduled\b/i,
    tool: "cronjob",
    answer: () => ({ name: "cronjob", arguments: { action: "list" } }),
  },
  {
    pattern: /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)]/i,
    tool: "web_extract",
    answer: ([url]) => ({ name: "web_extract", arguments: { urls: [url] } }),
  },
  {
    pattern: /^ask me\b\s*(?:about\s+|whether\s+)?(.*)$/i,
    tool: "clarify",
    answer: ([, about = ""]) => clarifyCall(about),
  },
  {
    pattern: /^(hi|hello|hey|good (morning|evening|day))\b/i,
    answer: () => "Hello! Tell me something, and ask me for it later.",
  },
];

const unquoted = (text: string): string => text.replace(/^[\s"“”']+|[\s"“”'.?!]+$/g, "");

const clarifyCall = (about: string): ScriptedCall => ({
  name: "clarify",
  arguments: { question: `Shall we ${unquoted(about) || "go on"}?`, choices: ["Yes", "No"] },
});
