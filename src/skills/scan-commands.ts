// Commands, addresses and secrets that a skill has no use for, or seldom an honest one. Read by scan.ts.

import type { Rule } from "./scan-rule.ts";

const FETCHER = /\b(?:curl|wget|invoke-webrequest|httpie|nc|ncat|netcat)\b/i;
const SECRET_FILE =
  /~?\/?\.(?:ssh\/id_\w{1,20}|aws\/credentials|netrc|pgpass|npmrc|pypirc|git-credentials|kube\/config)\b|(?:^|[\s"'@=/])\.env(?![\w.])/i;
const SECRET_VARIABLE =
  /\$\{?\w{0,40}(?:key|token|secret|password|passwd|credential)\w{0,40}|os\.environ|process\.env/i;
const INTO_SHELL = /\|\s{0,4}(?:sudo\s{1,4})?(?:(?:ba|z|da|k)?sh|python3?|perl|node)\b/i;
/** Of a key with a long prefix: drawn by lot, from letters of both kinds and digits. What documentation puts there is not. */
const DRAWN = String.raw`(?=[\w-]{0,40}\d)(?=[\w-]{0,40}[a-z])(?=[\w-]{0,40}[A-Z])(?![\w-]{0,40}[xX]{4})[\w-]{24}`;
/** OpenAI's, Anthropic's (`sk-ant-api03-`), OpenRouter's, and GitHub's fine-grained ones. */
const PREFIXED_KEY = new RegExp(
  String.raw`\bsk-(?:proj|svcacct|admin|ant-\w{2,12})-${DRAWN}|\bsk-or-v\d-(?=[0-9a-f]{0,40}\d)[0-9a-f]{24}|\bgithub_pat_${DRAWN}`,
);
const APPENDS = />>|\btee\b|\bappend\w{0,3}\b|\badd\b/i;

export const COMMANDS: readonly Rule[] = [
  ["exfiltration", "critical", "a file of secrets is sent away", FETCHER, SECRET_FILE],
  ["exfiltration", "critical", "the environment is sent away", /\b(?:printenv|env|set)\s{0,4}\|/i, FETCHER],
  ["exfiltration", "high", "a secret goes out with a request", FETCHER, SECRET_VARIABLE],
  [
    "exfiltration",
    "high",
    "a program sends its environment",
    /\brequests\.(?:post|put)\b|\bfetch\(|\burlopen\(/i,
    /os\.environ|process\.env/i,
  ],
  ["exfiltration", "high", "data goes out in a DNS name", /\b(?:dig|nslookup)\s/i, /\$\(|`/],

  [
    "destructive",
    "critical",
    "deletes a whole disk",
    /\brm\s+(?:-[\w-]{1,40}\s+){1,6}["']?(?:\/|~|\$HOME)(?:["'\s*;&|]|\/\s|\/\*|$)/i,
  ],
  [
    "destructive",
    "critical",
    "overwrites a disk",
    /\bmkfs(?:\.\w{1,10})?\s+(?:-\S{1,20}\s+){0,4}\/dev\/|\bdd\s[^|;]{0,200}\bof=\/dev\/(?:sd|nvme|hd|vd|disk|xvd)/i,
  ],
  ["destructive", "critical", "a fork bomb", /:\s?\(\s?\)\s?\{\s?:\s?\|\s?:\s?&\s?\}\s?;\s?:/],
  ["destructive", "high", "opens every file to everybody", /\bchmod\s+-R\s+777\s+\//i],
  [
    "destructive",
    "high",
    "deletes cloud resources",
    /\baws\s+s3\s+r[mb]\b[^|;]{0,200}--(?:recursive|force)|\bterraform\s+destroy\b|\bdelete-(?:bucket|table|stack|db-instance)\b/i,
  ],
  [
    "destructive",
    "high",
    "deletes all the agent keeps",
    /\b(?:delete|remove|forget|wipe|erase)\s+(?:all|every)\s+(?:\w+\s+){0,3}(?:skills?|memor(?:y|ies)|reminders?|jobs?|conversations?)\b/i,
  ],
  ["destructive", "medium", "drops a table", /\bdrop\s+(?:table|database|schema)\b/i],

  ["persistence", "critical", "lets a key log in", APPENDS, /\bauthorized_keys\b/i],
  [
    "persistence",
    "critical",
    "spreads itself to other skills",
    /\b(?:add|append|copy|insert|write|paste)\s+(?:this|these|the\s+following)\b/i,
    /\b(?:to|into|in)\s+(?:every|each|all)\s+(?:\w+\s+){0,2}(?:skills?|replies|answers|messages)\b/i,
  ],
  [
    "persistence",
    "high",
    "changes what an agent is told at its start",
    /\b(?:add|append|write|insert|save|put)\b/i,
    /\b(?:SOUL|AGENTS|CLAUDE|MEMORY)\.md\b|\.cursorrules\b/,
  ],
  ["persistence", "high", "changes a shell's start", APPENDS, /\.(?:bashrc|zshrc|profile|bash_profile)\b/i],
  [
    "persistence",
    "high",
    "sets a system timer",
    /\bcrontab\s+-|\/etc\/cron|\bsystemctl\s+enable\b|\blaunchctl\s+load\b|\bschtasks\b/i,
  ],

  [
    "network",
    "critical",
    "a reverse shell",
    /\/dev\/(?:tcp|udp)\/|\b(?:nc|ncat|netcat)\s[^|;]{0,100}-(?:e|c)\s{1,4}\S{0,20}sh\b/i,
  ],
  ["network", "critical", "a reverse shell", /\bsocket\b/i, /\b(?:dup2|pty\.spawn)\b/i],
  [
    "network",
    "high",
    "a place that collects requests",
    /\b(?:webhook\.site|requestbin|burpcollaborator|oastify|interact\.sh|canarytokens)\b/i,
  ],
  [
    "network",
    "high",
    "the cloud's address of credentials",
    /\b169\.254\.(?:169\.254|170\.2)\b|\bmetadata\.google\.internal\b/i,
  ],
  ["network", "medium", "a tunnel", /\b(?:ngrok|cloudflared|localtunnel|serveo)\b/i],
  [
    "network",
    "medium",
    "an address without a name",
    /https?:\/\/(?!127\.|10\.|192\.168\.)\d{1,3}(?:\.\d{1,3}){3}\b/,
  ],

  ["obfuscation", "critical", "runs what was encoded", /\bbase64\s+(?:-d|-D|--decode)\b/, INTO_SHELL],
  [
    "obfuscation",
    "critical",
    "runs what was encoded",
    /\b(?:eval|exec|Function)\s{0,4}\(/,
    /\b(?:atob|b64decode|base64|fromhex|rot13)\b/i,
  ],
  [
    "obfuscation",
    "high",
    "encoded instructions",
    /\bdecode\b/i,
    /\b(?:base64|rot13|hex)\b/i,
    /\b(?:follow|execute|obey|act\s+on)\b/i,
  ],
  ["obfuscation", "high", "text in escapes", /(?:\\(?:x[0-9a-f]{2}|u[0-9a-f]{4})){16}/i],
  ["obfuscation", "medium", "a long encoded block", /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{600}/],

  ["supply chain", "high", "runs what it downloads", /\b(?:curl|wget)\b/i, INTO_SHELL],
  [
    "supply chain",
    "high",
    "takes instructions from an address",
    /\b(?:fetch|load|read|download|open|get|web_extract)\b/i,
    /https?:\/\//i,
    /\b(?:follow|obey|execute|do)\s+(?:\w+\s+){0,2}(?:instructions?|commands?|whatever\s+it\s+says|what\s+it\s+says)\b/i,
  ],
  [
    "supply chain",
    "high",
    "packages of another source",
    /\bpip3?\s+install\b/i,
    /--(?:extra-)?index-url\b|--trusted-host\b/i,
  ],
  [
    "supply chain",
    "medium",
    "a package by its address",
    /\b(?:npm\s+(?:i|install)|pip3?\s+install)\s+(?:-\S{1,20}\s+){0,4}(?:git\+)?https?:/i,
  ],

  ["privilege", "critical", "root without a password", /\bNOPASSWD\b/, /\bALL\b/],
  ["privilege", "high", "changes who may be root", /\bvisudo\b|\/etc\/sudoers\b/i],
  ["privilege", "high", "a program that runs as its owner", /\bchmod\s+(?:[ugoa]{0,4}\+s|[246]7[0-7]{2})\b/i],
  [
    "privilege",
    "high",
    "leaves the container",
    /\bdocker\s+run\b[^|;]{0,200}(?:--privileged|-v\s{1,4}\/:)|\bnsenter\b/i,
  ],
  [
    "privilege",
    "high",
    "all rights in the cloud",
    /\battach-(?:user|role|group)-policy\b/i,
    /AdministratorAccess/i,
  ],
  ["privilege", "high", "switches questions off", /--dangerously-skip-permissions\b|--yolo\b/i],

  ["credential", "critical", "a private key", /-----BEGIN (?:[A-Z]{2,10} ){0,2}PRIVATE KEY-----/],
  [
    "credential",
    "critical",
    "a key or token itself",
    /\b(?:AKIA|ASIA)(?!\w{0,16}EXAMPLE)[0-9A-Z]{16}\b|\bgh[opsur]_(?=\w{0,36}\d)(?!x{4})[A-Za-z0-9]{36}|\bxox[abprs]-\d{8,14}-[\w-]{10,}|\bAIza(?=[\w-]{0,35}\d)[\w-]{35}\b|\bsk-(?=[\w-]{0,20}\d)(?!x{4})[A-Za-z0-9]{32}|\b\d{8,10}:AA[\w-]{33}\b/,
  ],
  ["credential", "critical", "a key or token itself", PREFIXED_KEY],
  [
    "credential",
    "high",
    "reads a file of secrets",
    /\b(?:cat|less|head|tail|cp|scp|read|open)\b/i,
    SECRET_FILE,
  ],
  [
    "credential",
    "high",
    "asks for a secret",
    /\bask\b/i,
    /\b(?:password|passphrase|seed\s+phrase|recovery\s+phrase|private\s+key|card\s+number|cvv|one-time\s+code|2fa\s+code)\b/i,
  ],
];
