import { describe } from "vitest";
import { searchesOf } from "./searching.ts";

describe("a message whose answer takes two parts, and one more", () => {
  searchesOf(["m1 [long]", "m2"]);
});
