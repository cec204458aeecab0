// What `serverless package` makes: a zip with nothing of development in it, and the template of one small stack.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, inject, it } from "vitest";
import { type Resource, templateOf } from "../../local/artifact.ts";
import { onlyLoopback, openProject, SERVERLESS } from "./kit.ts";

const SECRETS = {
  telegramBotToken: "1:given",
  telegramWebhookSecret: "given-secret-0123456789abcdefghijklm",
  deepseekApiKey: "given",
};
const PARAMETERS = Object.entries(SECRETS).map(([name, value]) => `--param=${name}=${value}`);

describe.concurrent("packaging", () => {
  it("without secrets says which are missing and how to give them", async () => {
    const { status, output, left } = await openProject().run([...SERVERLESS, "package"]);
    expect({ status, left }).toEqual({ status: 1, left: [] });
    for (const name of ["TELEGRAM_BOT_TOKEN", "TELEGRAM_WEBHOOK_SECRET", "DEEPSEEK_API_KEY"])
      expect(output).toContain(`- ${name}: missing; `);
    expect(output).toContain(
      'Put them into .env (see .env.example) or pass them: --param="telegramBotToken=…" ' +
        '--param="telegramWebhookSecret=…" --param="deepseekApiKey=…"',
    );
  });

  it("asks only for the key of the provider that is used", async () => {
    const project = openProject({
      ".env": "HERMES_PROVIDER=openai\nHERMES_MODEL=one\nTELEGRAM_BOT_TOKEN=1:of-env",
    });
    const { status, output } = await project.run([...SERVERLESS, "package"]);
    expect(status).toBe(1);
    expect(output.match(/(?<=^- )\w+/gm)?.toSorted()).toEqual(["OPENAI_API_KEY", "TELEGRAM_WEBHOOK_SECRET"]);
  });

  it.each(["package", "deploy", "deploy function"])(
    "%s names all that the function would refuse, wherever it is set, before anything else",
    async (command) => {
      const { env, attempts } = onlyLoopback();
      const project = openProject({
        ".env": "TELEGRAM_BOT_TOKEN=hunter-token\nHERMES_TIMEZONE=Nowhere",
        "home/config.yaml": "agent: {max_turns: lots}",
      });
      const words = [...command.split(" "), ...(command === "deploy function" ? ["-f", "hermes"] : [])];
      const { status, output } = await project.run(
        [...SERVERLESS, ...words, "--param=telegramWebhookSecret=hunter", "--param=deepseekApiKey=given"],
        { env: { ...env, TELEGRAM_ALLOWED_USERS: "@ada" } },
      );
      expect(status).toBe(1);
      expect(output.match(/(?<=^- )[\w/.]+/gm)).toEqual([
        "TELEGRAM_BOT_TOKEN",
        "TELEGRAM_WEBHOOK_SECRET",
        "TELEGRAM_ALLOWED_USERS",
        "HERMES_TIMEZONE",
        "home/config.yaml",
      ]);
      expect(output).not.toContain("hunter");
      // A deploy of serverless looks for credentials while it begins; without any it asks the machine (EC2's own address).
      expect(attempts().replaceAll("connect 169.254.169.254\n", "")).toBe("");
    },
    60_000,
  );

  it("with parameters needs neither credentials nor network", async () => {
    const { env, attempts } = onlyLoopback();
    const project = openProject();
    const run = await project.run([...SERVERLESS, "package", ...PARAMETERS], {
      env: { ...env, AWS_PROFILE: "nobody" },
    });
    expect(run).toMatchObject({ status: 0, left: [] });
    expect(run.output).toContain("nobody may speak to this bot: set TELEGRAM_ALLOWED_USERS");
    expect(readdirSync(join(project.directory, ".serverless"))).toContain("hermes.zip");
    expect(attempts()).toBe("");
  });
});

describe("the zip", () => {
  const directory = inject("artifact");
  const files = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));

  it("holds the bundle and the home, and no other file", () => {
    const other = files.filter(
      (file) => !/^(home\/.+|src\/(handler\.js|package\.json|chunks\/[^/]+\.js))$/.test(file),
    );
    expect(other).toEqual([]);
    expect(files).toContain("src/handler.js");
    expect(files).toContain("home/config.yaml");
  });

  it("holds nothing of development", () => {
    const text = files.map((file) => readFileSync(join(directory, file), "utf8")).join("\n");
    for (const word of [
      "dynalite",
      "@vitest/", // "vitest" alone occurs in the manifests of the AWS SDK, which are part of it
      "fast-check",
      "scripted stand-in",
      "local-webhook-secret",
      "HERMES_LOCAL",
      "packaged-secret",
    ]) {
      expect(text.includes(word), word).toBe(false);
    }
  });
});

