// A rule of the security scan. Its tables are scan-orders.ts and scan-commands.ts; scan.ts reads them.

export type Category =
  | "exfiltration"
  | "injection"
  | "destructive"
  | "persistence"
  | "network"
  | "obfuscation"
  | "supply chain"
  | "privilege"
  | "credential"
  | "jailbreak";

/**
 * `critical` makes a skill dangerous: it is not stored and not loaded. `high` is told to whoever writes it. A skill is there to
 * name commands and the names of keys, so that only what no honest skill says is critical: orders against the person or the
 * system prompt, data sent away, secrets themselves, and commands with one use.
 */
export type Severity = "critical" | "high" | "medium";

/**
 * Steps have to stand in this order on a line, or in it and the next. None may repeat without a bound what itself repeats: a text
 * of any length is looked at in time that grows with its length alone.
 */
export type Rule = readonly [
  category: Category,
  severity: Severity,
  what: string,
  ...steps: readonly RegExp[],
];
