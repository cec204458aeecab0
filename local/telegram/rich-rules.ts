// The rules of the Bot API for rich messages. Called by sendRichMessage, sendRichMessageDraft and editMessageText.
// Limits: @grammyjs/types rich.d.ts, InputRichMessage ("Rich Message Limits"); facts/telegram-rich.md. The documents
// do not give the wording of these refusals; clients can rely on the 400 alone.

import {
  arrayField,
  badRequest,
  isObject,
  type JsonObject,
  objectField,
  type Payload,
  textField,
} from "./fields.ts";
import { checkButtonAction } from "./markup-rules.ts";
import { parseRichMarkdown, plainText, type RichBlock, type RichText } from "./rich-markdown.ts";

const LIMITS = { characters: 32_768, blocks: 500, levels: 16, media: 50, columns: 20 } as const;

type Tally = { -readonly [K in keyof typeof LIMITS]: number };

export interface RichMessage {
  readonly blocks: readonly RichBlock[];
}

const TEXT_BLOCKS: ReadonlySet<unknown> = new Set([
  "paragraph",
  "heading",
  "pre",
  "footer",
  "pullquote",
  "expandable_blockquote",
  "thinking",
]);
const NESTING_BLOCKS: ReadonlySet<unknown> = new Set(["blockquote", "details", "collage", "slideshow"]);
const MEDIA_BLOCKS: ReadonlySet<unknown> = new Set([
  "animation",
  "audio",
  "document",
  "photo",
  "video",
  "voice_note",
]);
const EMPTY_BLOCKS: ReadonlySet<unknown> = new Set(["divider", "anchor", "map"]);

export function readRichMessage(payload: Payload, options: { readonly draft: boolean }): RichMessage {
  const message = objectField(payload, "rich_message");
  if (message === undefined) throw badRequest("rich_message is empty");
  const blocks = readBlocks(message);
  const tally: Tally = { characters: 0, blocks: 0, levels: 0, media: 0, columns: 0 };
  for (const block of blocks) countBlock(block, 1, tally, options.draft);
  tally.media += arrayField(message, "media")?.length ?? 0;
  if (tally.characters === 0 && tally.media === 0) throw badRequest("RICH_MESSAGE_EMPTY");
  for (const limit of Object.keys(LIMITS) as (keyof Tally)[]) {
    if (tally[limit] > LIMITS[limit]) {
      throw badRequest(`rich message has too many ${limit}: ${tally[limit]} of ${LIMITS[limit]}`);
    }
  }
  // methods.d.ts, sendRichMessageDraft: "explicit upload of files by a URL isn't supported".
  if (options.draft && tally.media > 0) throw badRequest("files can't be uploaded in a draft");
  return { blocks };
}

/** Exactly one of the three is used (rich.d.ts, InputRichMessage). */
function readBlocks(message: JsonObject): readonly RichBlock[] {
  const given = ["markdown", "html", "blocks"].filter((name) => message[name] !== undefined);
  if (given.length !== 1) throw badRequest("exactly one of markdown, html and blocks must be specified");
  if (given[0] === "markdown") return parseRichMarkdown(textField(message, "markdown"));
  if (given[0] === "html") throw badRequest("this server parses no rich HTML, send markdown");
  return (arrayField(message, "blocks") ?? []).map(readBlock);
}

function readBlock(value: unknown): RichBlock {
  if (!isObject(value)) throw badRequest("can't parse InputRichBlock: Object expected");
  return value;
}

const childBlocks = (block: RichBlock): readonly RichBlock[] =>
  (arrayField(block, "blocks") ?? []).map(readBlock);

function countBlock(block: RichBlock, level: number, tally: Tally, draft: boolean): void {
  const { type } = block;
  tally.blocks += 1;
  tally.levels = Math.max(tally.levels, level);
  const nested = (blocks: readonly RichBlock[]) => {
    for (const child of blocks) countBlock(child, level + 1, tally, draft);
  };
  // rich.d.ts, RichBlockThinking: "may be used only in sendRichMessageDraft".
  if (type === "thinking" && !draft) throw badRequest("thinking block can be used only in drafts");
  if (TEXT_BLOCKS.has(type)) countText(block["text"], level, tally);
  else if (NESTING_BLOCKS.has(type)) {
    countText(block["summary"] ?? "", level, tally);
    nested(childBlocks(block));
  } else if (type === "list") {
    const items = (arrayField(block, "items") ?? []).map(readBlock);
    tally.blocks += items.length;
    for (const item of items) nested(childBlocks(item));
  } else if (type === "table") countTable(block, level, tally);
  else if (type === "buttons") countButtons(block);
  else if (type === "mathematical_expression") tally.characters += [...String(block["expression"])].length;
  else if (MEDIA_BLOCKS.has(type)) tally.media += 1;
  else if (!EMPTY_BLOCKS.has(type))
    throw badRequest("can't parse InputRichBlock: Unsupported type specified");
}

/** Rows count as blocks; a cell counts as many columns as it spans. */
function countTable(block: RichBlock, level: number, tally: Tally): void {
  const rows = (arrayField(block, "cells") ?? []) as readonly (readonly JsonObject[])[];
  tally.blocks += rows.length;
  for (const row of rows) {
    const columns = row.reduce((sum, cell) => sum + Number(cell["colspan"] ?? 1), 0);
    tally.columns = Math.max(tally.columns, columns);
    for (const cell of row) countText(cell["text"] ?? "", level, tally);
  }
}

/** rich.d.ts, InputRichBlockButtons: 1-8 buttons. */
function countButtons(block: RichBlock): void {
  const buttons = (arrayField(block, "buttons") ?? []).map(readBlock);
  if (buttons.length < 1 || buttons.length > 8) throw badRequest("a row holds 1 to 8 buttons");
  for (const button of buttons) checkButtonAction(button);
}

function countText(value: unknown, level: number, tally: Tally): void {
  const text = value as RichText;
  if (typeof text !== "string" && !isObject(text) && !Array.isArray(text)) {
    throw badRequest("can't parse RichText: String, Array or Object expected");
  }
  tally.characters += [...plainText(text)].length;
  checkFormatting(text, level, tally);
}

function checkFormatting(text: RichText, level: number, tally: Tally): void {
  tally.levels = Math.max(tally.levels, level);
  if (Array.isArray(text)) for (const part of text) checkFormatting(part, level, tally);
  else if (isObject(text)) {
    if (text["type"] === "button" && isObject(text["button"])) checkButtonAction(text["button"]);
    else if (text["text"] !== undefined) checkFormatting(text["text"] as RichText, level + 1, tally);
  }
}
