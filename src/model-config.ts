// Which model answers, where and with what key: the model's share of config.ts.

export type Provider = "deepseek" | "bedrock" | "openai";

export interface ModelConfig {
  readonly provider: Provider;
  readonly model: string;
  /** Absent for Bedrock, which uses the function's role. */
  readonly apiKey?: string;
  /** Absent = the SDK's own for the region (Bedrock). */
  readonly baseUrl?: string;
}

type Env = Readonly<Record<string, string>>;

interface ProviderVariables {
  readonly key?: string;
  readonly url: string;
  readonly defaultUrl?: string;
  readonly defaultModel?: string;
}

const PROVIDERS: Readonly<Record<Provider, ProviderVariables>> = {
  deepseek: {
    key: "DEEPSEEK_API_KEY",
    url: "DEEPSEEK_BASE_URL",
    defaultUrl: "https://api.deepseek.com/v1", // hermes-behaviour.md 1.9
    defaultModel: "deepseek-flash", // facts/platform.md 7
  },
  openai: { key: "OPENAI_API_KEY", url: "OPENAI_BASE_URL", defaultUrl: "https://api.openai.com/v1" },
  bedrock: { url: "AWS_BEDROCK_BASE_URL" },
};

const isProvider = (name: string | undefined): name is Provider => name !== undefined && name in PROVIDERS;

/** `bedrock:some.model-v1:0` names the provider; anything else is a model of the main provider. */
const splitFallback = (value: string, main: Provider): { provider: Provider; model: string } => {
  const colon = value.indexOf(":");
  const prefix = value.slice(0, Math.max(colon, 0));
  return isProvider(prefix)
    ? { provider: prefix, model: value.slice(colon + 1) }
    : { provider: main, model: value };
};

const chosen = (
  env: Env,
): { main: Provider; fallback: { provider: Provider; model: string } | undefined } => {
  const name = env["HERMES_PROVIDER"] ?? "deepseek";
  const main = isProvider(name) ? name : "deepseek";
  const fallback = env["HERMES_FALLBACK_MODEL"];
  return { main, fallback: fallback === undefined ? undefined : splitFallback(fallback, main) };
};

/** Only what the chosen providers need is asked for. */
export const modelProblems = (env: Env): readonly string[] => {
  const name = env["HERMES_PROVIDER"] ?? "deepseek";
  if (!isProvider(name)) return ["HERMES_PROVIDER: must be deepseek, bedrock or openai"];
  const { main, fallback } = chosen(env);
  const used = [...new Set([main, ...(fallback ? [fallback.provider] : [])])];
  const problems = used.flatMap((provider) => {
    const { key, url } = PROVIDERS[provider];
    return [
      ...(key !== undefined && env[key] === undefined
        ? [`${key}: missing; the provider ${provider} needs it`]
        : []),
      ...(env[url] !== undefined && URL.parse(env[url]) === null ? [`${url}: must be a URL`] : []),
    ];
  });
  if (PROVIDERS[main].defaultModel === undefined && env["HERMES_MODEL"] === undefined) {
    problems.push(`HERMES_MODEL: missing; the provider ${main} has no default model`);
  }
  if (fallback?.model === "") problems.push("HERMES_FALLBACK_MODEL: names a provider but no model");
  return problems;
};

const configOf = (env: Env, provider: Provider, model: string): ModelConfig => {
  const { key, url, defaultUrl } = PROVIDERS[provider];
  const apiKey = key === undefined ? undefined : env[key];
  const baseUrl = (env[url] ?? defaultUrl)?.replace(/\/+$/, "");
  return {
    provider,
    model,
    ...(apiKey === undefined ? {} : { apiKey }),
    ...(baseUrl === undefined ? {} : { baseUrl }),
  };
};

/** Call only when `modelProblems` found none. */
export const modelConfigs = (env: Env): { model: ModelConfig; fallbackModel?: ModelConfig } => {
  const { main, fallback } = chosen(env);
  const model = env["HERMES_MODEL"] ?? PROVIDERS[main].defaultModel ?? "";
  return {
    model: configOf(env, main, model),
    ...(fallback === undefined ? {} : { fallbackModel: configOf(env, fallback.provider, fallback.model) }),
  };
};
