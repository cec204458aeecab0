// `clarify`: a question to the person (hermes-behaviour.md 6.8). Lambda cannot wait for an answer, so the question ends
// the turn and the answer begins the next.

import * as z from "zod/mini";
import type { Tool } from "../ports.ts";
import { defineTool } from "./define-tool.ts";

/** hermes-behaviour.md 6.8: at most four numbered buttons; the person may always type something else. */
const MAX_CHOICES = 4;

const text = (maxLength: number) => z.string().check(z.trim(), z.minLength(1), z.maxLength(maxLength));

const parameters = z.object({
  question: text(2_000),
  choices: z
    ._default(z.array(text(200)).check(z.maxLength(MAX_CHOICES)), [])
    .check(z.describe("Up to 4 answers, shown as buttons. Omit for an open question. Never add 'Other'.")),
});

export const createClarify = (): Tool =>
  defineTool({
    name: "clarify",
    toolset: "clarify",
    description:
      "Ask the person where the choice is theirs or guessing would cost them something, never what you can find out " +
      "yourself. It ends your turn: their next message is the answer.",
    parallel: false,
    repeatable: true,
    parameters,
    run({ question, choices }) {
      return {
        text: "The question has been put to the person. Your turn ends here; their next message is the answer.",
        ask: { question, choices: [...new Set(choices)] },
      };
    },
  });
