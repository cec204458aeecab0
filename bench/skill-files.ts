// Skills for the measurements, as people write them: some 1.5 kB of instructions and two supporting files each. Called by skills.ts
// and prompt-tokens.ts.

import { LOCAL_BUCKET } from "../local/environment.ts";
import type { BenchStack } from "./bench-stack.ts";

const CATEGORIES = ["cooking", "research", "travel", "household", "writing"];

const STEPS =
  "1. Ask what is missing.\n2. Look at references/notes.md.\n3. Answer in the form of templates/answer.md.\n";

const skillMd = (name: string, n: number): string =>
  [
    "---",
    `name: ${name}`,
    `description: What to do when somebody asks for the matter number ${n} of this household.`,
    "version: 1.0.0",
    "metadata:",
    "  hermes:",
    `    tags: [matter, number-${n}]`,
    "---",
    "",
    `# The matter number ${n}`,
    "",
    ...Array.from({ length: 8 }, (_, part) => `## Part ${part + 1}\n\n${STEPS}`),
  ].join("\n");

/** Puts the skills from number `from` to the one before `to` into the bucket. */
export const putSkills = ({ s3 }: Pick<BenchStack, "s3">, from: number, to: number): void => {
  for (let n = from; n < to; n += 1) {
    const name = `matter-${n}`;
    const folder = `${CATEGORIES[n % CATEGORIES.length]}/${name}`;
    s3.put(LOCAL_BUCKET, `${folder}/SKILL.md`, skillMd(name, n));
    s3.put(
      LOCAL_BUCKET,
      `${folder}/references/notes.md`,
      `# Notes\n\n${"What is known of it.\n".repeat(40)}`,
    );
    s3.put(LOCAL_BUCKET, `${folder}/templates/answer.md`, "# Answer\n\n- what\n- when\n- for whom\n");
  }
};
