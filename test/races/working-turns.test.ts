import { describe } from "vitest";
import { searchesOf } from "./searching.ts";

describe("a message that takes a round of tools and an answer in two parts, and one more", () => {
  searchesOf({ name: "working turns", updates: ["m1 [tools] [long]", "m2"] });
});
