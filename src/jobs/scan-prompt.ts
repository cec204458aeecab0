// Looks for injection and exfiltration in what a job is told (hermes-behaviour.md 3.8): before it is stored, and again before
// it runs. What memory's scanner looks for too is in threats.ts.

import {
  asRead,
  type Command,
  commandIn,
  DIRECTIVES,
  INVISIBLE,
  invisibleIn,
  patternIn,
  READ_SECRETS,
  SECRET,
  SECRET_NAME,
  SSH_BACKDOOR,
} from "../threats.ts";

const SECRET_IN_URL = new RegExp(String.raw`https?://[^\s"']{0,1000}?${SECRET_NAME}`, "i");

const COMMANDS: readonly Command[] = [
  ["exfil_curl_auth_header", [/\bcurl\b/i, /authorization\s*:/i, SECRET]],
  ["exfil_curl_data", [/\bcurl\b/i, /\s(?:-d|-F|--data[\w-]{0,20}|--form)\b/i, SECRET]],
  ["exfil_curl_url", [/\bcurl\b/i, SECRET_IN_URL]],
  ["exfil_wget_post", [/\bwget\b/i, /--post-(?:data|file)\b/i, SECRET]],
  ["exfil_wget_url", [/\bwget\b/i, SECRET_IN_URL]],
  READ_SECRETS,
  SSH_BACKDOOR,
  ["sudoers_mod", [/\bvisudo\b|\/etc\/sudoers\b/i]],
  ["destructive_root_rm", [/\brm\s+(?:-[\w-]{1,40}\s+){1,6}["']?\/(?:["'\s*]|$)/i]],
];

/**
 * GitHub's own way to authenticate against its own API: this one header, then at once its address and nothing after it. The
 * address stays, to be judged like any other.
 */
const GITHUB_HEADER =
  /\bcurl\s+(?:-[sSfLi]{1,5}\s+){0,4}(?:-H|--header)\s+(["'])authorization\s*:\s*token\s+\$\{?\w{1,60}\}?\1\s+(?=["']?https:\/\/api\.github\.com(?:[/?#][^\s"'|;`)]{0,1000})?["']?\s*(?:$|[|;`)]))/gi;

/** Undefined when it may be stored and run; else why not, in Hermes' words. */
export const scanPrompt = (prompt: string): string | undefined => {
  const invisible = invisibleIn(prompt);
  if (invisible !== undefined) {
    return `Blocked: prompt contains invisible unicode ${invisible} (possible injection).`;
  }
  const text = asRead(prompt);
  const lines = text.split("\n").map((line) => line.replace(GITHUB_HEADER, "curl "));
  const id = patternIn(text, DIRECTIVES) ?? commandIn(lines, COMMANDS);
  return id === undefined ? undefined : blocked(id);
};

/** What a run is given beside its prompt: invisible characters are taken out, and only directives block. */
export const scanAssembled = (text: string): { readonly cleaned: string; readonly blocked?: string } => {
  const cleaned = text.replace(INVISIBLE, "");
  const id = patternIn(asRead(cleaned), DIRECTIVES);
  return id === undefined ? { cleaned } : { cleaned, blocked: blocked(id) };
};

const blocked = (id: string): string =>
  `Blocked: prompt matches threat pattern '${id}'. Cron prompts must not contain injection or exfiltration payloads.`;
