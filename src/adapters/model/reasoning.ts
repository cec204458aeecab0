// How each endpoint wants a model's thinking switched on, and its past thinking sent back.
// Called by the model adapter; facts/platform.md 7 and hermes-behaviour.md 1.9.

import type { ModelRequest } from "../../ports.ts";

export interface Endpoint {
  readonly provider: string;
  readonly model: string;
  readonly baseUrl?: string;
}

/** DeepSeek V4 refuses a missing and an empty `reasoning_content`; a space is what stands for "none". */
const NO_REASONING = " ";
const ECHO_HOSTS = ["api.deepseek.com", "api.kimi.com", "moonshot.ai", "moonshot.cn"];
const ECHO_MODELS = /deepseek|^kimi-|\/kimi-/i;
/** Aliases without a thinking mode; the switch is not sent to them (hermes-behaviour.md 1.9). */
const WITHOUT_SWITCH = /^deepseek-(chat|v3)/i;

/** Whether every assistant message must carry its `reasoning_content`. Bedrock's own API knows no such field. */
export const wantsReasoningEcho = (endpoint: Endpoint): boolean =>
  endpoint.provider !== "bedrock" &&
  (endpoint.provider === "deepseek" || ECHO_MODELS.test(endpoint.model) || isHosted(endpoint, ECHO_HOSTS));

/** What goes on the wire for an assistant message of the transcript. */
export const echoedReasoning = (stored: string | undefined): string =>
  stored === undefined || stored === "" ? NO_REASONING : stored;

/**
 * What of a reply's reasoning is stored: only what its endpoint wants to see again. So a transcript that moves
 * from one provider to another never shows one model's thoughts to the other (facts/platform.md 7, "Provider switch").
 */
export const keptReasoning = (endpoint: Endpoint, reasoning: string): string | undefined =>
  wantsReasoningEcho(endpoint) && reasoning !== "" ? reasoning : undefined;

export interface ReasoningParameters {
  readonly thinking?: { readonly type: "enabled" | "disabled" };
  readonly reasoning_effort?: "low" | "medium" | "high" | "max";
}

export const reasoningParameters = (
  endpoint: Endpoint,
  reasoning: ModelRequest["reasoning"],
): ReasoningParameters => {
  if (endpoint.provider === "deepseek" || isHosted(endpoint, ["api.deepseek.com"])) {
    return WITHOUT_SWITCH.test(endpoint.model) ? {} : deepseekParameters(reasoning);
  }
  // Elsewhere there is no common switch: what was not asked for is not sent, and "high" is the highest all know.
  if (reasoning === "off" || reasoning === "default") return {};
  return { reasoning_effort: reasoning === "max" ? "high" : reasoning };
};

/** Always explicit: unset means on. */
const deepseekParameters = (reasoning: ModelRequest["reasoning"]): ReasoningParameters => {
  if (reasoning === "off") return { thinking: { type: "disabled" } };
  if (reasoning === "default") return { thinking: { type: "enabled" } };
  return { thinking: { type: "enabled" }, reasoning_effort: reasoning };
};

export const isHosted = ({ baseUrl }: Endpoint, hosts: readonly string[]): boolean => {
  if (baseUrl === undefined || !URL.canParse(baseUrl)) return false;
  const { hostname } = new URL(baseUrl);
  return hosts.some((host) => hostname === host || hostname.endsWith(`.${host}`));
};
