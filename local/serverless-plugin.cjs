// Serverless plugin: `invoke local` runs against the embedded stack, `package` and `deploy` refuse missing secrets, and
// each build has a folder of its own (runs side by side would empty each other's, and a crashed run's stale chunks
// would get into the zip).

const { rmSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");

require("./require-node.cjs");

module.exports = class LocalPlugin {
  constructor(serverless, options) {
    this.serverless = serverless;
    this.options = options;
    this.buildFolder = join(".esbuild", String(process.pid));
    serverless.service.custom.esbuild.outputWorkFolder = this.buildFolder;
    process.once("exit", () => rmSync(join(serverless.serviceDir, this.buildFolder), { recursive: true, force: true }));
    this.hooks = {
      initialize: () => this.initialize(),
      "before:invoke:local:loadEnvVars": () => this.startStack(),
      "before:invoke:local:invoke": () => this.stampEvent(),
      "after:invoke:local:invoke": () => this.stopStack(),
      "before:package:initialize": () => this.requireSecrets(),
    };
  }

  async initialize() {
    const command = this.serverless.processedInput.commands.join(" ");
    rmSync(join(this.serverless.serviceDir, this.buildFolder), { recursive: true, force: true });
    if (command !== "invoke local") return;
    // Before anything resolves them: references to resources need an account, and the person's own credentials and
    // profile must not even be looked at.
    const { replaceEnvironment } = await this.import("environment.ts");
    this.own = { ...process.env };
    replaceEnvironment(process.env, { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" });
    this.serverless.service.provider.environment = {};
  }

  async startStack() {
    const [{ startStack }, { replaceEnvironment }] = await Promise.all([
      this.import("stack.ts"),
      this.import("environment.ts"),
    ]);
    this.stack = await startStack({
      directory: join(this.serverless.serviceDir, ".hermes"),
      own: this.own,
      invoke: (event, requestId) => this.invoke(event, requestId),
      write: (line) => process.stderr.write(`${line}\n`),
    });
    replaceEnvironment(process.env, this.stack.env);
  }

  /** `--raw` keeps the recorded ids: the way to see that a duplicate is answered by silence. */
  async stampEvent() {
    const { stamped, updateOf } = await this.import("stamp.ts");
    const { options } = this.invokeLocalPlugin();
    if (!this.options.raw) options.data = stamped(options.data, Date.now());
    const update = updateOf(typeof options.data === "string" ? JSON.parse(options.data) : options.data);
    if (update === undefined) return;
    this.stack.telegram.observe(update);
    this.stack.narrator.person(update);
  }

  invokeLocalPlugin() {
    return this.serverless.pluginManager.plugins.find(
      (plugin) => plugin.constructor.name === "AwsInvokeLocal",
    );
  }

  /** A wake: the same function in the same process, as a warm environment would run it. */
  async invoke(event, awsRequestId) {
    const path = join(this.serverless.serviceDir, "src", "handler.js");
    const { handler } = await import(pathToFileURL(path).href);
    const deadline = Date.now() + 900_000;
    return handler(event, {
      awsRequestId,
      functionName: "hermes",
      getRemainingTimeInMillis: () => deadline - Date.now(),
    });
  }

  async stopStack() {
    await this.stack?.idle();
    await this.stack?.close();
  }

  requireSecrets() {
    const { environment } = this.serverless.service.provider;
    const provider = environment.HERMES_PROVIDER || "deepseek";
    const needed = {
      telegramBotToken: environment.TELEGRAM_BOT_TOKEN,
      telegramWebhookSecret: environment.TELEGRAM_WEBHOOK_SECRET,
      ...(provider === "deepseek" ? { deepseekApiKey: environment.DEEPSEEK_API_KEY } : {}),
      ...(provider === "openai" ? { openaiApiKey: environment.OPENAI_API_KEY } : {}),
    };
    const missing = Object.keys(needed).filter((name) => !needed[name]);
    if (missing.length === 0) return;
    throw new this.serverless.classes.Error(
      `Missing: ${missing.join(", ")}. Put them into .env (see .env.example) or pass them: ` +
        missing.map((name) => `--param="${name}=…"`).join(" "),
    );
  }

  import(file) {
    return import(pathToFileURL(join(__dirname, file)).href);
  }
};
