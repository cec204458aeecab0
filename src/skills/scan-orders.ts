// What no skill tells an agent: orders against the person, the system prompt or what was said in confidence. Read by scan.ts.

import type { Rule } from "./scan-rule.ts";

const SENDS_THE_CHAT =
  /\b(?:send|post|upload|forward|transmit|submit|append|put|leak|copy|encode)\s+(?:(?!to\b)\w+\s+){0,4}(?:the|this|whole|full|entire|complete|every|all|user's|person's|their|your)\s+(?:conversation|chat|chat history|history|messages?|transcript|memor(?:y|ies)|system prompt|instructions)\b/i;

const TO_AN_ADDRESS =
  /\b(?:to|into|with|via|at|as|in)\s+(?:\S{1,30}\s+){0,4}\S{0,3}(?:https?:\/\/|web_extract\b|webhook\b)/i;

const PERSON = String.raw`(?:the\s+)?(?:user|person|human|owner|operator)s?`;

export const ORDERS: readonly Rule[] = [
  ["exfiltration", "critical", "what was said is sent to an address", SENDS_THE_CHAT, TO_AN_ADDRESS],
  [
    "exfiltration",
    "critical",
    "an image's address carries data",
    /!\[[^\]]{0,200}\]\(https?:\/\/[^\s)]{1,300}[?&][\w-]{1,60}=(?:\{|\$|<|\[|%7b)/i,
  ],

  [
    "injection",
    "critical",
    "tells to ignore earlier instructions",
    /\b(?:ignore|override|bypass)\s+(?:\w+\s+){0,6}(?:previous|prior|above|all|earlier|preceding|system)\s+(?:\w+\s+){0,6}(?:instructions?|prompts?|directives?|messages?)\b/i,
  ],
  [
    "injection",
    "critical",
    "tells to disregard the rules",
    /\bdisregard\s+(?:\w+\s+){0,4}(?:instructions?|rules?|guidelines?|prompts?)\b/i,
  ],
  [
    "injection",
    "critical",
    "tells to forget the instructions",
    /\bforget\s+(?:\w+\s+){0,3}(?:(?:previous|prior|your|earlier)\s+(?:\w+\s+){0,2}(?:instructions?|rules?|prompts?|training)|everything\s+(?:above|before|you\s+were\s+told))\b/i,
  ],
  [
    "injection",
    "critical",
    "hides something from the person",
    new RegExp(
      String.raw`\b(?:do\s+not|don'?t|never)\s+(?:tell|inform|alert|notify|reveal\s+(?:this|it|that)\s+to|mention\s+(?:this|it|that)\s+to|show\s+(?:this|it|that)\s+to)\s+${PERSON}\b(?!\s+(?:to|how|what|where|when|which|they|you|their|that\s+(?:you|they)|more|every|until|before|unless|twice|again)\b)`,
      "i",
    ),
  ],
  [
    "injection",
    "critical",
    "a new system prompt",
    /\b(?:system\s+prompt\s+override|new\s+system\s+prompt\s{0,4}:)/i,
  ],
  [
    "injection",
    "critical",
    "puts itself above the system's rules",
    /\b(?:this|these|following)\s+(?:\w+\s+){0,3}(?:overrides?|supersedes?|takes?\s+precedence\s+over|replaces?)\s+(?:\w+\s+){0,2}(?:previous|prior|system|safety|other)\s+(?:\w+\s+){0,2}(?:instructions?|rules?|prompts?|messages?)\b/i,
  ],
  [
    "injection",
    "critical",
    "closes a block of the prompt",
    /<\s{0,4}\/?\s{0,4}(?:available_skills|(?:memory|message)-context|untrusted_tool_result)\b/i,
  ],
  [
    "injection",
    "high",
    "acts without the person's knowledge",
    new RegExp(
      String.raw`\bwithout\s+(?:telling|informing|asking|notifying|alerting|consent\s+of|the\s+knowledge\s+of)\s+${PERSON}\b|\bwithout\s+${PERSON}\s+(?:knowing|noticing)\b`,
      "i",
    ),
  ],
  [
    "injection",
    "high",
    "takes a consent for given",
    new RegExp(
      String.raw`\b(?:pretend|act\s+as\s+(?:if|though)|assume|claim)\s+(?:that\s+)?${PERSON}\s+(?:has\s+|have\s+)?(?:already\s+)?(?:agreed|approved|confirmed|consented|authori[sz]ed)\b`,
      "i",
    ),
  ],
  [
    "injection",
    "high",
    "marks of another model's roles",
    /<\|(?:im_start|im_end|system|endoftext)\|>|\[\/?INST\]|<<\/?SYS>>/i,
  ],
  [
    "injection",
    "high",
    "an instruction in a comment",
    /<!--/,
    /\b(?:ignore|override|secretly|you\s+must|instructions?)\b/i,
    /-->/,
  ],
  [
    "injection",
    "high",
    "asks for the system prompt",
    /\b(?:reveal|print|repeat|output|show|dump)\s+(?:\w+\s+){0,3}system\s+(?:prompt|message)\b/i,
  ],

  [
    "jailbreak",
    "critical",
    "another persona without rules",
    /\byou\s+are\s+now\s+(?:in\s+)?(?:an?\s+)?(?:\w+\s+){0,2}(?:DAN|developer\s+mode|jailbroken|unrestricted|unfiltered|god\s?mode)\b/i,
  ],
  [
    "jailbreak",
    "critical",
    "a known jailbreak",
    /\bdo\s+anything\s+now\b|\bDAN\s+mode\b|\bdeveloper\s+mode\s+(?:enabled|output)\b/i,
  ],
  [
    "jailbreak",
    "critical",
    "switches safety off",
    /\b(?:ignore|bypass|disable|drop|abandon|turn\s+off)\s+(?:all\s+|any\s+|of\s+|your\s+|the\s+|its\s+){0,4}(?:safety|ethical|content|moral)\s+(?:\w+\s+){0,2}(?:restrictions?|guidelines?|filters?|limits?|limitations?|polic(?:y|ies)|safeguards?|guardrails?|rules?)\b/i,
  ],
  [
    "jailbreak",
    "critical",
    "another persona without rules",
    /\b(?:pretend|imagine)\s+(?:that\s+)?(?:to\s+be|you\s+are|you're|you\s+have)\s+(?:\w+\s+){0,6}(?:without|no)\s+(?:\w+\s+){0,2}(?:rules|restrictions|limits|filters|guidelines)\b/i,
  ],
];
