// Looks for injection and exfiltration in what a job is told (hermes-behaviour.md 3.8): before it is stored, and again before
// it runs. Every search is linear: what may stand anywhere on a line is looked for step by step, each from the end of the last.

/** Directives that have no place in anybody's text, data and skills included. */
const DIRECTIVES: readonly (readonly [id: string, pattern: RegExp])[] = [
  [
    "prompt_injection",
    /\bignore\s+(?:\w+\s+){0,6}(?:previous|prior|above|all|earlier)\s+(?:\w+\s+){0,6}instructions?\b/i,
  ],
  ["deception_hide", /\bdo\s+not\s+(?:tell|inform|reveal\s+to)\s+(?:the\s+)?user\b/i],
  ["sys_prompt_override", /\bsystem\s+prompt\s+override\b/i],
  ["disregard_rules", /\bdisregard\s+(?:\w+\s+){0,3}(?:instructions?|rules?|guidelines?)\b/i],
];

/** A secret's name as a shell would expand it. */
const SECRET_NAME = String.raw`\$\{?\w{0,60}(?:key|token|secret|password|passwd|credential|api)\w{0,60}`;
const SECRET = new RegExp(SECRET_NAME, "i");
const SECRET_IN_URL = new RegExp(String.raw`https?://[^\s"']{0,1000}?${SECRET_NAME}`, "i");
const SECRET_FILE = /\.env\b|credentials\b|\.netrc\b|\.pgpass\b|\.npmrc\b|\.pypirc\b|id_rsa\b|\.aws\//i;

/** What has to stand on one line in this order, whatever is between. */
const COMMANDS: readonly (readonly [id: string, steps: readonly RegExp[]])[] = [
  ["exfil_curl_auth_header", [/\bcurl\b/i, /authorization\s*:/i, SECRET]],
  ["exfil_curl_data", [/\bcurl\b/i, /\s(?:-d|-F|--data[\w-]{0,20}|--form)\b/i, SECRET]],
  ["exfil_curl_url", [/\bcurl\b/i, SECRET_IN_URL]],
  ["exfil_wget_post", [/\bwget\b/i, /--post-(?:data|file)\b/i, SECRET]],
  ["exfil_wget_url", [/\bwget\b/i, SECRET_IN_URL]],
  ["read_secrets", [/\bcat\s/i, SECRET_FILE]],
  ["ssh_backdoor", [/\bauthorized_keys\b/i]],
  ["sudoers_mod", [/\bvisudo\b|\/etc\/sudoers\b/i]],
  ["destructive_root_rm", [/\brm\s+(?:-[\w-]{1,40}\s+){1,6}["']?\/(?:["'\s*]|$)/i]],
];

/**
 * GitHub's own way to authenticate against its own API: this one header, then at once its address and nothing after it. The
 * address stays, to be judged like any other.
 */
const GITHUB_HEADER =
  /\bcurl\s+(?:-[sSfLi]{1,5}\s+){0,4}(?:-H|--header)\s+(["'])authorization\s*:\s*token\s+\$\{?\w{1,60}\}?\1\s+(?=["']?https:\/\/api\.github\.com(?:[/?#][^\s"'|;`)]{0,1000})?["']?\s*(?:$|[|;`)]))/gi;

/** Zero width, joiners, and what turns the direction of text; but the joiner inside an emoji (👩‍💻) is part of it. */
const INVISIBLE =
  /[\u200b\u200c\u2060\ufeff\u202a-\u202e]|(?<!\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)\u200d|\u200d(?!\p{Extended_Pictographic})/gu;

/** Undefined when it may be stored and run; else why not, in Hermes' words. */
export const scanPrompt = (prompt: string): string | undefined => {
  const [invisible] = prompt.match(INVISIBLE) ?? [];
  if (invisible !== undefined) {
    const point = invisible.codePointAt(0)?.toString(16).toUpperCase().padStart(4, "0");
    return `Blocked: prompt contains invisible unicode U+${point} (possible injection).`;
  }
  const text = asRead(prompt);
  const lines = text.split("\n").map((line) => line.replace(GITHUB_HEADER, "curl "));
  const [command] = COMMANDS.find(([, steps]) => lines.some((line) => holdsInOrder(line, steps))) ?? [];
  const id = directiveIn(text) ?? command;
  return id === undefined ? undefined : blocked(id);
};

/** What a run is given beside its prompt: invisible characters are taken out, and only directives block. */
export const scanAssembled = (text: string): { readonly cleaned: string; readonly blocked?: string } => {
  const cleaned = text.replace(INVISIBLE, "");
  const id = directiveIn(asRead(cleaned));
  return id === undefined ? { cleaned } : { cleaned, blocked: blocked(id) };
};

/** Full-width letters are letters, and a shell joins what a backslash continues. */
const asRead = (text: string): string => text.normalize("NFKC").replace(/\\\r?\n/g, " ");

const directiveIn = (text: string): string | undefined =>
  DIRECTIVES.find(([, pattern]) => pattern.test(text))?.[0];

const holdsInOrder = (line: string, steps: readonly RegExp[]): boolean => {
  let rest = line;
  return steps.every((step) => {
    const found = step.exec(rest);
    if (found !== null) rest = rest.slice(found.index + found[0].length);
    return found !== null;
  });
};

const blocked = (id: string): string =>
  `Blocked: prompt matches threat pattern '${id}'. Cron prompts must not contain injection or exfiltration payloads.`;
