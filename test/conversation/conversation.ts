// What the tests of this folder share: a deployment with a home directory and people of its own, and a look at what the
// model was sent. Nothing is shared between two tests.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Chat, Update, User } from "@grammyjs/types";
import { LOCAL_TABLE, LOCAL_USER_ID } from "../../local/environment.ts";
import { type ChatMessage, type RecordedRequest, type Step, textOf } from "../../local/model/chat-api.ts";
import type { ModelStandIn } from "../../local/model/server.ts";
import { makeButtonUpdate, makeStopUpdate, makeTextUpdate } from "../../local/telegram/updates.ts";
import { type Deployment, type DeploymentOptions, saidTo, startDeployment } from "../support/deployment.ts";

export const ADA: User = { id: LOCAL_USER_ID, is_bot: false, first_name: "Ada" };
export const BOB: User = { id: 43, is_bot: false, first_name: "Bob" };
export const STRANGER: User = { id: 666, is_bot: false, first_name: "Mallory" };

/** The group of a small deployment's TELEGRAM_GROUP_ALLOWED_CHATS. */
export const GROUP: Chat.SupergroupChat = { id: -1001234567890, type: "supergroup", title: "Crew" };

export const DM_SESSION = `agent:main:telegram:dm:${LOCAL_USER_ID}`;

export interface ConversationOptions extends DeploymentOptions {
  /** Real files in HERMES_HOME, by name, as a person would put them there. */
  readonly home?: Readonly<Record<string, string>>;
}

export interface Conversation extends Deployment {
  readonly home: string;
  /** META of a session as stored. */
  meta(session?: string): Promise<Readonly<Record<string, unknown>>>;
  /** Writes one attribute of META, as time that has passed would. */
  setMeta(attribute: string, value: unknown, session?: string): Promise<void>;
  /** The message rows of a session as stored, in their order. */
  rows(session?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Sends an update and waits until all that came of it is done. */
  send(update: Update): Promise<void>;
  /** Ada says something; resolves with what the bot said to it. */
  ask(text: string): Promise<string>;
}

export const startConversation = async (
  options: ConversationOptions = {},
): Promise<Conversation & AsyncDisposable> => {
  const directory = mkdtempSync(join(tmpdir(), "hermes-conversation-"));
  const home = join(directory, "home");
  for (const [name, text] of Object.entries(options.home ?? {})) {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), text);
  }
  const deployment = await startDeployment({ ...options, env: { HERMES_HOME: home, ...options.env } });
  const table = openTable(deployment.dynamodb.endpoint);
  const send: Conversation["send"] = async (update) => {
    const { statusCode } = await deployment.webhook(update);
    if (statusCode !== 200) throw new Error(`the webhook answered ${statusCode}`);
    await deployment.settled();
  };
  return {
    ...deployment,
    ...table,
    home,
    send,
    async ask(text) {
      const before = saidTo(deployment.telegram).length;
      await send(said(text));
      return saidTo(deployment.telegram).slice(before).join("\n\n");
    },
    async [Symbol.asyncDispose]() {
      await deployment.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
};

const openTable = (endpoint: string): Pick<Conversation, "meta" | "setMeta" | "rows"> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ endpoint, region: "local", credentials }));
  const query = async (session: string, prefix: string) => {
    const { Items = [] } = await client.send(
      new QueryCommand({
        TableName: LOCAL_TABLE,
        KeyConditionExpression: "PK = :pk AND begins_with(SK, :prefix)",
        ExpressionAttributeValues: { ":pk": `SESSION#${session}`, ":prefix": prefix },
        ConsistentRead: true,
      }),
    );
    return Items;
  };
  return {
    meta: async (session = DM_SESSION) => (await query(session, "META"))[0] ?? {},
    rows: (session = DM_SESSION) => query(session, "MSG#"),
    async setMeta(attribute, value, session = DM_SESSION) {
      await client.send(
        new UpdateCommand({
          TableName: LOCAL_TABLE,
          Key: { PK: `SESSION#${session}`, SK: "META" },
          UpdateExpression: "SET #name = :value",
          ExpressionAttributeNames: { "#name": attribute },
          ExpressionAttributeValues: { ":value": value },
        }),
      );
    },
  };
};

// ---- what people do

let count = 0;

/** Message ids leave room for what the bot says in between. */
const frame = (from: User, chat: Chat | { readonly id: number }) => {
  count += 1;
  return {
    updateId: 900_000 + count,
    messageId: count * 100,
    date: Math.floor(Date.now() / 1_000),
    from,
    chat,
  };
};

