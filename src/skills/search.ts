// Full text over what is known of the skills, without their texts. Called by library.ts: alone, or beside the Knowledge Base.

import type { SkillEntry } from "./entry.ts";

export interface LocalSearch {
  /** Folders, best first. */
  search(entries: readonly SkillEntry[], query: string): Promise<readonly string[]>;
}

/** A question has a few words; a pasted page would hold up the process for seconds, each of its words being looked for. */
const MAX_QUERY_CHARS = 1_000;

const FIELDS = ["name", "tags", "category", "description", "headings"];

/** The library is loaded and the index built with the first query; it serves until the skills are others. */
export const createLocalSearch = (): LocalSearch => {
  let built: { readonly of: readonly SkillEntry[]; readonly find: (query: string) => string[] } | undefined;
  return {
    async search(entries, query) {
      if (built?.of !== entries) built = { of: entries, find: await build(entries) };
      return built.find(query);
    },
  };
};

const build = async (entries: readonly SkillEntry[]): Promise<(query: string) => string[]> => {
  const { default: MiniSearch } = await import("minisearch");
  const index = new MiniSearch({
    fields: FIELDS,
    searchOptions: {
      boost: { name: 4, tags: 3, category: 2, description: 2 },
      prefix: (term) => term.length > 2,
      fuzzy: (term) => (term.length > 4 ? 0.2 : false),
    },
  });
  index.addAll(
    // A withheld skill may lie in the folder of one that comes with the bot: a folder names no one entry.
    entries.map(({ facts, summary }, id) => ({
      id,
      name: summary.name,
      category: summary.category,
      description: summary.description,
      tags: summary.tags.join(" "),
      headings: summary.withheld === undefined ? facts.headings.join(" ") : "",
    })),
  );
  return (query) =>
    index.search(query.slice(0, MAX_QUERY_CHARS)).flatMap(({ id }) => entries[Number(id)]?.folder ?? []);
};
