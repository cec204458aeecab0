// `web_extract`: pages of the public web as Markdown (hermes-behaviour.md 7). A long page is read in pieces; upstream has a
// second model summarise it, we let the model that asked read on.

import * as z from "zod/mini";
import { clip } from "../clip.ts";
import { asError, HermesError } from "../errors.ts";
import type { Tool, ToolContext, Web } from "../ports.ts";
import { defineTool } from "./define-tool.ts";

/** hermes-behaviour.md 7. */
const MAX_URLS = 5;

/** What upstream returns at most: 5 pages of 5,000 characters. Fewer pages share the same sum. */
const MAX_CHARS = MAX_URLS * 5_000;

const parameters = z.object({
  urls: z
    .array(z.string().check(z.trim(), z.minLength(1), z.maxLength(4_000)))
    .check(z.minLength(1), z.maxLength(MAX_URLS), z.describe("1 to 5 addresses.")),
  offset: z
    ._default(z.int().check(z.nonnegative()), 0)
    .check(z.describe("Read on from this character; with one url only.")),
});

export const createWebExtract = (web: Web): Tool =>
  defineTool({
    name: "web_extract",
    toolset: "web",
    description:
      "Read web pages as Markdown (also plain text and JSON). A long page is cut and says how to read on.",
    parallel: true,
    repeatable: true,
    untrusted: true,
    parameters,
    async run({ urls, offset }, context) {
      const distinct = [...new Set(urls)];
      if (offset > 0 && distinct.length > 1) {
        return { text: "Nothing was fetched: an offset goes with one url. Call once per page." };
      }
      const chars = Math.floor(MAX_CHARS / distinct.length);
      const texts = await Promise.all(distinct.map((url) => textOfUrl(web, url, { offset, chars }, context)));
      return { text: texts.join("\n\n---\n\n") };
    },
  });

interface Piece {
  readonly offset: number;
  readonly chars: number;
}

/** A page that cannot be read says so in its place; the others are not lost with it. */
const textOfUrl = async (web: Web, url: string, piece: Piece, context: ToolContext): Promise<string> => {
  try {
    const page = await web.fetch(url, context.signal);
    return `Source: ${page.url}\n\n${cut(page.body, url, piece)}`;
  } catch (thrown) {
    context.signal.throwIfAborted();
    const error = asError(thrown);
    context.log.warn("a page could not be read", { error });
    const why = error instanceof HermesError ? `: ${error.message}` : "";
    return `Source: ${url}\n\nThis page could not be read${why}.`;
  }
};

const cut = (text: string, url: string, { offset, chars }: Piece): string => {
  if (text.trim() === "") return "[The page has no text.]";
  if (offset >= text.length) return `[The page ends at character ${text.length}.]`;
  const piece = clip(text.slice(offset), chars);
  const end = offset + piece.length;
  if (end === text.length) return piece;
  return `${piece}\n\n[Cut here: characters ${offset} to ${end} of ${text.length}. To read on, call web_extract with urls ["${url}"] and offset ${end}.]`;
};