describe("the stack", () => {
  const { Resources } = templateOf(inject("artifact"));
  const ofType = (type: string): readonly Resource[] =>
    Object.values(Resources).filter((resource) => resource.Type === type);
  const arn = { "Fn::GetAtt": ["HermesLambdaFunction", "Arn"] };

  it("has one function, on arm64 and Node 24, with the time a turn may take", () => {
    expect(ofType("AWS::Lambda::Function")).toEqual([
      expect.objectContaining({
        Properties: expect.objectContaining({
          Architectures: ["arm64"],
          Runtime: "nodejs24.x",
          Timeout: 900,
          Handler: "src/handler.handler",
        }),
      }),
    ]);
  });

  it("has a Function URL that anybody may call: the pipeline asks for the secret", () => {
    expect(ofType("AWS::Lambda::Url")).toMatchObject([
      { Properties: { AuthType: "NONE", TargetFunctionArn: arn } },
    ]);
    const everybody = ofType("AWS::Lambda::Permission").filter(
      ({ Properties }) => Properties["Principal"] === "*",
    );
    // Since October 2025 a URL needs both, and the second only through the URL (facts/platform.md 2).
    expect(everybody.map(({ Properties }) => Properties)).toEqual([
      { FunctionName: arn, Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: "NONE" },
      { FunctionName: arn, Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true },
    ]);
  });

  it("keeps its table: on demand, with expiry and point-in-time recovery", () => {
    expect(ofType("AWS::DynamoDB::Table")).toMatchObject([
      {
        DeletionPolicy: "Retain",
        UpdateReplacePolicy: "Retain",
        Properties: {
          BillingMode: "PAY_PER_REQUEST",
          TimeToLiveSpecification: { AttributeName: "expiration", Enabled: true },
          PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
        },
      },
    ]);
  });

  it("keeps its skills in a private, versioned bucket", () => {
    expect(Resources["SkillsBucket"]).toMatchObject({
      Type: "AWS::S3::Bucket",
      DeletionPolicy: "Retain",
      Properties: {
        VersioningConfiguration: { Status: "Enabled" },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        LifecycleConfiguration: {
          Rules: [
            {
              Status: "Enabled",
              NoncurrentVersionExpiration: { NoncurrentDays: 90 },
              ExpiredObjectDeleteMarker: true,
              AbortIncompleteMultipartUpload: { DaysAfterInitiation: 7 },
            },
          ],
        },
      },
    });
  });

  it("has a schedule group, and a role with which the scheduler may call the function and nothing else", () => {
    expect(ofType("AWS::Scheduler::ScheduleGroup")).toHaveLength(1);
    const { Properties = {} } = Resources["SchedulerRole"] ?? {};
    expect(Properties["AssumeRolePolicyDocument"]).toMatchObject({
      Statement: [{ Principal: { Service: "scheduler.amazonaws.com" }, Action: "sts:AssumeRole" }],
    });
    expect(statementsOf(Properties)).toEqual([
      { Effect: "Allow", Action: "lambda:InvokeFunction", Resource: FUNCTION_BY_NAME },
    ]);
  });

  it("tries a failed event twice more, then tells the function through a topic", () => {
    expect(ofType("AWS::Lambda::EventInvokeConfig")).toMatchObject([
      {
        Properties: {
          MaximumRetryAttempts: 2,
          DestinationConfig: { OnFailure: { Destination: { Ref: "FailureTopic" } } },
        },
      },
    ]);
    expect(ofType("AWS::SNS::Subscription")).toMatchObject([
      { Properties: { TopicArn: { Ref: "FailureTopic" }, Protocol: "lambda", Endpoint: arn } },
    ]);
    expect(ofType("AWS::Lambda::Permission").map(({ Properties }) => Properties)).toContainEqual({
      FunctionName: arn,
      Action: "lambda:InvokeFunction",
      Principal: "sns.amazonaws.com",
      SourceArn: { Ref: "FailureTopic" },
    });
  });

  it("keeps its logs for a month", () => {
    expect(ofType("AWS::Logs::LogGroup")).toMatchObject([{ Properties: { RetentionInDays: 30 } }]);
  });

  it("names the resources of every permission, with the two exceptions that have none", () => {
    const { Properties = {} } = Resources["IamRoleLambdaExecution"] ?? {};
    const unnamed = statementsOf(Properties).filter(({ Resource }) => [Resource].flat().includes("*"));
    expect(unnamed.flatMap(({ Action }) => Action).sort()).toEqual([
      "bedrock-mantle:CallWithBearerToken",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ]);
    expect(JSON.stringify(statementsOf(Properties).map(({ Action }) => Action))).not.toContain("*");
    expect(statementsOf(Properties)).toContainEqual(
      expect.objectContaining({ Action: ["lambda:InvokeFunction"], Resource: FUNCTION_BY_NAME }),
    );
  });

  it("may use the Knowledge Base and the memory that are named, and where none is, none", () => {
    const { Properties = {} } = Resources["IamRoleLambdaExecution"] ?? {};
    const optional = statementsOf(Properties).filter(({ Sid }) =>
      ["SkillsSearch", "LongTermMemory"].includes(Sid ?? ""),
    );
    expect(optional.map(({ Resource }) => JSON.stringify(Resource))).toEqual([
      expect.stringContaining("knowledge-base/none"),
      expect.stringContaining("memory/none"),
    ]);
  });

  it("costs nothing while it sleeps: no provisioned capacity, no alarm, no key of its own", () => {
    const types = new Set(Object.values(Resources).map(({ Type }) => Type));
    expect([...types].sort()).toEqual([
      "AWS::DynamoDB::Table",
      "AWS::IAM::Role",
      "AWS::Lambda::EventInvokeConfig",
      "AWS::Lambda::Function",
      "AWS::Lambda::Permission",
      "AWS::Lambda::Url",
      "AWS::Lambda::Version",
      "AWS::Logs::LogGroup",
      "AWS::S3::Bucket",
      "AWS::S3::BucketPolicy",
      "AWS::SNS::Subscription",
      "AWS::SNS::Topic",
      "AWS::Scheduler::ScheduleGroup",
    ]);
  });
});

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

const statementsOf = (role: Readonly<Record<string, unknown>>): readonly Statement[] =>
  (role["Policies"] as readonly { PolicyDocument: { Statement: readonly Statement[] } }[]).flatMap(
    ({ PolicyDocument }) => PolicyDocument.Statement,
  );

/** By name: a reference to the function would be a cycle. */
const FUNCTION_BY_NAME = {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: CloudFormation's own placeholders
  "Fn::Sub": "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:hermes-dev-hermes",
};
