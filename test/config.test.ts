import { describe, expect, it } from "vitest";
import { parseConfig } from "../src/config.ts";
import { HermesError } from "../src/errors.ts";
import { configWith, environment, SECRET } from "./front-door.ts";

/** The message a configuration is refused with. */
const refusal = (variables: Readonly<Record<string, string | undefined>>): string => {
  try {
    parseConfig(variables);
  } catch (error) {
    if (error instanceof HermesError && error.code === "config") return error.message;
    throw error;
  }
  throw new Error("the configuration was accepted");
};

describe("a small deployment", () => {
  it("needs a token, a secret and a model key, and defaults the rest as documented", () => {
    const config = configWith({ TELEGRAM_BOT_USERNAME: undefined });
    expect(config).toMatchObject({
      telegram: {
        token: "7000000001:local-token",
        webhookSecret: SECRET,
        apiRoot: "https://api.telegram.org",
        bot: { id: 7_000_000_001 },
        refusal: false,
      },
      model: { provider: "deepseek", model: "deepseek-flash", apiKey: "key" },
      sessions: {
        table: "hermes-sessions",
        keys: { groupSessionsPerUser: true, threadSessionsPerUser: false },
      },
      home: "/tmp/hermes",
      dispatch: "async",
      functionName: "hermes",
      warnings: [],
    });
    expect(config).not.toHaveProperty("skills");
    expect(config).not.toHaveProperty("scheduler");
    expect(config).not.toHaveProperty("fallbackModel");
    expect(config).not.toHaveProperty("timezone");
  });

  it("takes an empty variable for one that is not set, as templates write them", () => {
    expect(configWith({ HERMES_HOME: "", TELEGRAM_API_ROOT: " ", HERMES_SKILLS_S3_BUCKET: "" })).toEqual(
      configWith(),
    );
  });

  it("reads lists of ids with spaces, wildcards and chats", () => {
    const { access } = configWith({
      TELEGRAM_ALLOWED_USERS: " 1, 2 ,,3",
      TELEGRAM_GROUP_ALLOWED_USERS: "*",
      TELEGRAM_GROUP_ALLOWED_CHATS: "-1001",
    }).telegram;
    expect(access).toMatchObject({
      users: new Set(["1", "2", "3"]),
      groupUsers: new Set(["*"]),
      groupChats: new Set(["-1001"]),
    });
  });

  it.each([
    ["true", true],
    ["1", true],
    ["YES", true],
    ["on", true],
    ["false", false],
    ["0", false],
    ["no", false],
  ])("reads the switch %s as %s", (value, expected) => {
    expect(configWith({ TELEGRAM_REFUSAL: value }).telegram.refusal).toBe(expected);
  });

  it("takes mention patterns as a JSON list or as lines, and names the ones that are none", () => {
    const fromJson = configWith({ TELEGRAM_MENTION_PATTERNS: '["^hermes\\\\b", "("]' });
    expect(fromJson.telegram.addressing.mentionPatterns).toEqual([/^hermes\b/i]);
    expect(fromJson.warnings).toEqual([expect.stringContaining("TELEGRAM_MENTION_PATTERNS: pattern 2")]);
    const fromLines = configWith({ TELEGRAM_MENTION_PATTERNS: "^hermes\n^bot" });
    expect(fromLines.telegram.addressing.mentionPatterns).toEqual([/^hermes/i, /^bot/i]);
  });

  it("warns when nobody may speak, and when everybody may", () => {
    expect(configWith({ TELEGRAM_ALLOWED_USERS: "" }).warnings).toEqual([
      expect.stringContaining("nobody may speak"),
    ]);
    expect(configWith({ TELEGRAM_ALLOW_ALL_USERS: "true" }).warnings).toEqual([
      expect.stringContaining("everybody may speak"),
    ]);
  });

  it("groups what belongs together and drops the @ of the bot's name", () => {
    const config = configWith({
      TELEGRAM_BOT_USERNAME: "@hermes_lambda_bot",
      TELEGRAM_API_ROOT: "http://127.0.0.1:8081/",
      HERMES_SKILLS_S3_BUCKET: "skills",
      HERMES_KNOWLEDGE_BASE_ID: "KB00000001",
      HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: "DS00000001",
      HERMES_SCHEDULER_ROLE_ARN: "arn:aws:iam::123456789012:role/hermes-scheduler",
      HERMES_AGENTCORE_MEMORY_ID: "hermes-a1B2c3D4e5",
      HERMES_TIMEZONE: "Europe/Berlin",
    });
    expect(config).toMatchObject({
      telegram: { bot: { username: "hermes_lambda_bot" }, apiRoot: "http://127.0.0.1:8081" },
      skills: {
        bucket: "skills",
        prefix: "",
        knowledgeBase: { id: "KB00000001", dataSourceId: "DS00000001" },
      },
      scheduler: { roleArn: "arn:aws:iam::123456789012:role/hermes-scheduler", group: "hermes" },
      agentcoreMemoryId: "hermes-a1B2c3D4e5",
      timezone: "Europe/Berlin",
    });
  });
});