interface Place {
  readonly from?: User;
  /** Absent: the private chat of `from`. */
  readonly chat?: Chat;
  readonly threadId?: number;
}

const placed = ({ from = ADA, chat, threadId }: Place) => ({
  ...frame(from, chat ?? { id: from.id }),
  ...(threadId === undefined ? {} : { threadId }),
});

export const said = (text: string, place: Place = {}): Update => makeTextUpdate({ ...placed(place), text });

/** A press of the button with this data under the bot's message. */
export const pressed = (
  { telegram }: Deployment,
  button: { readonly messageId: number; readonly data: string; readonly label?: string } & Place,
): Update => {
  const update = makeButtonUpdate({
    ...placed(button),
    messageId: button.messageId,
    callbackId: `press-${count}`,
    data: button.data,
    bot: telegram.me,
  });
  const { message } = update.callback_query ?? {};
  const keyboard = [[{ text: button.label ?? "…", callback_data: button.data }]];
  Object.assign(message ?? {}, { reply_markup: { inline_keyboard: keyboard } });
  return update;
};

/** Telegram's own stop button. */
export const stopPressed = (draftId: number): Update =>
  makeStopUpdate({ updateId: frame(ADA, ADA).updateId, chatId: ADA.id, draftId });

/** A message with something else than text in it. */
export const sent = (content: Readonly<Record<string, unknown>>): Update => {
  const { update_id, message } = said("");
  const { text: _, ...rest } = message as NonNullable<Update["message"]> & { readonly text?: string };
  return { update_id, message: { ...rest, ...content } as NonNullable<Update["message"]> };
};

export const photo = (fileId: string, caption?: string): Update =>
  sent({
    photo: [{ file_id: fileId, file_unique_id: `u-${fileId}`, width: 1280, height: 960 }],
    ...(caption === undefined ? {} : { caption }),
  });

/** A tick of the scheduler for a job of Ada's. */
export const tick = (job: {
  readonly id?: string;
  readonly name?: string;
  readonly prompt: string;
  readonly at?: string;
  readonly userId?: number;
}) => ({
  source: "hermes.cron",
  job: {
    id: job.id ?? "3f2a9c1b7d4e",
    name: job.name ?? "Morning briefing",
    prompt: job.prompt,
    origin: {
      platform: "telegram",
      chat_id: String(job.userId ?? ADA.id),
      chat_type: "dm",
      user_id: String(job.userId ?? ADA.id),
    },
  },
  scheduledTime: job.at ?? "2026-11-23T09:00:00Z",
});

// ---- what the model was sent

/** The requests of turns: titles and summaries are asked for without tools. */
export const turnRequests = ({ requests }: ModelStandIn): readonly RecordedRequest[] =>
  requests.filter(({ body }) => (body.tools?.length ?? 0) > 0);

export const lastTurnRequest = (model: ModelStandIn): RecordedRequest => {
  const request = turnRequests(model).at(-1);
  if (request === undefined) throw new Error("the model was not asked");
  return request;
};

/** A message in one line, to compare conversations: `user: Hello`. The context behind a person's words is left out. */
export const lines = ({ body }: RecordedRequest): readonly string[] =>
  body.messages.slice(1).map((message) => `${message.role}: ${wordsOf(message)}`);

const wordsOf = (message: ChatMessage): string => {
  const calls = message.role === "assistant" ? (message.tool_calls ?? []) : [];
  const names = calls.map((call) => `<${"function" in call ? call.function.name : "?"}>`);
  return [textOf(message.content).replace(/\s*<message-context>[\s\S]*/, ""), ...names].join("");
};

/** Everything the model reads, in its order, as the prefix cache counts it. */
export const promptText = ({ body }: RecordedRequest): string =>
  [body.model, ...(body.tools ?? []), ...body.messages].map((part) => JSON.stringify(part)).join("\n");

/** A reply of the model. */
export const reply = (content: string, reasoning = "I know."): Step => ({ reply: { content, reasoning } });

/** A reply that calls tools, side by side. */
export const calls = (...toolCalls: readonly (readonly [name: string, args: object])[]): Step => ({
  reply: {
    reasoning: "A tool helps.",
    toolCalls: toolCalls.map(([name, args]) => ({ name, arguments: { ...args } })),
  },
});

/** Lines of the log that an operator would have to look at. */
export const errorsIn = ({ logs }: Deployment): readonly string[] =>
  logs.filter((line) => line.includes('"level":"ERROR"'));
