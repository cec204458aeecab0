// Work on many things, some at a time. Used where each is a request: batches of a table, skills of a bucket, what a memory deletes.

/**
 * Resolves with what came of each, in the order of the items. The first failure ends it, as soon as what is under way has ended
 * too: nothing runs on behind whoever asked.
 */
export const sideBySide = async <Item, Result>(
  atOnce: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<readonly Result[]> => {
  const results: Result[] = [];
  const left = items.entries();
  let isOver = false;
  const worker = async (): Promise<void> => {
    for (const [at, item] of left) {
      if (isOver) return;
      results[at] = await work(item).catch((error: unknown) => {
        isOver = true;
        throw error;
      });
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: atOnce }, worker));
  for (const one of ended) if (one.status === "rejected") throw one.reason;
  return results;
};
