import type { TelegramUpdate } from "../src/telegram-update.ts";

interface Validate {
  (event: unknown): event is { readonly body: TelegramUpdate };
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}
declare const validate: Validate;
export default validate;
