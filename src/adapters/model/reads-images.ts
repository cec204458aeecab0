// Whether a model can be shown a photo. Asked by the model adapter and by handler.ts, for the webhook's half of the
// pipeline, which must not load the SDK to know it.

import type { ModelConfig } from "../../model-config.ts";

/** Families known to read images; an unknown model is not sent any. */
const IMAGE_READERS =
  /gpt-4o|gpt-4\.1|gpt-[5-9]|\bo[34](-|$)|claude|gemini|nova-(lite|pro|premier)|llama-?4|pixtral|vision|[-.]vl\b|-vl-/i;

/** facts/platform.md 7, "Limits": DeepSeek's flash reads images, pro does not. */
export const readsImages = ({ provider, model }: Pick<ModelConfig, "provider" | "model">): boolean =>
  provider === "deepseek" ? /^deepseek-(.*-)?flash/i.test(model) : IMAGE_READERS.test(model);
