// The rules of the Bot API for ordinary text and its entities. Called by the methods that take a `text`.
// Limits: @grammyjs/types methods.d.ts (sendMessage.text, sendMessageDraft.text), facts/platform.md 1 "Text limit";
// entity types: message.d.ts MessageEntity. The wording of the errors is the live server's.

import { arrayField, badRequest, isObject, type JsonObject, type Payload, textField } from "./fields.ts";

export interface Entity extends JsonObject {
  readonly type: string;
  readonly offset: number;
  readonly length: number;
}

export interface FormattedText {
  readonly text: string;
  readonly entities: readonly Entity[];
}

const MAX_TEXT_UNITS = 4096;

/** message.d.ts, MessageEntity.type. */
const ENTITY_TYPES: ReadonlySet<string> = new Set(
  (
    "mention hashtag cashtag bot_command url email phone_number bold italic underline strikethrough spoiler " +
    "blockquote expandable_blockquote code pre text_link text_mention custom_emoji date_time"
  ).split(" "),
);

/** What shows nothing: a text of these alone is "non-empty" for nobody. */
const INVISIBLE =
  /^(?:[\s\u00ad\u180e\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff]|\p{Variation_Selector})*$/u;

export function readText(payload: Payload): FormattedText {
  const text = textField(payload, "text");
  if (text === "") throw badRequest("message text is empty");
  const formatted = format(payload, text);
  if (INVISIBLE.test(text)) throw badRequest("text must be non-empty");
  return formatted;
}

/** A draft may be empty: it then shows "Thinking…" (methods.d.ts, sendMessageDraft.text). */
export const readDraftText = (payload: Payload): FormattedText => format(payload, textField(payload, "text"));

function format(payload: Payload, text: string): FormattedText {
  refuseParseMode(payload);
  const entities = (arrayField(payload, "entities") ?? []).map(readEntity);
  for (const entity of entities) checkBounds(entity, text);
  const trimmed = trim(
    text,
    entities.filter(({ length }) => length > 0),
  );
  if (trimmed.text.length > MAX_TEXT_UNITS) throw badRequest("message is too long");
  return trimmed;
}

/** Parsing Markdown and HTML is the real server's work; this one takes entities, and says so instead of guessing. */
function refuseParseMode(payload: Payload): void {
  const mode = textField(payload, "parse_mode");
  if (mode === "") return;
  if (!/^(markdown|markdownv2|html)$/i.test(mode)) throw badRequest("unsupported parse_mode");
  throw badRequest("can't parse entities: this server knows no parse_mode, send entities");
}

function readEntity(value: unknown): Entity {
  if (!isObject(value)) throw badRequest("can't parse MessageEntity: Object expected");
  const { type, offset, length } = value;
  if (typeof type !== "string" || !ENTITY_TYPES.has(type)) {
    throw badRequest("can't parse MessageEntity: Unsupported type specified");
  }
  if (!Number.isInteger(offset) || !Number.isInteger(length)) {
    throw badRequest('can\'t parse MessageEntity: Field "offset" must be a valid Number');
  }
  const entity = { ...value, type, offset: Number(offset), length: Number(length) };
  if (entity.offset < 0) throw badRequest(`receive an entity with incorrect offset ${offset}`);
  if (entity.length < 0) throw badRequest(`receive an entity with incorrect length ${length}`);
  if (type === "text_link") checkUrl(value["url"], "entity URL");
  return entity;
}

/** Offset and length are UTF-16 units and may not cut a character (message.d.ts, AbstractMessageEntity). */
function checkBounds({ offset, length }: Entity, text: string): void {
  if (length === 0) return;
  const end = offset + length;
  if (offset > text.length) {
    throw badRequest(`entity begins after the end of the text at UTF-16 offset ${offset}`);
  }
  if (end > text.length) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends after the end of the text at UTF-16 offset ${end}`,
    );
  }
  if (splitsCharacter(text, offset)) {
    throw badRequest(
      `entity begins in a middle of a UTF-16 symbol at byte offset ${bytes(text, offset + 1)}`,
    );
  }
  if (splitsCharacter(text, end)) {
    throw badRequest(
      `entity beginning at UTF-16 offset ${offset} ends in a middle of a UTF-16 symbol at byte offset ${bytes(text, end + 1)}`,
    );
  }
}

const bytes = (text: string, units: number): number => Buffer.byteLength(text.slice(0, units));

const splitsCharacter = (text: string, at: number): boolean =>
  (text.codePointAt(at - 1) ?? 0) > 0xffff && at > 0 && at < text.length;

/** Links lead to a host with a dot in it, or into Telegram; the live server says "Wrong HTTP URL" to others. */
export function checkUrl(url: unknown, what: string): void {
  const text = typeof url === "string" ? url : "";
  if (text === "") throw badRequest(`${what} '' is invalid: URL host is empty`);
  if (/^(tg|ton|tonsite|mailto|tel):/i.test(text)) return;
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && scheme !== "http" && scheme !== "https") {
    throw badRequest(`${what} '${text}' is invalid: Unsupported URL protocol`);
  }
  const parsed = URL.parse(scheme === undefined ? `http://${text}` : text);
  if (parsed === null || !/[.:]/.test(parsed.hostname)) {
    throw badRequest(`${what} '${text}' is invalid: Wrong HTTP URL`);
  }
}

/** White space at the end goes, and at the beginning up to the first entity. */
function trim(text: string, entities: readonly Entity[]): FormattedText {
  const end = text.trimEnd().length;
  const firstEntity = Math.min(end, ...entities.map(({ offset }) => offset));
  const start = Math.min(firstEntity, text.length - text.trimStart().length);
  return {
    text: text.slice(start, end),
    entities: entities
      .filter(({ offset }) => offset < end)
      .map((entity) => ({
        ...entity,
        offset: entity.offset - start,
        length: Math.min(entity.offset + entity.length, end) - entity.offset,
      })),
  };
}
