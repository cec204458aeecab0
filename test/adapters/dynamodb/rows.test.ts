import { describe, expect, it } from "vitest";
import { type Item, itemsOfRow, messageSk, rowsFromItems } from "../../../src/adapters/dynamodb/rows.ts";
import { rowOf, SESSION_ID } from "../../contracts/said.ts";

/** DynamoDB's limit of an item, attribute names included (facts/platform.md 6). */
const ITEM_BYTES = 400 * 1024;

/** What the service counts, roughly: names and values as UTF-8, binary as it is. */
const bytesOf = (item: Item): number =>
  Object.entries(item).reduce(
    (sum, [name, value]) =>
      sum + name.length + (value instanceof Uint8Array ? value.byteLength : JSON.stringify(value).length),
    0,
  );

const large = (fence = 1) => rowOf(2, fence, "🙂".repeat(250_000));

describe("a row", () => {
  it("is one item as long as it fits", () => {
    expect(itemsOfRow("SESSION#a", rowOf(2, 1, "tea"))).toEqual([
      expect.objectContaining({ PK: "SESSION#a", seq: 2, message: { role: "user", content: "tea" } }),
    ]);
  });

  it("that is too large is split into items that all fit, its head last, and joined again in any order", () => {
    const items = itemsOfRow("SESSION#a", large());
    expect(items.length).toBe(3);
    for (const item of items) expect(bytesOf(item)).toBeLessThan(ITEM_BYTES);
    expect(items.map((item) => "seq" in item)).toEqual([false, false, true]);
    expect(rowsFromItems(items)).toMatchObject([large()]);
    expect(rowsFromItems(items.toReversed())).toMatchObject([large()]);
  });

  it("is left out when a piece of it is missing or is another holder's, and spoils no other", () => {
    const [first, second, head] = itemsOfRow("SESSION#a", large(2));
    const small = itemsOfRow("SESSION#a", rowOf(1, 2));
    const [stale] = itemsOfRow("SESSION#a", large(1));
    if (first === undefined || second === undefined || head === undefined || stale === undefined) {
      throw new Error("expected three items");
    }
    const seqs = (items: readonly Item[]) => rowsFromItems(items).map(({ seq }) => seq);
    expect(seqs([...small, second, head])).toEqual([1]);
    expect(seqs([...small, stale, second, head])).toEqual([1]);
    expect(seqs([...small, first, second])).toEqual([1]);
    expect(seqs([...small, first, second, head])).toEqual([1, 2]);
  });

  it("is damaged, and quotes nothing, when all there is was read and it still is not whole or no message", () => {
    const [, second, head] = itemsOfRow("SESSION#a", large());
    const [plain] = itemsOfRow("SESSION#a", rowOf(1, 1));
    if (second === undefined || head === undefined) throw new Error("expected three items");
    const rows = rowsFromItems([{ ...plain, message: { role: "user", content: 7 } }, second, head], true);
    expect(rows.map(({ marker }) => marker?.kind)).toEqual(["damaged", "damaged"]);
    expect(rows.map(({ message }) => message.content)).toEqual(["", ""]);
  });

  it("that fits where a large one was put before is not mixed with its left-overs", () => {
    const leftOver = itemsOfRow("SESSION#a", large(1)).slice(0, 2);
    const items = [...leftOver, ...itemsOfRow("SESSION#a", rowOf(2, 2, "tea"))];
    expect(rowsFromItems(items)).toMatchObject([{ fence: 2, message: { content: "tea" } }]);
  });

  it("sorts by its session, then by its place, and its pieces come right after it", () => {
    const keys = [
      messageSk("20260101_100000_ffffffff", 11),
      messageSk(SESSION_ID, 9),
      `${messageSk(SESSION_ID, 9)}#p1`,
      messageSk(SESSION_ID, 10),
    ];
    expect(keys.toSorted()).toEqual(keys);
  });
});
