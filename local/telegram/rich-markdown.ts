// Rich Markdown → blocks, as far as the rules need it: what is a block, a row, a cell, a picture, a button, and what
// text a reader sees. Formulas, ==marks==, ||spoilers|| and footnote marks stay the text they are written with.
// Source of the syntax: @grammyjs/types rich.d.ts, InputRichMessage ("Rich Markdown style").

import type { ListItem, Nodes, PhrasingContent, RootContent, Table } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";
import type { JsonObject } from "./fields.ts";

/** A RichText or a RichBlock of rich.d.ts; the rules look into it by `type`. */
export type RichText = string | readonly RichText[] | JsonObject;
export type RichBlock = JsonObject;

export function parseRichMarkdown(markdown: string): readonly RichBlock[] {
  const root = fromMarkdown(markdown, { extensions: [gfm()], mdastExtensions: [gfmFromMarkdown()] });
  return root.children.flatMap(toBlocks);
}

function toBlocks(node: RootContent): readonly RichBlock[] {
  switch (node.type) {
    case "paragraph":
      return paragraph(node.children);
    case "heading":
      return [{ type: "heading", size: node.depth, text: inline(node.children) }];
    case "code":
      return [{ type: "pre", text: node.value, ...(node.lang ? { language: node.lang } : {}) }];
    case "blockquote":
      return [{ type: "blockquote", blocks: node.children.flatMap(toBlocks) }];
    case "footnoteDefinition":
      return node.children.flatMap(toBlocks);
    case "list":
      return [{ type: "list", items: node.children.map(listItem) }];
    case "table":
      return [table(node)];
    case "thematicBreak":
      return [{ type: "divider" }];
    case "html":
      return htmlBlocks(node.value);
    default:
      return [];
  }
}

const listItem = (item: ListItem): RichBlock => ({
  blocks: item.children.flatMap(toBlocks),
  ...(typeof item.checked === "boolean" ? { has_checkbox: true } : {}),
  ...(item.checked === true ? { is_checked: true } : {}),
});

const table = (node: Table): RichBlock => ({
  type: "table",
  cells: node.children.map((row, index) =>
    row.children.map((cell) => ({
      text: inline(cell.children),
      ...(index === 0 ? { is_header: true } : {}),
    })),
  ),
});

/** Media are blocks of their own (rich.d.ts: "Media can be specified only as a separate block"). */
function paragraph(children: readonly PhrasingContent[]): readonly RichBlock[] {
  const text = inline(children.filter((child) => child.type !== "image"));
  const tags = children.map((child) => (child.type === "html" ? child.value : "")).join("");
  return [
    ...(isBlank(text) ? [] : [{ type: blockType(tags), text }]),
    ...children.filter((child) => child.type === "image").map(({ url }) => photo(url)),
    ...mediaTags(tags),
  ];
}

const isBlank = (text: RichText): boolean =>
  plainText(text).trim() === "" && !(Array.isArray(text) && text.some((part) => typeof part === "object"));

/** The placeholder of a draft is a tag too. */
const blockType = (html: string): string => (/<tg-thinking\b/i.test(html) ? "thinking" : "paragraph");

const photo = (url: string): RichBlock => ({ type: "photo", photo: { type: "photo", media: url } });

const mediaTags = (html: string): readonly RichBlock[] =>
  [...html.matchAll(/<(?:img|video|audio|tg-document)\b[^>]*?src="([^"]*)"/gi)].map(([, url = ""]) =>
    photo(url),
  );

const inline = (children: readonly PhrasingContent[]): RichText => children.flatMap(toText);

function toText(node: PhrasingContent): RichText[] {
  switch (node.type) {
    case "text":
      return [node.value.replaceAll("\n", " ")];
    case "strong":
      return [{ type: "bold", text: inline(node.children) }];
    case "emphasis":
      return [{ type: "italic", text: inline(node.children) }];
    case "delete":
      return [{ type: "strikethrough", text: inline(node.children) }];
    case "inlineCode":
      return [{ type: "code", text: node.value }];
    case "link":
      return [{ type: "url", text: inline(node.children), url: node.url }];
    case "break":
      return ["\n"];
    case "html":
      return buttons(node.value).map((button) => ({ type: "button", button }));
    default:
      return "children" in node
        ? (node as Nodes & { children: PhrasingContent[] }).children.flatMap(toText)
        : [];
  }
}

/** Tags are formatting and no text, but some of them act: a button, a placeholder, a picture. */
function htmlBlocks(html: string): readonly RichBlock[] {
  const pressable = buttons(html);
  const text = html.replace(/<[^>]*>/g, "").trim();
  return [
    ...(pressable.length > 0 ? [{ type: "buttons", buttons: pressable }] : []),
    ...(text === "" ? [] : [{ type: blockType(html), text }]),
    ...mediaTags(html),
  ];
}

const buttons = (html: string): readonly JsonObject[] =>
  [...html.matchAll(/<tg-button\b([^>]*)>/gi)].map(([, attributes = ""]) => {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`, "i").exec(attributes)?.[1];
    const kind = attribute("type") ?? "callback_data";
    return { text: "", [kind]: attribute(kind === "callback_data" ? "data" : "url") ?? "" };
  });

/** What a reader sees of a RichText, without its formatting. */
export function plainText(text: RichText | undefined): string {
  if (text === undefined) return "";
  if (typeof text === "string") return text;
  if (Array.isArray(text)) return text.map(plainText).join("");
  const object = text as JsonObject;
  return plainText(
    (object["text"] ?? object["alternative_text"] ?? object["expression"]) as RichText | undefined,
  );
}
