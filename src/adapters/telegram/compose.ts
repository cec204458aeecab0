// Which form an answer takes: an ordinary message with entities, or a rich message; and the next simpler form of a part
// that was refused. Pure: the same text always gives the same parts. Used by client.ts.

import type { Part } from "../../ports.ts";
import type { Block, Inline } from "./document.ts";
import { renderEntities } from "./entities.ts";
import { parseMarkdown } from "./markdown.ts";
import { richParts } from "./rich-parts.ts";
import { isVisible, MESSAGE_UNITS, splitRendered } from "./split.ts";

export function compose(markdown: string): readonly Part[] {
  const document = parseMarkdown(wellFormed(markdown));
  const { text } = renderEntities(document);
  if (!isVisible(text)) return [];
  return text.length > MESSAGE_UNITS || document.some(needsRich) ? asRich(document) : asEntities(document);
}

/** A lone half of a surrogate pair is no UTF-8: Telegram would refuse every form of the text. */
const wellFormed = (text: string): string => text.toWellFormed().replaceAll("\0", "");

const asRich = (document: readonly Block[]): Part[] =>
  richParts(document).map((text) => ({ form: "rich", text }));

const asEntities = (document: readonly Block[]): Part[] =>
  splitRendered(renderEntities(document)).map(({ text, entities }) => ({ form: "entities", text, entities }));

export function simplify(part: Part): readonly Part[] {
  if (part.form === "rich") return asEntities(parseMarkdown(part.text));
  return part.form === "entities" ? [{ form: "plain", text: part.text }] : [];
}

/** The beginning of a text that is still being written, within the limits of one message. */
export function composeDraft(markdown: string): { readonly rich: string; readonly plain: Part | undefined } {
  const [rich = ""] = richParts(parseMarkdown(wellFormed(markdown.slice(0, DRAFT_CHARACTERS))));
  return { rich, plain: asEntities(parseMarkdown(rich))[0] };
}

/** More would not be shown; and it is parsed again with every piece that arrives. */
const DRAFT_CHARACTERS = 30_000;

/** What entities cannot show as well: tables, headings, formulas, details, notes, task lists and nested lists. */
function needsRich(block: Block): boolean {
  switch (block.kind) {
    case "table":
    case "heading":
    case "formula":
    case "details":
    case "note":
      return true;
    case "list":
      return block.items.some(
        (item) =>
          item.checked !== undefined ||
          item.children.some((child) => child.kind === "list" || needsRich(child)),
      );
    case "quote":
      return block.children.some((child) => child.kind === "quote" || needsRich(child));
    case "paragraph":
      return block.children.some(hasFormula);
    default:
      return false;
  }
}

const hasFormula = (child: Inline): boolean =>
  child.kind === "formula" || ("children" in child && child.children.some(hasFormula));
