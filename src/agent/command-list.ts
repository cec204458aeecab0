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
  { name: "usage", description: "Show the tokens this session has used" },
  { name: "model", description: "Show or change the model" },
  { name: "cron", description: "Show your reminders and jobs" },
  { name: "timezone", description: "Show or set your time zone" },
  { name: "whoami", description: "Show your ids" },
  { name: "help", description: "Show available commands" },
  { name: "start", description: "Say hello" },
];
