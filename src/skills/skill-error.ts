// What is wrong with what was asked of the skills, in words for the model. Nothing was done.

import { HermesError } from "../errors.ts";

export class SkillError extends HermesError {
  override name = "SkillError";
  /** What helps to ask better, beside the message. */
  readonly details: Readonly<Record<string, unknown>>;
  constructor(message: string, details: Readonly<Record<string, unknown>> = {}) {
    super("malformed", message);
    this.details = details;
  }
}
