import { describe } from "vitest";
import { searchesOf } from "./searching.ts";

describe("two messages, answered at once", () => {
  searchesOf(["m1", "m2"]);
});
