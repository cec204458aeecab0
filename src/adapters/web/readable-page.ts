// An HTML page as the Markdown of what it says, without its menus. Used by web.ts; the libraries are heavy and load with
// the first page.

import { setTimeout as pause } from "node:timers/promises";
import { runInNewContext } from "node:vm";
import { HermesError } from "../../errors.ts";

/** An article shorter than this beside a page that says much more is a missed one: a list of links, a forum, a table. */
const SHORT_ARTICLE_CHARS = 250;

/**
 * Before each conversion timers and sockets have their turn: the lease's renewal is sent and its answer read. Pages that
 * are due together (setImmediate gives them one phase of the event loop) would otherwise be one block.
 */
const PAUSE_MS = 50;

/** The process has one thread, so it has one queue of conversions. */
let ahead: Promise<unknown> = Promise.resolve();

interface Conversion {
  /** 2,000 nested elements (24 KB) would keep Readability busy, and everything else of this process waiting, for 15 s. */
  readonly maxWorkMs: number;
  /** A page nobody waits for any more is not converted. */
  readonly signal: AbortSignal;
}

/** One page at a time, in the order of the calls. Throws what the signal says, or when `maxWorkMs` are not enough. */
export const toReadableMarkdown = (html: string, url: string, conversion: Conversion): Promise<string> => {
  const converted = ahead.then(() => convert(html, url, conversion));
  ahead = converted.catch(() => {}); // its caller hears of it; the next page has nothing to do with it
  return converted;
};

const convert = async (html: string, url: string, { maxWorkMs, signal }: Conversion): Promise<string> => {
  signal.throwIfAborted();
  const libraries = await loadLibraries();
  await pause(PAUSE_MS, undefined, { signal });
  return bounded(maxWorkMs, () => markdownOf(html, url, libraries));
};

/** Readability is CommonJS: behind a dynamic import a bundle keeps only its default export. */
const loadLibraries = async () => {
  const [{ parseHTML }, { default: readability }, { default: Turndown }] = await Promise.all([
    import("linkedom"),
    import("@mozilla/readability"),
    import("turndown/lib/turndown.browser.es.js"),
  ]);
  return { parseHTML, Readability: readability.Readability, Turndown };
};

type Libraries = Awaited<ReturnType<typeof loadLibraries>>;

/** What of linkedom's DOM is used: the project compiles without the browser's types. */
interface PageElement {
  readonly textContent: string | null;
  getAttribute(name: string): string | null;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
}
interface PageDocument {
  readonly body: PageElement;
  querySelector(selector: string): PageElement | null;
  querySelectorAll(selector: string): Iterable<PageElement>;
}

/** The watchdog of node:vm stops whatever runs under the call, our own code included. */
const bounded = <Result>(maxWorkMs: number, work: () => Result): Result => {
  try {
    return runInNewContext("work()", { work }, { timeout: maxWorkMs });
  } catch (thrown) {
    throw new HermesError(
      "tool",
      isTooMuch(thrown) ? "its layout is too complex to be read" : "it could not be made readable",
      {
        cause: thrown,
      },
    );
  }
};

/** Out of time, or nested deeper than the stack. The watchdog's error is of the other context, and no Error of ours. */
const isTooMuch = (thrown: unknown): boolean =>
  thrown instanceof RangeError ||
  (thrown as { code?: unknown } | null)?.code === "ERR_SCRIPT_EXECUTION_TIMEOUT";

const markdownOf = (html: string, url: string, libraries: Libraries): string => {
  const { Readability, Turndown } = libraries;
  const whole = documentOf(html, url, libraries);
  const wholeLength = whole.body.textContent?.trim().length ?? 0;
  // Readability takes the document apart: it gets one of its own.
  const article = new Readability(documentOf(html, url, libraries)).parse();
  const articleLength = article?.textContent?.trim().length ?? 0;
  const isMissed = articleLength < SHORT_ARTICLE_CHARS && wholeLength > 2 * articleLength;
  const body = isMissed ? whole.body : documentOf(article?.content ?? "", url, libraries).body;
  const title = article?.title?.trim() || whole.querySelector("title")?.textContent?.trim() || "";
  return `${title === "" ? "" : `# ${title}\n\n`}${toMarkdown(body, Turndown)}`;
};

const documentOf = (html: string, url: string, { parseHTML }: Libraries): PageDocument => {
  // linkedom makes the first element the root, whatever it is.
  const rooted = /<html[\s>]/i.test(html) ? html : `<html><body>${html}</body></html>`;
  const { document } = parseHTML(rooted);
  absolutize(document, url);
  return document;
};

/** Links a reader can follow: absolute http ones. The rest (scripts, embedded images) would only be noise. */
const absolutize = (document: PageDocument, pageUrl: string): void => {
  const base = document.querySelector("base")?.getAttribute("href") ?? "";
  const baseUrl = URL.parse(base, pageUrl)?.href ?? pageUrl;
  for (const [selector, attribute] of LINKS) {
    for (const element of document.querySelectorAll(selector)) {
      const url = URL.parse(element.getAttribute(attribute) ?? "", baseUrl);
      if (url?.protocol === "https:" || url?.protocol === "http:") element.setAttribute(attribute, url.href);
      else element.removeAttribute(attribute);
    }
  }
};

const LINKS = [
  ["a[href]", "href"],
  ["img[src]", "src"],
] as const;

const NOT_CONTENT = ["script", "style", "noscript", "template", "svg", "iframe", "button", "nav"];

const toMarkdown = (body: PageElement, Turndown: Libraries["Turndown"]): string => {
  const service = new Turndown({ headingStyle: "atx", codeBlockStyle: "fenced", bulletListMarker: "-" });
  service.remove(NOT_CONTENT);
  // Turndown itself has no tables: a row becomes a line of cells, the first with the rule Markdown wants below it.
  service.addRule("cell", {
    filter: ["td", "th"],
    replacement: (content) =>
      ` ${content
        .trim()
        .replaceAll("|", "\\|")
        .replace(/\s*\n\s*/g, " ")} |`,
  });
  service.addRule("row", {
    filter: "tr",
    replacement: (content, row) => {
      const isFirst = row.closest("table")?.querySelector("tr") === row;
      return `\n|${content}${isFirst ? `\n|${" --- |".repeat(row.children.length)}` : ""}`;
    },
  });
  service.addRule("section", { filter: ["thead", "tbody", "tfoot"], replacement: (content) => content });
  return service.turndown(body);
};
