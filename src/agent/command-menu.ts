// Telegram's command menu: our own commands, then the skills'. Set when the webhook is registered (ops/webhook.ts), and after a turn
// that changed skills (bookkeeping.ts).

import { orLogged } from "../or-logged.ts";
import type { SkillSummary } from "../skill-ports.ts";
import { slashCommands } from "../skills/activation.ts";
import { timeLimit } from "../time-limit.ts";
import { COMMANDS, TAKEN_NAMES } from "./command-list.ts";
import type { TurnContext } from "./turn-context.ts";

interface MenuCommand {
  readonly command: string;
  readonly description: string;
}

/** hermes-behaviour.md 4.5; the Bot API itself takes 100 of all kinds. */
const MENU_SKILLS = 60;

export const menuCommands = (skills: readonly SkillSummary[]): readonly MenuCommand[] => [
  ...COMMANDS.map(({ name, description }) => ({ command: name, description })),
  ...slashCommands(skills, TAKEN_NAMES)
    .slice(0, MENU_SKILLS)
    .map(({ command, description }) => ({ command, description })),
];

/** The answer is on its way; whoever writes next should not wait long for a menu. */
const MENU_MS = 5_000;

/**
 * Never rejects: a menu that was not set is set after the next change. The bucket is looked at anew, since the change may be that of
 * a process that died, and this one's list older.
 */
export const refreshMenu = async (c: TurnContext): Promise<void> => {
  const { skills, telegram, clock, log } = c.ports;
  if (skills === undefined || !hasChangedSkills(c)) return;
  using limit = timeLimit(clock, MENU_MS);
  const signal = AbortSignal.any([c.signal, limit.signal]);
  // Without the bucket the old menu stays: it has more.
  const all = () => skills.list({ isFresh: true, needsBucket: true });
  const set = async () => telegram.setCommands(menuCommands(await all()), signal);
  await orLogged(log, "setting the command menu", set());
};

const hasChangedSkills = ({ lease }: TurnContext): boolean => {
  const firstSeq = lease.meta.turn?.firstSeq ?? Number.POSITIVE_INFINITY;
  return lease.rows.some(
    ({ seq, message }) => seq >= firstSeq && message.role === "tool" && message.toolName === "skill_manage",
  );
};
