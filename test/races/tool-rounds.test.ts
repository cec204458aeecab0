import { describe } from "vitest";
import { searchesOf } from "./searching.ts";

describe("a message that takes a round of tools, and one more", () => {
  searchesOf(["m1 [tools]", "m2"]);
});
