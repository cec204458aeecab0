// The XML that S3 answers with: elements in order, text escaped. Called by listing.ts, operations.ts and server.ts.

/** A list is the same element several times; what is undefined is left out. */
export interface Xml {
  readonly [name: string]: string | number | boolean | undefined | Xml | readonly Xml[];
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

export const document = (root: string, content: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${inside(content)}</${root}>`;

/** API reference, "Error responses": without the namespace. */
export const errorDocument = (content: Xml): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inside(content)}</Error>`;

const inside = (content: Xml): string =>
  Object.entries(content)
    .flatMap(([name, value]) =>
      Array.isArray(value) ? value.map((one: Xml) => [name, one] as const) : [[name, value] as const],
    )
    .map(([name, value]) => element(name, value))
    .join("");

const element = (name: string, value: Xml[string]): string => {
  if (value === undefined) return "";
  const text = typeof value === "object" ? inside(value as Xml) : escaped(String(value));
  return `<${name}>${text}</${name}>`;
};

/** Control characters as references, which XML 1.0 does not allow: that is why there is encoding-type (ListObjectsV2). */
const escaped = (text: string): string =>
  text.replaceAll(/[&<>"'\p{Cc}]/gu, (one) => `&#${one.codePointAt(0)};`);