describe("the model", () => {
  it("asks only for what the chosen provider needs", () => {
    const { DEEPSEEK_API_KEY: _, ...rest } = environment;
    const bedrock = parseConfig({ ...rest, HERMES_PROVIDER: "bedrock", HERMES_MODEL: "deepseek.v3-v1:0" });
    expect(bedrock.model).toEqual({ provider: "bedrock", model: "deepseek.v3-v1:0" });
    expect(refusal({ ...rest, HERMES_PROVIDER: "openai" })).toMatch(
      /OPENAI_API_KEY: missing[\s\S]*HERMES_MODEL: missing/,
    );
    expect(refusal(rest)).toContain("DEEPSEEK_API_KEY: missing");
  });

  it("falls back to a model of the same provider, or of the one it names", () => {
    expect(configWith({ HERMES_FALLBACK_MODEL: "deepseek-v4-pro" }).fallbackModel).toMatchObject({
      provider: "deepseek",
      model: "deepseek-v4-pro",
      apiKey: "key",
    });
    expect(configWith({ HERMES_FALLBACK_MODEL: "bedrock:deepseek.v3-v1:0" }).fallbackModel).toEqual({
      provider: "bedrock",
      model: "deepseek.v3-v1:0",
    });
    expect(refusal({ ...environment, HERMES_FALLBACK_MODEL: "openai:some-model" })).toContain(
      "OPENAI_API_KEY: missing",
    );
  });
});

describe("a refused configuration", () => {
  it("names every missing variable in one message", () => {
    const message = refusal({});
    for (const name of [
      "TELEGRAM_BOT_TOKEN",
      "TELEGRAM_WEBHOOK_SECRET",
      "DEEPSEEK_API_KEY",
      "AWS_LAMBDA_FUNCTION_NAME",
    ]) {
      expect(message).toContain(`- ${name}: missing`);
    }
  });

  it.each([
    ["TELEGRAM_WEBHOOK_SECRET", "a".repeat(31)],
    ["TELEGRAM_WEBHOOK_SECRET", `${"a".repeat(32)}!`],
    ["TELEGRAM_WEBHOOK_SECRET", "a".repeat(257)],
    ["TELEGRAM_BOT_TOKEN", "no-token"],
    ["TELEGRAM_BOT_USERNAME", "not a name"],
    ["TELEGRAM_API_ROOT", "ftp://example.com"],
    ["TELEGRAM_ALLOWED_USERS", "@charles"],
    ["TELEGRAM_IGNORED_THREADS", "general"],
    ["TELEGRAM_REFUSAL", "maybe"],
    ["HERMES_PROVIDER", "clippy"],
    ["HERMES_DISPATCH", "later"],
    ["HERMES_SESSION_BACKEND", "sqlite"],
    ["HERMES_SESSIONS_TABLE", "a table"],
    ["HERMES_TIMEZONE", "Mars/Olympus_Mons"],
    ["HERMES_HOME", "relative/path"],
    ["HERMES_SCHEDULER_ROLE_ARN", "hermes-role"],
    ["DEEPSEEK_BASE_URL", "not-a-url"],
  ])("says what %s must be, without repeating the value", (name, value) => {
    const message = refusal({ ...environment, [name]: value });
    expect(message).toMatch(new RegExp(`^- ${name}: must be `, "m"));
    expect(message).not.toContain(value);
  });

  it("reports a wrong variable together with one that another demands", () => {
    const message = refusal({
      ...environment,
      TELEGRAM_BOT_USERNAME: undefined,
      TELEGRAM_GROUP_ALLOWED_CHATS: "-1001",
      TELEGRAM_WEBHOOK_SECRET: "short-and-secret",
      HERMES_TIMEZONE: "Nowhere",
    });
    expect(message).toContain("TELEGRAM_BOT_USERNAME: missing; with TELEGRAM_GROUP_ALLOWED_CHATS set");
    expect(message).toContain("TELEGRAM_WEBHOOK_SECRET: must be");
    expect(message).toContain("HERMES_TIMEZONE: must be");
    expect(message).not.toContain("short-and-secret");
  });

  it("asks for the data source of a Knowledge Base, and warns when there are no skills to search", () => {
    const alone = { HERMES_SKILLS_S3_BUCKET: "skills", HERMES_KNOWLEDGE_BASE_ID: "KB00000001" };
    expect(refusal({ ...environment, ...alone })).toContain(
      "HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: missing; with HERMES_KNOWLEDGE_BASE_ID set",
    );
    const noBucket = {
      HERMES_KNOWLEDGE_BASE_ID: "KB00000001",
      HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: "DS00000001",
    };
    expect(configWith(noBucket).warnings).toEqual([expect.stringContaining("HERMES_KNOWLEDGE_BASE_ID")]);
  });

  it("does not ask for the function's name where nothing wakes it", () => {
    const { AWS_LAMBDA_FUNCTION_NAME: _, ...rest } = environment;
    expect(refusal(rest)).toContain("AWS_LAMBDA_FUNCTION_NAME");
    expect(parseConfig({ ...rest, HERMES_DISPATCH: "inline" }).dispatch).toBe("inline");
  });
});
