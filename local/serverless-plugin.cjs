// Serverless plugin: `invoke local` runs against the embedded stack, `package` and `deploy` refuse what the
// function would refuse, and each build has a folder of its own (runs side by side would empty each other's, and a crashed
// run's stale chunks would get into the zip).

const { existsSync, readFileSync, rmSync } = require("node:fs");
const { join, relative } = require("node:path");
const { pathToFileURL } = require("node:url");

const { ready } = require("./require-node.cjs");

const invoked = require("./invoked.cjs");

/** As in serverless.yml. */
const TIMEOUT_MS = 900_000;

/** What still holds the process after the end of a run (a connection that is kept alive) does not hold the person. */
const LINGER_MS = 1_000;

module.exports = class LocalPlugin {
  constructor(serverless, options, { log }) {
    this.serverless = serverless;
    this.options = options;
    this.log = log;
    this.buildFolder = join(".esbuild", String(process.pid));
    serverless.service.custom.esbuild.outputWorkFolder = this.buildFolder;
    const workDirectory = join(serverless.serviceDir, this.buildFolder);
    process.once("exit", () => rmSync(workDirectory, { recursive: true, force: true }));
    this.hooks = {
      initialize: () => this.initialize(),
      "before:invoke:local:loadEnvVars": () => this.startStack(),
      "before:invoke:local:invoke": () => this.prepareEvent(),
      "after:invoke:local:invoke": () => this.stopStack(),
      "before:package:initialize": () => this.checkDeployment(),
      "before:deploy:function:initialize": () => this.checkDeployment(),
      error: () => this.stopStack(),
    };
  }

  async initialize() {
    if (this.serverless.processedInput.commands.join(" ") !== "invoke local") return;
    for (const [signal, status] of [
      ["SIGINT", 130],
      ["SIGTERM", 143],
    ]) {
      process.once(signal, () => process.exit(status));
    }
    // Before anything resolves them: references to resources need an account, and the person's own credentials and
    // profile must not even be looked at.
    const { replaceEnvironment } = await this.import("environment.ts");
    this.own = { ...process.env };
    replaceEnvironment(process.env, {
      AWS_ACCESS_KEY_ID: "local",
      AWS_SECRET_ACCESS_KEY: "local",
      AWS_EC2_METADATA_DISABLED: "true",
    });
    this.serverless.service.provider.environment = {};
  }

  async startStack() {
    const [{ startStack, LocalRunError }, { replaceEnvironment }] = await Promise.all([
      this.import("stack.ts"),
      this.import("environment.ts"),
    ]);
    try {
      this.stack = await startStack({
        projectDirectory: this.serverless.serviceDir,
        own: this.own,
        invoke: (event, awsRequestId) => this.invoke(event, contextOf(awsRequestId)),
        write: (lines) => process.stderr.write(`${lines}\n`),
        colours: Boolean(process.stderr.isTTY),
      });
    } catch (error) {
      throw error instanceof LocalRunError ? new this.serverless.classes.Error(error.message) : error;
    }
    replaceEnvironment(process.env, this.stack.env);
  }

  async prepareEvent() {
    const [{ stamped }, { keepsIds }] = await Promise.all([
      this.import("stamp.ts"),
      this.import("environment.ts"),
    ]);
    const { options } = this.serverless.pluginManager.plugins.find(
      (plugin) => plugin.constructor.name === "AwsInvokeLocal",
    );
    if (!keepsIds(this.own)) {
      const messageId = (chatId) => this.stack.nextMessageId(chatId);
      options.data = stamped(options.data, { nowMs: Date.now(), messageId });
    }
    // The build is done: from here serverless only loads the handler, by its path from the build folder.
    options.functionObj.handler = `${relative(this.serverless.serviceDir, join(__dirname, "invoked"))}.handler`;
    invoked.use((event, context) => this.run(event, context));
  }

  /** The event and all that comes of it, so that the answer is printed last. */
  async run(event, context) {
    this.stack.arrive(event);
    try {
      const answer = await this.invoke(event, context);
      // A refusal is an answer; only what the function itself could not do is a failed run.
      if (answer?.statusCode >= 500) process.exitCode = 1;
      return answer;
    } finally {
      await this.stack.idle();
      this.stack.narrator.end();
    }
  }

  /** In this process, wakes too, as in a warm environment. */
  async invoke(event, context) {
    const path = join(this.serverless.serviceDir, "src", "handler.js");
    const { handler } = await import(pathToFileURL(path).href);
    return handler(event, context);
  }

  async stopStack() {
    if (this.stack === undefined) return;
    const { stack } = this;
    this.stack = undefined;
    if (stack.failures() > 0) process.exitCode = 1;
    await stack.close();
    setTimeout(() => process.exit(), LINGER_MS).unref();
  }

  /** Before anything is built: what the function would refuse at its start, or would only say in its log. */
  async checkDeployment() {
    const { checkDeployment, refusalOf } = await this.import("check-deployment.ts");
    const { provider, functions } = this.serverless.service;
    const homeConfig = join(this.serverless.serviceDir, "home", "config.yaml");
    const { problems, warnings } = checkDeployment({
      environment: { ...provider.environment, ...functions.hermes.environment },
      ...(existsSync(homeConfig) ? { homeConfig: readFileSync(homeConfig, "utf8") } : {}),
    });
    for (const warning of warnings) this.log.warning(warning);
    if (problems.length > 0) throw new this.serverless.classes.Error(refusalOf(problems));
  }

  async import(file) {
    await ready;
    return import(pathToFileURL(join(__dirname, file)).href);
  }
};

const contextOf = (awsRequestId) => {
  const deadline = Date.now() + TIMEOUT_MS;
  return {
    awsRequestId,
    functionName: "hermes",
    invokedFunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:hermes",
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
};
