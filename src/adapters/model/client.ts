// The SDK's client for a provider, loaded on first use: the webhook path never pays for it. Called by model.ts.

import type { OpenAI } from "openai";
import { ModelError } from "../../errors.ts";
import type { ModelConfig } from "../../model-config.ts";

export interface ClientOptions extends ModelConfig {
  /** Of the function; Bedrock is called in it. */
  readonly region?: string;
}

const BASE_URLS = { deepseek: "https://api.deepseek.com", openai: "https://api.openai.com/v1" };

/**
 * Settings the SDK would otherwise take from the environment: a stray OPENAI_ORG_ID must not reach DeepSeek, and
 * OPENAI_LOG=debug would print people's messages. Retrying is ask-model.ts' work. Its own User-Agent would be the name of its
 * class, which the build shortens.
 */
const COMMON = {
  maxRetries: 0,
  organization: null,
  project: null,
  logLevel: "off",
  defaultHeaders: { "User-Agent": "hermes-on-lambda" },
} as const;

export const createClient = (options: ClientOptions): Promise<OpenAI> =>
  options.provider === "bedrock"
    ? createBedrockClient(options)
    : createKeyClient(options, BASE_URLS[options.provider]);

const createKeyClient = async ({ apiKey, baseUrl, provider }: ClientOptions, defaultUrl: string) => {
  if (!apiKey) throw new ModelError("auth", `no API key is configured for ${provider}`);
  const { OpenAI } = await import("openai");
  return new OpenAI({ ...COMMON, apiKey, baseURL: baseUrl ?? defaultUrl });
};

/** Without `baseUrl` the SDK takes AWS_BEDROCK_BASE_URL, or derives `bedrock-mantle.<region>` (facts/toolchain.md). */
const createBedrockClient = async ({ baseUrl, region }: ClientOptions): Promise<OpenAI> => {
  if (!region) throw new ModelError("auth", "no AWS region is configured for bedrock");
  const [{ BedrockOpenAI }, { tokenProvider }] = await Promise.all([
    import("openai/bedrock"),
    import("./bedrock-token.ts"),
  ]);
  const provideToken = tokenProvider(region);
  return new BedrockOpenAI({
    ...COMMON,
    awsRegion: region,
    ...(baseUrl !== undefined && { baseURL: baseUrl }),
    bedrockTokenProvider: () => provideToken().catch(refuseToken),
  });
};

/** Signing is local: it fails only where the role's credentials are missing or unreadable. */
const refuseToken = (thrown: unknown): never => {
  const name = thrown instanceof Error ? thrown.name : "unknown";
  throw new ModelError("auth", `no Bedrock token could be made from the role's credentials (${name})`);
};
