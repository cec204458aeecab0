// Registers the deployed function with Telegram, shows how deliveries go, and takes it off again. Used by ops/webhook.ts.

import { type Endpoint, lazyApi } from "./api.ts";
import { attempt } from "./errors.ts";

interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

export interface WebhookState {
  /** Without its query. */
  readonly url: string;
  readonly botName: string;
  readonly pendingUpdates: number;
  readonly allowedUpdates: readonly string[];
  /** Telegram's last failed delivery, if it remembers one. */
  readonly lastError?: { readonly at: number; readonly message: string };
}

export interface WebhookAdmin {
  /** Repeating it is harmless, as it is with the menu. */
  register(webhook: { readonly url: string; readonly secret: string }): Promise<void>;
  setMenu(commands: readonly MenuCommand[]): Promise<void>;
  state(): Promise<WebhookState>;
  remove(): Promise<void>;
}

/**
 * Only what the pipeline answers. Without `edited_message`: edits are not processed again (hermes-behaviour.md 6.4),
 * and each would hold up the chat's queue for nothing.
 */
const ALLOWED_UPDATES = ["message", "callback_query", "stopped_message_generation"] as const;

const CALL_TIMEOUT_MS = 15_000;

export function createWebhookAdmin(endpoint: Endpoint): WebhookAdmin {
  const api = lazyApi(endpoint);
  const limit = (): never => AbortSignal.timeout(CALL_TIMEOUT_MS) as never;

  return {
    async register({ url, secret }) {
      // What was sent while no webhook was set is kept: hermes-behaviour.md 9.10.
      await attempt("setWebhook", async () =>
        (await api()).setWebhook(
          url,
          { secret_token: secret, allowed_updates: ALLOWED_UPDATES, drop_pending_updates: false },
          limit(),
        ),
      );
    },
    async setMenu(commands) {
      await attempt("setMyCommands", async () => (await api()).setMyCommands(commands, {}, limit()));
    },
    async state() {
      const info = await attempt("getWebhookInfo", async () => (await api()).getWebhookInfo(limit()));
      const me = await attempt("getMe", async () => (await api()).getMe(limit()));
      return {
        url: info.url?.split("?")[0] ?? "",
        botName: me.username,
        pendingUpdates: info.pending_update_count,
        allowedUpdates: info.allowed_updates ?? [],
        ...(info.last_error_date
          ? { lastError: { at: info.last_error_date * 1000, message: info.last_error_message ?? "" } }
          : {}),
      };
    },
    async remove() {
      await attempt("deleteWebhook", async () =>
        (await api()).deleteWebhook({ drop_pending_updates: false }, limit()),
      );
    },
  };
}
