// What is found wrong with a deployment before it is made: no less than the function would refuse, and no more.

import { describe, expect, it } from "vitest";
import { checkDeployment, refusalOf } from "../../local/check-deployment.ts";
import { environment as complete } from "../front-door.ts";

const { AWS_LAMBDA_FUNCTION_NAME: _, ...GIVEN } = complete;

/** As serverless.yml resolves to: what only CloudFormation knows is an object. */
const RESOURCES = {
  HERMES_SESSIONS_TABLE: { Ref: "SessionsTable" },
  HERMES_SKILLS_S3_BUCKET: { Ref: "SkillsBucket" },
  HERMES_SCHEDULER_GROUP: { Ref: "ScheduleGroup" },
  HERMES_SCHEDULER_ROLE_ARN: { "Fn::GetAtt": ["SchedulerRole", "Arn"] },
};

const check = (variables: Readonly<Record<string, unknown>> = {}, homeConfig?: string) =>
  checkDeployment({
    environment: { ...GIVEN, ...RESOURCES, ...variables },
    ...(homeConfig === undefined ? {} : { homeConfig }),
  });

const FINE = { problems: [], warnings: [] };

describe("a deployment", () => {
  it("that the function would start with is let pass, without a home/config.yaml too", () => {
    expect(check()).toEqual(FINE);
    expect(check({}, "agent: {max_turns: 5}")).toEqual(FINE);
  });

  it("that would not start is told everything at once, by the names of .env", () => {
    const { problems } = check(
      {
        TELEGRAM_BOT_TOKEN: "nonsense",
        TELEGRAM_WEBHOOK_SECRET: "",
        TELEGRAM_ALLOWED_USERS: "@ada",
        HERMES_PROVIDER: "bogus",
        HERMES_TIMEZONE: "Nowhere",
      },
      "agent: {max_turns: lots}",
    );
    expect(problems).toEqual([
      "TELEGRAM_BOT_TOKEN: must be the token @BotFather gave you, digits:letters",
      "TELEGRAM_WEBHOOK_SECRET: missing; it must be 32 to 256 characters of A-Z a-z 0-9 _ -",
      "TELEGRAM_ALLOWED_USERS: must be ids separated by commas (numbers; a name such as @ada is none)",
      "HERMES_TIMEZONE: must be a time zone such as Europe/Berlin",
      "HERMES_PROVIDER: must be deepseek, bedrock or openai",
      'home/config.yaml: agent.max_turns: expected a whole number from 1 to 500, found "lots"',
    ]);
  });

  it.each(["openai", "bedrock"])("with the provider %s is asked for a model", (provider) => {
    const { problems } = check({ HERMES_PROVIDER: provider, OPENAI_API_KEY: "key" });
    expect(problems).toEqual([`HERMES_MODEL: missing; the provider ${provider} has no default model`]);
  });

  it("that would start, and do less than is expected, is told so", () => {
    const config = "agent: {max_turn: 5}\nstt: {enabled: true}\n";
    expect(check({ TELEGRAM_ALLOWED_USERS: "" }, config)).toEqual({
      problems: [],
      warnings: [
        "nobody may speak to this bot: set TELEGRAM_ALLOWED_USERS",
        "home/config.yaml: agent.max_turn is not known here and has no effect",
        "home/config.yaml: stt is not known here and has no effect",
      ],
    });
  });
});

describe("a value that is known only when the stack is made", () => {
  it.each([
    ["a reference of CloudFormation", { "Fn::ImportValue": "shared" }],
    ["a dynamic reference", "{{resolve:secretsmanager:hermes:SecretString:value}}"],
  ])("is taken for right: %s", (_name, later) => {
    const names = ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "DEEPSEEK_API_KEY", "HERMES_TIMEZONE"];
    expect(check(Object.fromEntries(names.map((name) => [name, later])))).toEqual(FINE);
    expect(check({ HERMES_PROVIDER: later, DEEPSEEK_API_KEY: "" })).toEqual(FINE);
    expect(check({ TELEGRAM_ALLOWED_USERS: later })).toEqual(FINE);
  });

  it("hides nothing that is wrong beside it", () => {
    const { problems } = check({ TELEGRAM_BOT_TOKEN: { Ref: "Token" }, HERMES_TIMEZONE: "Nowhere" });
    expect(problems).toEqual(["HERMES_TIMEZONE: must be a time zone such as Europe/Berlin"]);
  });

  it("of a variable that another one needs is there", () => {
    const knowledgeBase = { HERMES_KNOWLEDGE_BASE_ID: "ABCDEFGHIJ" };
    expect(check({ ...knowledgeBase, HERMES_KNOWLEDGE_BASE_DATA_SOURCE_ID: { Ref: "Source" } })).toEqual(
      FINE,
    );
  });
});

describe("what the operator reads", () => {
  it("has each problem in a line, where variables are set, and how a secret is passed instead", () => {
    const problems = ["TELEGRAM_BOT_TOKEN: missing", "HERMES_TIMEZONE: must be a time zone"];
    expect(refusalOf([...problems, "home/config.yaml: wrong"])).toBe(
      "The function would not work like this:\n" +
        "- TELEGRAM_BOT_TOKEN: missing\n- HERMES_TIMEZONE: must be a time zone\n- home/config.yaml: wrong\n" +
        'Put them into .env (see .env.example) or pass them: --param="telegramBotToken=…"',
    );
  });

  it("is not sent to .env for what is in a file, and reads none of its text when it is no YAML", () => {
    const { problems } = check({}, "agent:\n  max_turns: 5\n api_key: hunter\n");
    expect(refusalOf(problems)).toMatch(
      /^The function would not work like this:\n- home\/config\.yaml is not valid YAML: .+ \(3:\d+\)$/,
    );
    expect(refusalOf(["home/config.yaml: wrong"])).not.toContain(".env");
  });

  it("never has a value of a variable", () => {
    const secrets = { TELEGRAM_BOT_TOKEN: "hunter-token", TELEGRAM_WEBHOOK_SECRET: "hunter-secret" };
    const wrong = Object.fromEntries(
      ["TELEGRAM_API_ROOT", "HERMES_AGENTCORE_MEMORY_ID", "HERMES_KNOWLEDGE_BASE_ID", "OPENAI_BASE_URL"].map(
        (name) => [name, "hunter value"],
      ),
    );
    const { problems } = check({ ...secrets, ...wrong, HERMES_PROVIDER: "openai", OPENAI_API_KEY: "" });
    expect(problems.length).toBeGreaterThan(5);
    expect(refusalOf(problems)).not.toContain("hunter");
  });
});
