// The commands people see: in /help and in Telegram's menu. What they do is in commands.ts.

interface CommandInfo {
  readonly name: string;
  /** Telegram allows 256 characters; one line is what people read. */
  readonly description: string;
}

export const COMMANDS: readonly CommandInfo[] = [
  { name: "new", description: "Start a new session (the old one stays searchable)" },
  { name: "stop", description: "Stop what I am working on" },
  { name: "retry", description: "Answer the last message again" },
  { name: "undo", description: "Take back the last exchange, or the last N" },
  { name: "title", description: "Show or set the title of this session" },
  { name: "resume", description: "List past sessions, or go back to one" },
  { name: "compress", description: "Shorten the conversation to a summary" },
  { name: "status", description: "Show session, model and context" },
  { name: "usage", description: "Show what was used and spent, and what is left today" },
  { name: "model", description: "Show or change the model" },
  { name: "cron", description: "Show your reminders and jobs" },
  { name: "memory", description: "Show what I remember about you, or switch it off" },
  { name: "skills", description: "Show my skills, or search them" },
  { name: "timezone", description: "Show or set your time zone" },
  { name: "whoami", description: "Show your ids" },
  { name: "help", description: "Show available commands" },
  { name: "start", description: "Say hello" },
];

/** Other names of /new and /help, from Hermes. Not shown, and no skill's either. */
const ALIASES = ["reset", "commands"];

/** What a skill's command cannot be called: it would never be reached. */
export const TAKEN_NAMES: readonly string[] = [...COMMANDS.map(({ name }) => name), ...ALIASES];
