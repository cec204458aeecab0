// The YAML parser behind config.yaml and the skills' frontmatter. home.ts loads this file with `import()`, so that a
// webhook which only files an update never pays for it.

import { loadAll } from "js-yaml";
import { asError } from "./errors.ts";

/** Plain data, or what is wrong with the text (with line and column). */
type YamlResult = { readonly value: unknown } | { readonly error: string };
export type ParseYaml = (text: string) => YamlResult;

/** An alias repeats what it names: a short text could become a long walk. People's files have a handful. */
const MAX_ALIASES = 20;

/** An empty text is undefined. Dates and merge keys stay text: that is the library's default. */
export const parseYaml: ParseYaml = (text) => {
  try {
    const documents = loadAll(text, { maxAliases: MAX_ALIASES });
    return documents.length > 1 ? { error: "more than one document" } : { value: documents[0] };
  } catch (thrown) {
    return { error: asError(thrown).message };
  }
};
