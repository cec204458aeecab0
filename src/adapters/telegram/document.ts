// An answer as a tree with only the kinds both renderings know: made by markdown.ts, rendered by entities.ts and rich.ts.

export type Style =
  | "bold"
  | "italic"
  | "underline"
  | "strikethrough"
  | "spoiler"
  | "marked"
  | "subscript"
  | "superscript";

export type Inline =
  /** A "\n" in it is a line break that the reader sees. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "style"; readonly style: Style; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "formula"; readonly tex: string }
  /** `url` is one of the schemes of `safeUrl`. */
  | { readonly kind: "link"; readonly url: string; readonly children: readonly Inline[] }
  | { readonly kind: "note"; readonly label: string };

export interface ListItem {
  readonly checked: boolean | undefined;
  readonly spaced: boolean;
  readonly children: readonly Block[];
}

export type Cell = readonly Inline[];
export type Align = "left" | "right" | "center" | undefined;

export interface Table {
  readonly kind: "table";
  readonly align: readonly Align[];
  readonly head: readonly Cell[];
  readonly rows: readonly (readonly Cell[])[];
}

export interface List {
  readonly kind: "list";
  /** The first number, or undefined for bullets. */
  readonly start: number | undefined;
  readonly items: readonly ListItem[];
}

/** `spaced`: a blank line stands before it in the source; renderings keep the author's layout. */
export type Block = { readonly spaced: boolean } & (
  | { readonly kind: "paragraph"; readonly children: readonly Inline[] }
  | { readonly kind: "heading"; readonly level: number; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | { readonly kind: "formula"; readonly tex: string }
  | { readonly kind: "quote"; readonly expandable: boolean; readonly children: readonly Block[] }
  | List
  | Table
  | { readonly kind: "details"; readonly summary: readonly Inline[]; readonly children: readonly Block[] }
  | { readonly kind: "note"; readonly label: string; readonly children: readonly Block[] }
  | { readonly kind: "rule"; readonly source: string }
);

/**
 * The addresses a link may have. Not among them: `tg:`, whose `tg://user?id=` mentions people and whose other forms
 * open things inside the client (facts/telegram-rich.md), and relative ones, which mean nothing in a chat.
 */
export const safeUrl = (url: string): string | undefined =>
  url.length <= LONGEST_URL && /^(https?:\/\/[^\s/]|mailto:[^\s]|tel:[+\d])/i.test(url) ? url : undefined;

const LONGEST_URL = 2048;

export const plainText = (children: readonly Inline[]): string =>
  children
    .map((child) => {
      if (child.kind === "text" || child.kind === "code") return child.text;
      if (child.kind === "formula") return child.tex;
      if (child.kind === "note") return `[${child.label}]`;
      return plainText(child.children);
    })
    .join("");
