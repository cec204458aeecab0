// What the stand-in says when no script tells it: a small talker for runs without a key. It knows nothing but the
// messages of its request, so whatever it remembers proves that the history arrived. Called by server.ts.

import {
  type ChatBody,
  type ChatMessage,
  type ScriptedCall,
  type ScriptedReply,
  textOf,
} from "./chat-api.ts";

export const INTRODUCTION =
  "(I am the scripted stand-in model: set DEEPSEEK_API_KEY to talk to the real one.)";

/** What a person's message asks for, with everything they said before it, oldest first. */
interface Asked {
  readonly text: string;
  readonly earlier: readonly string[];
}

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
      content: introduced(afterTools(body.messages) + remembered(asked), asked),
    };
  const answer = answerTo(asked, offeredTools(body));
  return typeof answer === "string"
    ? { reasoning: "I answer from the messages I was given.", content: introduced(answer, asked) }
    : { reasoning: `The tool ${answer.name} fits this.`, toolCalls: [answer] };
};

/** The first answer of a chat says who speaks. */
const introduced = (answer: string, { earlier }: Asked): string =>
  earlier.length > 0 || answer.includes(INTRODUCTION) ? answer : `${answer}\n\n${INTRODUCTION}`;

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

const titleFrom = (words: string): string =>
  firstWords(words.replace(/^\W*(user|person)\W+/i, ""), 5) || "A chat";

const firstWords = (text: string, count: number): string =>
  text.split(/\s+/).filter(Boolean).slice(0, count).join(" ");

const askedIn = (messages: readonly ChatMessage[]): Asked => {
  const said = messages.flatMap((message) => (message.role === "user" ? [wordsOf(message)] : []));
  return { text: said.at(-1) ?? "", earlier: said.slice(0, -1) };
};

/** Without the blocks in brackets or tags that the agent puts behind a person's words (clock, sender, memory). */
const wordsOf = (message: ChatMessage): string =>
  (
    textOf(message.content)
      .replace(SCHEDULED, "")
      .split(/\n+(?=[[<])/)[0] ?? ""
  ).trim();

/** What stands before the words of a scheduled job. */
const SCHEDULED = /^\[This is a scheduled run[^\n]*\]\s+/;

const answerTo = (asked: Asked, tools: ReadonlySet<string>): Answer => {
  for (const { pattern, tool, answer } of SKILLS) {
    const match = pattern.exec(asked.text);
    if (match !== null && (tool === undefined || tools.has(tool))) return answer(match, asked);
  }
  const heard = asked.text === "" ? "I see no words in that." : `You said: “${clipped(asked.text)}”.`;
  return heard + remembered(asked);
};

const afterTools = (messages: readonly ChatMessage[]): string => {
  const from = messages.findLastIndex((message) => message.role === "assistant");
  const calls = messages[from];
  const names = new Map(calls?.role === "assistant" ? (calls.tool_calls ?? []).map(nameById) : []);
  const lines = messages
    .slice(from + 1)
    .flatMap((message) =>
      message.role === "tool" ? [toldResult(names.get(message.tool_call_id), textOf(message.content))] : [],
    );
  return `Done. ${lines.join("\n")}`;
};

const toldResult = (tool: string | undefined, text: string): string => {
  const todos = tool === "todo" ? todosIn(text) : [];
  if (todos.length === 0) return `The tool ${tool ?? "?"} answered: ${clipped(text)}`;
  return ["Your list:", ...todos.map(({ content, status }) => `- ${content} (${status})`)].join("\n");
};

interface Todo {
  readonly content: string;
  readonly status: string;
}

const todosIn = (text: string): readonly Todo[] => {
  try {
    return (JSON.parse(text.split("\n")[0] ?? "") as { todos?: readonly Todo[] }).todos ?? [];
  } catch {
    return []; // no list but words: they are told as they are
  }
};

const nameById = (call: { readonly id: string }): readonly [string, string] => [
  call.id,
  "function" in call ? (call.function as { name: string }).name : "?",
];

const clipped = (text: string): string => (text.length > 400 ? `${text.slice(0, 400)}…` : text);

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
