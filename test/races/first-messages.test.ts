import { describe } from "vitest";
import { NARROW, searchesOf } from "./searching.ts";

describe("the first two messages of a chat", () => {
  searchesOf({ name: "first messages", updates: ["m1", "m2"], isNew: true }, NARROW);
});
