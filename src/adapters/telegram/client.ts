// The Telegram port over grammY's Api: what the agent says, shows and reads. Made once in agent-side.ts.

import type { Log } from "../../log.ts";
import type { Button } from "../../message.ts";
import type { ChatAddress, Part, Telegram } from "../../ports.ts";
import { type Endpoint, lazyApi } from "./api.ts";
import { download } from "./download.ts";
import { createDrafts } from "./drafts.ts";
import { asRefusal, attempt, toTelegramError } from "./errors.ts";

/** design.md 5, step 7: a send's own time-out; SEND_MARGIN_MS is built on it. */
const CALL_TIMEOUT_MS = 8_000;

/** Telegram's name for the topic of a forum that messages without a thread belong to. */
const GENERAL_TOPIC = 1;

/** With its parser of Markdown: loaded before the first answer is there to be shown, not before the model is asked. */
const composer = () => import("./compose.ts");

type SendOptions = Parameters<Telegram["send"]>[2];

/** `callTimeoutMs` is for tests of a hanging server. */
export function createTelegram(options: Endpoint & { log: Log; callTimeoutMs?: number }): Telegram {
  const api = lazyApi(options);
  const timeoutMs = options.callTimeoutMs ?? CALL_TIMEOUT_MS;
  const limited = (signal: AbortSignal): AbortSignal =>
    AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const drafts = createDrafts({ api, log: options.log });

  return {
    prepare: () => void Promise.all([api(), composer()]).catch(() => undefined),
    compose: async (markdown) => (await composer()).compose(markdown),
    simplify: async (part) => (await composer()).simplify(part),
    send: (to, part, sending) => send(api, to, part, { ...sending, signal: limited(sending.signal) }),
    draft: (to, draftId, text, signal) => drafts(to, draftId, text, limited(signal)),
    async typing(to, signal) {
      const thread = to.threadId === undefined ? {} : { message_thread_id: to.threadId };
      signal.throwIfAborted();
      await attempt("sendChatAction", async () =>
        (await api()).sendChatAction(to.chatId, "typing", thread, limited(signal) as never),
      );
    },
    async setCommands(commands, signal) {
      await attempt("setMyCommands", async () =>
        (await api()).setMyCommands(commands, {}, limited(signal) as never),
      );
    },
    spendButtons: (to, messageId, signal) => spendButtons(api, to, messageId, limited(signal)),
    download: (fileId, signal) => download(options, api, fileId, signal),
  };
}

type LazyApi = ReturnType<typeof lazyApi>;

/**
 * Sends a part. A topic or a replied-to message that is gone, or a group that moved, is a definite no: nothing was
 * delivered, so the same part goes out once more without it (hermes-behaviour.md 6.5). All else is the caller's.
 */
async function send(api: LazyApi, to: ChatAddress, part: Part, options: SendOptions): Promise<number> {
  const method = part.form === "rich" ? "sendRichMessage" : "sendMessage";
  let address = { ...to, replyTo: options.replyTo };
  for (;;) {
    options.signal.throwIfAborted();
    try {
      return await sendOnce(await api(), address, part, options);
    } catch (error) {
      const next = withoutWhatIsGone(address, error);
      if (!next) throw toTelegramError(error, method);
      address = next;
    }
  }
}

type Address = ChatAddress & { readonly replyTo: number | undefined };

function withoutWhatIsGone(address: Address, error: unknown): Address | undefined {
  const refusal = asRefusal(error);
  if (refusal?.error_code !== 400) return undefined;
  const movedTo = refusal.parameters.migrate_to_chat_id;
  if (movedTo && movedTo !== address.chatId) return { chatId: movedTo, replyTo: undefined };
  if (
    address.replyTo !== undefined &&
    /repl(y|ied).* not found|reply_message_id_invalid/i.test(refusal.description)
  ) {
    return { ...address, replyTo: undefined };
  }
  if (
    address.threadId !== undefined &&
    /thread not found|topic_deleted|topic_id_invalid/i.test(refusal.description)
  ) {
    return { chatId: address.chatId, replyTo: address.replyTo };
  }
  return undefined;
}

async function sendOnce(
  api: Awaited<ReturnType<LazyApi>>,
  { chatId, threadId, replyTo }: Address,
  part: Part,
  options: SendOptions,
): Promise<number> {
  const other = {
    ...(threadId === undefined || threadId === GENERAL_TOPIC ? {} : { message_thread_id: threadId }),
    ...(replyTo === undefined
      ? {}
      : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }),
    ...(options.silent ? { disable_notification: true } : {}),
    ...(options.buttons?.length ? { reply_markup: keyboard(options.buttons) } : {}),
  };
  // grammY's types know the AbortSignal of a browser only; at run time it is the same one.
  const signal = options.signal as never;
  const sent =
    part.form === "rich"
      ? await api.sendRichMessage(chatId, { markdown: part.text }, other, signal)
      : await api.sendMessage(
          chatId,
          part.text,
          { ...other, ...(part.entities?.length ? { entities: part.entities as never } : {}) },
          signal,
        );
  return sent.message_id;
}

const keyboard = (
  rows: readonly (readonly Button[])[],
): { inline_keyboard: { text: string; callback_data: string }[][] } => ({
  inline_keyboard: rows.map((row) => row.map(({ text, data }) => ({ text, callback_data: data }))),
});

/** Gone, too old, or without buttons already: there is nothing left to spend. */
const NOTHING_TO_SPEND = /not modified|message to edit not found|message can't be edited|message_id_invalid/i;

async function spendButtons(
  api: LazyApi,
  to: ChatAddress,
  messageId: number,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  await attempt("editMessageReplyMarkup", async () => {
    try {
      const none = { reply_markup: { inline_keyboard: [] } };
      await (await api()).editMessageReplyMarkup(to.chatId, messageId, none, signal as never);
    } catch (error) {
      if (!NOTHING_TO_SPEND.test(asRefusal(error)?.description ?? "")) throw error;
    }
  });
}
