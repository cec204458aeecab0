// `npm run soak -- [minutes] [seed]`: hundreds of chats over the packaged artifact with everything going wrong that can
// (test/delivery), round after round with another seed, for so many minutes (10). Fails with the seed that shows why.

import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { availableParallelism } from "node:os";
import { promisify } from "node:util";
import { packageArtifact } from "../local/artifact.ts";
import { simulate } from "../test/delivery/simulation.ts";
import { createProgressLine, summary, total } from "./soak/report.ts";

const [, , minutesGiven, seedGiven] = process.argv;
const minutes = Number(minutesGiven ?? 10);
if (!(minutes > 0)) throw new Error("usage: npm run soak -- [minutes] [seed]");

const CHATS = 200;
const MESSAGES = 4;

const seed = seedGiven ?? randomBytes(3).toString("hex");
const endMs = Date.now() + minutes * 60_000;
console.log(`Soak: seed ${seed}, ${minutes} min, ${CHATS} chats a round. Packaging …`);
const artifact = await packageArtifact(promisify(execFile));
const results = [];
try {
  for (let round = 1; Date.now() < endMs; round += 1) {
    const name = `${seed}-${round}`;
    const line = createProgressLine(`round ${round}`, process.stdout);
    const report = await simulate({
      artifact: artifact.directory,
      // The first round of a seed that was given is that very seed, so that a failed round can be repeated by its name.
      seed: seedGiven === undefined ? name : round === 1 ? seed : name,
      chats: CHATS,
      messages: MESSAGES,
      containers: 2 + 2 * availableParallelism(),
      onProgress: line.show,
      isOver: () => Date.now() > endMs,
    });
    line.end();
    results.push({ name: seedGiven !== undefined && round === 1 ? seed : name, report });
    console.log(summary(results.slice(-1)));
    if (report.problems.length > 0) break;
  }
} finally {
  await artifact.remove();
}
console.log(`\n${total(results.map(({ report }) => report))}`);
if (results.some(({ report }) => report.problems.length > 0)) process.exitCode = 1;
