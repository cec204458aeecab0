import { describe, expect, it } from "vitest";
import {
  keepsIds,
  LOCAL_BOT_TOKEN,
  localEnvironment,
  localServices,
  realModel,
  replaceEnvironment,
  stateDirectory,
  whoAnswers,
} from "../../local/environment.ts";
import { parseConfig } from "../../src/config.ts";

const ENDPOINTS = {
  telegram: "http://127.0.0.1:1",
  dynamodb: "http://127.0.0.1:2",
  lambda: "http://127.0.0.1:3",
  model: "http://127.0.0.1:4",
  scheduler: "http://127.0.0.1:5",
};

const KEY = { DEEPSEEK_API_KEY: "sk-own" };

describe("the environment of a local run", () => {
  it("is a configuration that the function starts with", () => {
    const config = parseConfig(localEnvironment({}, ENDPOINTS, "/state"));
    expect(config).toMatchObject({
      dispatch: "inline",
      model: { provider: "deepseek", baseUrl: "http://127.0.0.1:4/v1" },
    });
    expect(localEnvironment({}, ENDPOINTS, "/state")).toMatchObject({
      HERMES_SCHEDULER_ROLE_ARN: "arn:aws:iam::000000000000:role/hermes-local-scheduler",
      HERMES_SCHEDULER_GROUP: "hermes",
      AWS_ENDPOINT_URL_SCHEDULER: "http://127.0.0.1:5",
    });
  });

  it("has no schedules where no stand-in keeps them", () => {
    const { scheduler: _, ...others } = ENDPOINTS;
    const env = localEnvironment({}, others, "/state");
    expect(Object.keys(env).filter((name) => name.includes("SCHEDULER"))).toEqual([]);
  });

  it("takes a real model's variables together with its key", () => {
    const own = { ...KEY, HERMES_MODEL: "deepseek-v4-pro", HERMES_FALLBACK_MODEL: "deepseek-flash" };
    expect(localEnvironment(own, ENDPOINTS, "/state")).toMatchObject(own);
  });

  it("sends a model without a key to the scripted one, under its own name", () => {
    const env = localEnvironment({ HERMES_PROVIDER: "openai", HERMES_MODEL: "gpt-x" }, ENDPOINTS, "/state");
    expect(env).toMatchObject({ DEEPSEEK_API_KEY: "scripted", DEEPSEEK_BASE_URL: "http://127.0.0.1:4/v1" });
    expect(env).not.toHaveProperty("HERMES_PROVIDER");
    expect(env).not.toHaveProperty("HERMES_MODEL");
  });

  it("takes nothing else, and leaves every AWS service on loopback", () => {
    const own = {
      ...KEY,
      TELEGRAM_BOT_TOKEN: "1:real",
      TELEGRAM_ALLOWED_USERS: "7",
      TELEGRAM_API_ROOT: "https://api.telegram.org",
      HERMES_SKILLS_S3_BUCKET: "real-bucket",
      HERMES_DISPATCH: "async",
      AWS_PROFILE: "work",
      AWS_ENDPOINT_URL_DYNAMODB: "https://dynamodb.eu-west-3.amazonaws.com",
    };
    const env = localEnvironment(own, ENDPOINTS, "/state");
    expect(env).toMatchObject({ TELEGRAM_BOT_TOKEN: LOCAL_BOT_TOKEN, TELEGRAM_ALLOWED_USERS: "42" });
    expect(env).not.toHaveProperty("HERMES_SKILLS_S3_BUCKET");
    expect(env).not.toHaveProperty("AWS_PROFILE");
    const urls = Object.entries(env).filter(([, value]) => value.includes("://"));
    expect(urls.filter(([, value]) => !value.startsWith("http://127.0.0.1:"))).toEqual([]);
  });

  it("replaces a process's own variables of the function and the SDKs, and no others", () => {
    const target = { PATH: "/bin", AWS_PROFILE: "work", TELEGRAM_PROXY: "x", HERMES_OLD: "x", LANG: "C" };
    replaceEnvironment(target, { AWS_REGION: "us-east-1" });
    expect(target).toEqual({ PATH: "/bin", LANG: "C", AWS_REGION: "us-east-1" });
  });
});

describe("the model of the person's own", () => {
  it.each([
    [{}, undefined],
    [{ DEEPSEEK_API_KEY: "" }, undefined],
    [KEY, "deepseek"],
    [{ ...KEY, DEEPSEEK_BASE_URL: "http://x/v1", HERMES_MODEL: "m" }, "deepseek m at http://x/v1"],
    [{ ...KEY, HERMES_PROVIDER: "openai" }, undefined],
    [{ HERMES_PROVIDER: "openai", OPENAI_API_KEY: "k" }, "openai"],
    // Bedrock is reached with an account, which a local run never touches.
    [{ ...KEY, HERMES_PROVIDER: "bedrock" }, undefined],
  ])("%o is %s", (own, described) => {
    expect(realModel(own)).toBe(described);
  });

  it("is never described with its key", () => {
    expect(realModel(KEY)).not.toContain("sk-own");
  });
});

describe("who answers", () => {
  it.each([
    [{}, "The scripted model answers (set DEEPSEEK_API_KEY for the real one)"],
    [
      { HERMES_PROVIDER: "openai", ...KEY },
      "The scripted model answers (set OPENAI_API_KEY for the real one)",
    ],
    [{ HERMES_PROVIDER: "bedrock", ...KEY }, "Local runs know no Bedrock: the scripted model answers"],
    [{ ...KEY, DEEPSEEK_BASE_URL: "http://x" }, "The model answers: deepseek at http://x, with your key"],
  ])("of %o is told", (own, words) => {
    expect(whoAnswers(own)).toBe(words);
  });

  it("cannot be a provider that nobody knows", () => {
    expect(() => whoAnswers({ HERMES_PROVIDER: "deepsek" })).toThrow(
      /^HERMES_PROVIDER: must be deepseek, bedrock or openai\. Local runs know no Bedrock\.$/,
    );
  });
});

describe("the services a local run has", () => {
  it.each([
    [undefined, []],
    ["", []],
    ["memory", ["memory"]],
    [" search, memory,", ["memory", "search"]],
  ])("for %j are %j", (names, services) => {
    expect([...localServices({ HERMES_LOCAL_SERVICES: names })].toSorted()).toEqual(services);
  });

  it("are none that it does not know", () => {
    expect(() => localServices({ HERMES_LOCAL_SERVICES: "memory, bogus,serch" })).toThrow(
      /^HERMES_LOCAL_SERVICES: "bogus", "serch" is none of memory, search\.$/,
    );
  });
});

describe("what a local run can be told", () => {
  it("is where its state stays", () => {
    expect(stateDirectory({}, "/project")).toBe("/project/.hermes");
    expect(stateDirectory({ HERMES_LOCAL_STATE: "/elsewhere" }, "/project")).toBe("/elsewhere");
  });

  it("is whether a recorded event keeps its ids", () => {
    expect(keepsIds({})).toBe(false);
    expect(keepsIds({ HERMES_LOCAL_KEEP_IDS: "1" })).toBe(true);
  });
});
