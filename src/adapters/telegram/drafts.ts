// The preview of an answer that is being written: rich drafts, plain ones where the server knows no others, none where
// it knows neither. What the server can do is learnt once a process. Used by client.ts.

import type { Log } from "../../log.ts";
import type { ChatAddress } from "../../ports.ts";
import type { lazyApi } from "./api.ts";
import { toTelegramError } from "./errors.ts";

type Drafts = (to: ChatAddress, draftId: number, text: string, signal: AbortSignal) => Promise<void>;
type Api = Awaited<ReturnType<ReturnType<typeof lazyApi>>>;

export function createDrafts({ api, log }: { api: ReturnType<typeof lazyApi>; log: Log }): Drafts {
  let form: "rich" | "plain" | "none" = "rich";

  return async (to, draftId, text, signal) => {
    // Drafts exist in private chats alone (facts/telegram-rich.md); the ids of all other chats are negative.
    if (form === "none" || to.chatId <= 0) return;
    signal.throwIfAborted();
    const other = {
      // Telegram's own stop button; its press arrives as `stopped_message_generation`.
      can_stop: true,
      ...(to.threadId === undefined ? {} : { message_thread_id: to.threadId }),
    };
    const draft = { chatId: to.chatId, draftId: draftId || 1, text, other, signal };
    if (form === "rich" && text.trim()) {
      if (await taken("sendRichMessageDraft", () => richDraft(api, draft))) return;
      form = "plain";
      log.warn("rich drafts are refused by this Bot API server; plain ones from now on");
    }
    if (await taken("sendMessageDraft", () => plainDraft(api, draft))) return;
    form = "none";
    log.warn("drafts are refused by this Bot API server; answers appear when they are complete");
  };
}

interface Draft {
  readonly chatId: number;
  readonly draftId: number;
  readonly text: string;
  readonly other: { readonly can_stop: boolean; readonly message_thread_id?: number };
  readonly signal: AbortSignal;
}

async function richDraft(api: () => Promise<Api>, draft: Draft): Promise<void> {
  const { composeDraft } = await import("./compose.ts");
  const { rich } = composeDraft(draft.text);
  if (!rich) return;
  await (await api()).sendRichMessageDraft(
    draft.chatId,
    draft.draftId,
    { markdown: rich },
    draft.other,
    draft.signal as never,
  );
}

/** An empty text shows "Thinking…". */
async function plainDraft(api: () => Promise<Api>, draft: Draft): Promise<void> {
  const { composeDraft } = await import("./compose.ts");
  const { plain } = composeDraft(draft.text);
  await (await api()).sendMessageDraft(
    draft.chatId,
    draft.draftId,
    plain?.text ?? "",
    { ...draft.other, ...(plain?.entities?.length ? { entities: plain.entities as never } : {}) },
    draft.signal as never,
  );
}

/** False when the server refuses the form itself; every other failure is the caller's to weigh. */
async function taken(method: string, call: () => Promise<void>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const failure = toTelegramError(error, method);
    if (failure.failure === "form") return false;
    throw failure;
  }
}
