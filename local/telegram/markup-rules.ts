// The rules of the Bot API for buttons: inline keyboards and the buttons inside rich messages.
// Limits: @grammyjs/types markup.d.ts (InlineKeyboardButton), rich.d.ts (RichMessageButton), facts/platform.md 1 "Callback data".

import { badRequest, isObject, type JsonObject, objectField, type Payload } from "./fields.ts";
import { checkUrl } from "./text-rules.ts";

const MAX_CALLBACK_BYTES = 64;

/** markup.d.ts: exactly one of these says what kind of button it is. */
const BUTTON_KINDS = [
  "url",
  "callback_data",
  "web_app",
  "login_url",
  "disabled",
  "switch_inline_query",
  "switch_inline_query_current_chat",
  "switch_inline_query_chosen_chat",
  "copy_text",
  "callback_game",
  "pay",
] as const;

export interface InlineKeyboard {
  readonly inline_keyboard: readonly (readonly JsonObject[])[];
}

/** The inline keyboard of a call, or undefined for none; the other kinds of markup leave no trace on a message. */
export function readReplyMarkup(payload: Payload): InlineKeyboard | undefined {
  const markup = objectField(payload, "reply_markup");
  if (markup === undefined || !("inline_keyboard" in markup)) return undefined;
  const rows = markup["inline_keyboard"];
  if (!Array.isArray(rows)) throw badRequest('field "inline_keyboard" must be of type Array');
  const keyboard = rows.map((row: unknown) => {
    if (!Array.isArray(row)) throw badRequest("inline keyboard row must be an Array");
    return row.map(readButton);
  });
  return keyboard.flat().length === 0 ? undefined : { inline_keyboard: keyboard };
}

function readButton(value: unknown): JsonObject {
  if (!isObject(value)) throw badRequest("can't parse inline keyboard button: Object expected");
  if (typeof value["text"] !== "string" || value["text"] === "") {
    throw badRequest("can't parse inline keyboard button: Can't find field \"text\"");
  }
  checkButtonAction(value);
  return value;
}

/** What a press does; the same for keyboards and for buttons in rich messages. */
export function checkButtonAction(button: JsonObject): void {
  // An empty inline query is a query; every other empty field is none.
  const kinds = BUTTON_KINDS.filter(
    (kind) => button[kind] !== undefined && (button[kind] !== "" || kind.startsWith("switch_")),
  );
  if (kinds.length === 0) {
    throw badRequest("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  }
  if (kinds.length > 1) throw badRequest("BUTTON_TYPE_INVALID");
  if (kinds[0] === "url") checkUrl(button["url"], "inline keyboard button URL");
  if (
    kinds[0] === "callback_data" &&
    Buffer.byteLength(String(button["callback_data"])) > MAX_CALLBACK_BYTES
  ) {
    throw badRequest("BUTTON_DATA_INVALID");
  }
}
