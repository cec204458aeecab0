import { describe } from "vitest";
import { NARROW, searchesOf } from "./searching.ts";

describe("a message that takes a round of tools, and a stop", () => {
  searchesOf({ name: "a stop", updates: ["m1 [tools]", "m2 /stop"] }, NARROW);
});
