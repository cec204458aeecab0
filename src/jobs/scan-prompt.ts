// Looks for injection and exfiltration in what a job is told (hermes-behaviour.md 3.8): before it is stored, and again before
// it runs. Every pattern is linear: bounded gaps, no nested repetition.

/** Directives that have no place in anybody's text, data and skills included. */
const DIRECTIVES: readonly (readonly [id: string, pattern: RegExp])[] = [
  [
    "prompt_injection",
    /\bignore\s+(?:\w+\s+){0,3}(?:previous|prior|above|all|earlier)\s+(?:\w+\s+){0,3}instructions?\b/i,
  ],
  ["deception_hide", /\bdo\s+not\s+(?:tell|inform|show|reveal\s+to)\s+(?:the\s+)?user\b/i],
  ["sys_prompt_override", /\bsystem\s+prompt\s+override\b/i],
  ["disregard_rules", /\bdisregard\s+(?:\w+\s+){0,3}(?:instructions?|rules?|guidelines?)\b/i],
];

/** A secret's name as a shell would expand it. */
const SECRET = String.raw`\$\{?\w{0,60}(?:key|token|secret|password|passwd|credential|api)\w{0,60}`;
const SHORT = String.raw`[^\n]{0,300}?`;

const COMMANDS: readonly (readonly [id: string, pattern: RegExp])[] = [
  ["exfil_curl_auth_header", new RegExp(String.raw`\bcurl\b${SHORT}authorization\s*:${SHORT}${SECRET}`, "i")],
  [
    "exfil_curl_data",
    new RegExp(String.raw`\bcurl\b${SHORT}\s(?:-d|-F|--data[\w-]{0,20}|--form)\b${SHORT}${SECRET}`, "i"),
  ],
  ["exfil_curl_url", new RegExp(String.raw`\bcurl\b${SHORT}https?://[^\s"']{0,300}?${SECRET}`, "i")],
  ["exfil_wget_post", new RegExp(String.raw`\bwget\b${SHORT}--post-(?:data|file)\b${SHORT}${SECRET}`, "i")],
  ["exfil_wget_url", new RegExp(String.raw`\bwget\b${SHORT}https?://[^\s"']{0,300}?${SECRET}`, "i")],
  [
    "read_secrets",
    /\bcat\s+[^\n]{0,200}?(?:\.env\b|credentials\b|\.netrc\b|\.pgpass\b|\.npmrc\b|\.pypirc\b|id_rsa\b|\.aws\/)/i,
  ],
  ["ssh_backdoor", /\bauthorized_keys\b/i],
  ["sudoers_mod", /\bvisudo\b|\/etc\/sudoers\b/i],
  ["destructive_root_rm", /\brm\s+(?:-[a-z]{1,10}\s+){1,4}\/(?:\s|\*|$)/i],
];

/** GitHub's own way to authenticate against its own API. */
const GITHUB_API =
  /\bcurl\b[^\n]{0,300}?authorization\s*:\s*token\s+\$\{?\w{1,60}\}?["']?\s[^\n]{0,200}?https:\/\/api\.github\.com(?:[/"'\s]|$)/gi;

/** Zero width, joiners, and what turns the direction of text. */
const INVISIBLE = /[\u200b-\u200d\u2060\ufeff\u202a-\u202e]/u;
const ALL_INVISIBLE = new RegExp(INVISIBLE, "gu");
/** The joiner inside an emoji (👩‍💻) is part of it. */
const JOINED_EMOJI =
  /(?<=\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d(?=\p{Extended_Pictographic})/gu;

/** Undefined when it may be stored and run; else why not, in Hermes' words. */
export const scanPrompt = (prompt: string): string | undefined => {
  const invisible = INVISIBLE.exec(prompt.replace(JOINED_EMOJI, ""))?.[0];
  if (invisible !== undefined) {
    const point = invisible.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return `Blocked: prompt contains invisible unicode U+${point} (possible injection).`;
  }
  const [id] = [...DIRECTIVES, ...COMMANDS].find(([, pattern]) => pattern.test(harmless(prompt))) ?? [];
  return id === undefined ? undefined : blocked(id);
};

/** What a run is given beside its prompt: invisible characters are taken out, and only directives block. */
export const scanAssembled = (text: string): { readonly cleaned: string; readonly blocked?: string } => {
  const cleaned = text.replace(ALL_INVISIBLE, "");
  const [id] = DIRECTIVES.find(([, pattern]) => pattern.test(cleaned)) ?? [];
  return id === undefined ? { cleaned } : { cleaned, blocked: blocked(id) };
};

const harmless = (prompt: string): string => prompt.replace(GITHUB_API, "");

const blocked = (id: string): string =>
  `Blocked: prompt matches threat pattern '${id}'. Cron prompts must not contain injection or exfiltration payloads.`;
