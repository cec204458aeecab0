// The methods of the Bot API about the bot itself: who it is, its webhook, its menu, files, answers to button presses.

import type { BotCommand, WebhookInfo } from "@grammyjs/types";
import type { BotState, Webhook } from "./bot-state.ts";
import {
  arrayField,
  badRequest,
  booleanField,
  integerField,
  isObject,
  objectField,
  type Payload,
  textField,
} from "./fields.ts";
import type { BotMethod } from "./message-methods.ts";

/** facts/platform.md 1 "Getting files": the cloud server hands out files of up to 20 MB. */
const MAX_FILE_BYTES = 20 * 1024 * 1024;

/** facts/platform.md 1 "Ports / IP". */
const WEBHOOK_PORTS: ReadonlySet<string> = new Set(["", "443", "80", "88", "8443"]);

function readWebhook(payload: Payload, url: string, before: Webhook | undefined): Webhook {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== "https:") {
    throw badRequest("bad webhook: An HTTPS URL must be provided for webhook");
  }
  if (!WEBHOOK_PORTS.has(parsed.port)) {
    throw badRequest("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443");
  }
  const secretToken = readSecretToken(payload);
  // facts/platform.md 1 "max_connections".
  const maxConnections = integerField(payload, "max_connections") ?? 40;
  if (maxConnections < 1 || maxConnections > 100) throw badRequest("max_connections must be from 1 to 100");
  // facts/platform.md 1 "allowed_updates": left out = as before, empty = the default set.
  const allowed = arrayField(payload, "allowed_updates")?.map(String) ?? before?.allowedUpdates ?? [];
  return {
    url,
    maxConnections,
    ...(secretToken === "" ? {} : { secretToken }),
    ...(allowed.length === 0 ? {} : { allowedUpdates: allowed }),
  };
}

/** facts/platform.md 1 "secret_token". */
function readSecretToken(payload: Payload): string {
  const secret = textField(payload, "secret_token");
  if (secret.length > 256) throw badRequest("secret token is too long");
  if (!/^[A-Za-z0-9_-]*$/.test(secret)) throw badRequest("secret token contains unallowed characters");
  return secret;
}

function dropPendingIfAsked(payload: Payload, state: BotState): void {
  if (booleanField(payload, "drop_pending_updates")) state.dropPendingUpdates();
}

const webhookInfo = ({ webhook, pendingUpdates }: BotState): WebhookInfo => ({
  url: webhook?.url ?? "",
  has_custom_certificate: false,
  pending_update_count: pendingUpdates(),
  ...(webhook ? { max_connections: webhook.maxConnections } : {}),
  ...(webhook?.allowedUpdates
    ? { allowed_updates: webhook.allowedUpdates as NonNullable<WebhookInfo["allowed_updates"]> }
    : {}),
});

/** manage.d.ts, BotCommand. */
function readCommand(value: unknown): BotCommand {
  if (!isObject(value)) throw badRequest("can't parse BotCommand: Object expected");
  const command = textField(value, "command");
  const description = textField(value, "description");
  if (!/^[a-z0-9_]{1,32}$/.test(command)) throw badRequest("BOT_COMMAND_INVALID");
  if (description.length < 1 || description.length > 256) throw badRequest("BOT_COMMAND_DESCRIPTION_INVALID");
  return { command, description };
}

/** Commands are kept by scope and language (methods.d.ts, setMyCommands). */
const commandsKey = (payload: Payload): string =>
  JSON.stringify([objectField(payload, "scope") ?? { type: "default" }, textField(payload, "language_code")]);

export const botMethods: Readonly<Record<string, BotMethod>> = {
  getMe: (_, { me }) => me,
  setWebhook(payload, state) {
    const url = textField(payload, "url");
    const webhook = url === "" ? undefined : readWebhook(payload, url, state.webhook);
    dropPendingIfAsked(payload, state);
    state.webhook = webhook;
    return true;
  },
  deleteWebhook(payload, state) {
    dropPendingIfAsked(payload, state);
    state.webhook = undefined;
    return true;
  },
  getWebhookInfo: (_, state) => webhookInfo(state),
  setMyCommands(payload, state) {
    const commands = arrayField(payload, "commands");
    if (commands === undefined) throw badRequest('can\'t find field "commands"');
    // methods.d.ts, setMyCommands.commands: at most 100.
    if (commands.length > 100) throw badRequest("BOT_COMMANDS_TOO_MUCH");
    state.commands.set(commandsKey(payload), commands.map(readCommand));
    return true;
  },
  deleteMyCommands(payload, state) {
    state.commands.delete(commandsKey(payload));
    return true;
  },
  getMyCommands: (payload, state) => state.commands.get(commandsKey(payload)) ?? [],
  getFile(payload, state) {
    const id = textField(payload, "file_id");
    const file = state.files.get(id);
    if (file === undefined) throw badRequest("invalid file_id");
    if (file.bytes.length > MAX_FILE_BYTES) throw badRequest("file is too big");
    return {
      file_id: id,
      file_unique_id: `unique-${id}`,
      file_size: file.bytes.length,
      file_path: file.path,
    };
  },
  answerCallbackQuery(payload, state) {
    // methods.d.ts, answerCallbackQuery.text: 0-200 characters.
    if (textField(payload, "text").length > 200) throw badRequest("MESSAGE_TOO_LONG");
    if (!state.callbacks.has(textField(payload, "callback_query_id"))) {
      throw badRequest("query is too old and response timeout expired or query ID is invalid");
    }
    return true;
  },
};
