// Looks for injection, exfiltration and secrets in what is about to be remembered (hermes-behaviour.md 5.2): it comes back in the
// prompts of all later conversations. Hermes' strictest set, without what speaks of malware that takes commands from afar: such a
// thing needs a shell, which there is none of here, while "weekly check-in with Ann" is what people want remembered.

import {
  asRead,
  type Command,
  commandIn,
  DIRECTIVES,
  invisibleIn,
  type Pattern,
  patternIn,
  READ_SECRETS,
  SECRET,
  SSH_BACKDOOR,
} from "../threats.ts";

const PATTERNS: readonly Pattern[] = [
  ...DIRECTIVES,
  [
    "bypass_restrictions",
    /\bact\s+as\s+(?:if|though)\s+(?:\w+\s+){0,6}you\s+(?:\w+\s+){0,6}(?:have\s+no|don['’]t\s+have)\s+(?:\w+\s+){0,6}(?:restrictions|limits|rules)\b/i,
  ],
  ["role_hijack", /\byou\s+are\s+(?:\w+\s+){0,6}now\s+(?:an?|the)\s/i],
  ["role_pretend", /\bpretend\s+(?:\w+\s+){0,6}(?:you\s+are|to\s+be)\s/i],
  ["leak_system_prompt", /\boutput\s+(?:\w+\s+){0,6}(?:system|initial)\s+prompt\b/i],
  [
    "remove_filters",
    /\b(?:respond|answer|reply)\s+without\s+(?:\w+\s+){0,6}(?:restrictions|limitations|filters|safety)\b/i,
  ],
  ["fake_update", /\byou\s+have\s+been\s+(?:\w+\s+){0,6}(?:updated|upgraded|patched)\s+to\b/i],
  // Up to the next comment, so that no part of the text is looked at twice.
  ["html_comment_injection", /<!--(?:(?!-->|<!--)[\s\S])*?\b(?:ignore|override|system|secret|hidden)\b/i],
  ["hidden_div", /<\s{0,20}div\s[^<>]*?\bdisplay\s{0,20}:\s{0,20}none\b/i],
  [
    "context_exfil",
    /\b(?:include|output|print|share)\s+(?:\w+\s+){0,6}(?:conversation|chat\s+history|previous\s+messages|(?:full|entire)\s+context)\b/i,
  ],
  ["ssh_access", /(?:~|\$HOME)\/\.ssh\b/i],
  ["hermes_env", /(?:~|\$HOME)\/\.hermes\/\.env\b/i],
  // Without quotes only what has a digit: words joined by hyphens are no secret.
  [
    "hardcoded_secret",
    /(?:api[_-]?key|token|secret|password)\s{0,20}[=:]\s{0,20}(?:["']|(?=[a-z+/=_-]{0,200}\d))[a-z0-9+/=_-]{20}/i,
  ],
];

const CHANGES = /\b(?:update|modify|edit|write|change|append|add\s+to)\s/i;

const COMMANDS: readonly Command[] = [
  ["translate_execute", [/\btranslate\s/i, /\binto\s+\w+(?:[\s-]+\w+){0,2}\s+and\s+(?:execute|run|eval)\b/i]],
  ["exfil_curl", [/\bcurl\s/i, SECRET]],
  ["exfil_wget", [/\bwget\s/i, SECRET]],
  READ_SECRETS,
  ["send_to_url", [/\b(?:send|post|upload|transmit)\s/i, /\b(?:to|at)\s+https?:\/\//i]],
  SSH_BACKDOOR,
  ["agent_config_mod", [CHANGES, /\b(?:AGENTS|CLAUDE)\.md\b|\.cursorrules\b|\.clinerules\b/i]],
  ["hermes_config_mod", [CHANGES, /\.hermes\/(?:config\.yaml|SOUL\.md)\b/i]],
];

/** Undefined when it may be remembered; else why not, in Hermes' words. */
export const scanMemory = (text: string): string | undefined => {
  const invisible = invisibleIn(text);
  if (invisible !== undefined) {
    return `Blocked: content contains invisible unicode character ${invisible} (possible injection).`;
  }
  const id = threatIn(text);
  return id === undefined
    ? undefined
    : `Blocked: content matches threat pattern '${id}'. Content is injected into the system prompt and must not contain injection or exfiltration payloads.`;
};

const threatIn = (text: string): string | undefined => {
  const read = asRead(text);
  return patternIn(read, PATTERNS) ?? commandIn(read.split("\n"), COMMANDS);
};
