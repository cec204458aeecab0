import { describe } from "vitest";
import { searchesOf } from "./searching.ts";

describe("two messages, answered at once", () => {
  searchesOf({ name: "two messages", updates: ["m1", "m2"] });
});
