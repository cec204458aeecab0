// The skills of a deployment, for who sets up its command menu: those that come with the bot and those of its bucket
// (HERMES_SKILLS_S3_BUCKET, HERMES_SKILLS_S3_PREFIX), by the rules of home/config.yaml. Called by webhook.ts, and for the
// rules by skills-sync.ts.

import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { systemClock } from "../src/adapters/clock.ts";
import { createSkillFiles } from "../src/adapters/s3.ts";
import { asError } from "../src/errors.ts";
import { parseConfig } from "../src/home/config.ts";
import type { Log } from "../src/log.ts";
import type { SkillFiles, SkillSummary } from "../src/skill-ports.ts";
import { createSkillLibrary } from "../src/skills/library.ts";
import { parseYaml } from "../src/yaml.ts";

const HOME = fileURLToPath(new URL("../home", import.meta.url));
const BUNDLED = join(HOME, "skills");

const NO_BUCKET = `The menu has the skills that come with the bot. For those of the stack's bucket too, set HERMES_SKILLS_S3_BUCKET
("npx serverless info --verbose" prints it as SkillsBucketName) and register again.
`;

const UNREAD = `Check AWS_REGION, the AWS credentials and HERMES_SKILLS_S3_BUCKET, then register again.
`;

/** What `tell` is told is for the operator. Those that come with the bot are there in any case. */
export const readSkills = async (
  env: Readonly<Record<string, string | undefined>>,
  tell: (text: string) => void,
): Promise<readonly SkillSummary[]> => {
  const bucket = env["HERMES_SKILLS_S3_BUCKET"]?.trim();
  if (!bucket) {
    tell(NO_BUCKET);
    return libraryOver(EMPTY, silent).list({ isFresh: true });
  }
  const troubles: Trouble[] = [];
  const log = logInto(troubles);
  const prefix = env["HERMES_SKILLS_S3_PREFIX"]?.trim() ?? "";
  const library = libraryOver(createSkillFiles({ bucket, prefix, log }), log);
  try {
    const skills = await library.list({ isFresh: true, needsBucket: true });
    for (const { message, reason } of troubles) tell(`${message}${reason && `: ${reason}`}\n`);
    return skills;
  } catch (error) {
    const reason = troubles.at(-1)?.reason || asError(error).message;
    tell(`The menu has only the skills that come with the bot: ${reason}.\n${UNREAD}`);
    return libraryOver(EMPTY, silent).list({ isFresh: true });
  }
};

/** What home/config.yaml says of skills. */
export const readSkillRules = () => {
  const config = readFileSync(join(HOME, "config.yaml"), "utf8");
  return parseConfig(config, "home/config.yaml", parseYaml).config.skills;
};

const libraryOver = (files: SkillFiles, log: Log) => {
  const { disabled, platform_disabled: platformDisabled, guard_agent_created: guard } = readSkillRules();
  return createSkillLibrary({
    files,
    bundled: bundledFiles(),
    ...{ parseYaml, disabled, platformDisabled, guard, clock: systemClock, log },
  });
};

/** A bucket nothing is in. */
const EMPTY: SkillFiles = {
  list: async () => [],
  read: async () => undefined,
  write: async () => undefined,
  remove: async () => false,
  versions: async () => [],
};

const bundledFiles = () =>
  readdirSync(BUNDLED, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((file) => ({ path: relative(BUNDLED, file), text: readFileSync(file, "utf8") }));

interface Trouble {
  readonly message: string;
  /** "" where there is none. */
  readonly reason: string;
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} };

const logInto = (troubles: Trouble[]): Log => {
  const note: Log["warn"] = (message, { error } = {}) =>
    void troubles.push({ message, reason: error instanceof Error ? error.message : "" });
  return { ...silent, warn: note, error: note };
};
