// The YAML parser behind config.yaml and the skills' frontmatter. home.ts loads this file with `import()`: it is 36 KB
// in the zip and about 10 ms to load and warm up, which a webhook that only files an update never pays. (`import("yaml")`
// itself would not do: the package is CommonJS for Node, and bundled its dynamic import has no named exports.)

import { parseDocument } from "yaml";
import { asError } from "../errors.ts";

/** Plain data, or what is wrong with the text (with line and column). */
export type YamlResult = { readonly value: unknown } | { readonly error: string };
export type ParseYaml = (text: string) => YamlResult;

export const parseYaml: ParseYaml = (text) => {
  const document = parseDocument(text, { prettyErrors: true, logLevel: "silent" });
  const [problem] = document.errors;
  if (problem) return { error: problem.message.trim() };
  try {
    return { value: document.toJS() };
  } catch (thrown) {
    // Too many aliases, or an alias of nothing: found only when the document is made into data.
    return { error: asError(thrown).message };
  }
};
