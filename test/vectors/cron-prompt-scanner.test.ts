import { describe, expect, it } from "vitest";
import { scanAssembled, scanPrompt } from "../../src/jobs/scan-prompt.ts";
import { casesOf } from "./read-vectors.ts";

interface Case {
  readonly id: string;
  readonly tier: "strict_user_prompt" | "assembled_with_skills_or_data";
  readonly prompt: string;
  readonly blocked: boolean;
  readonly pattern_id?: string;
  readonly cleaned?: string;
}

describe("prompts are scanned as Hermes scans them", () => {
  it.each(casesOf<Case>("cron_prompt_scanner"))(
    "$id: $prompt",
    ({ tier, prompt, blocked, pattern_id, cleaned }) => {
      const found = tier === "strict_user_prompt" ? scanPrompt(prompt) : scanAssembled(prompt).blocked;
      if (!blocked) expect(found).toBeUndefined();
      else expect(found).toMatch(/^Blocked: /);
      if (pattern_id !== undefined) expect(found).toContain(`'${pattern_id}'`);
      if (cleaned !== undefined) expect(scanAssembled(prompt).cleaned).toBe(cleaned);
    },
  );
});
