// Takes obvious keys and tokens out of text that goes on into a summary, a memory or a tool result (design.md 9, invariant 9).

const SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b\d{6,12}:[A-Za-z0-9_-]{30,}/g, // Telegram bot token; also after `/bot` in a URL
  /(?<=\/bot)\d{6,12}:[A-Za-z0-9_-]{30,}/g,
  /\bsk-[A-Za-z0-9_-]{16,}/g,
  /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g,
  /\bgh[opsur]_[A-Za-z0-9]{30,}/g,
  /\bgithub_pat_[A-Za-z0-9_]{30,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g,
  /\bAIza[0-9A-Za-z_-]{30,}/g,
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}/g, // JWT
  /(?<=\b(?:Bearer|Basic) )[A-Za-z0-9._~+/=-]{16,}/gi,
  /(?<=:\/\/[^\s/:@]{1,100}:)[^\s/@]{3,}(?=@)/g, // the password of a URL
  /(?<=\b[\w-]{0,40}(?:api[_-]?key|secret|token|passw(?:or)?d|access[_-]?key)["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"',;]{8,}/gi,
];

export const redactSecrets = (text: string): string =>
  SHAPES.reduce((rest, shape) => rest.replace(shape, "[redacted]"), text);
