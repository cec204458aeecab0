import { afterEach, describe, expect, it } from "vitest";
import { webhookCommand } from "../../../ops/webhook.ts";
import { type Answer, type Call, type ScriptedBotApi, scriptedBotApi, TOKEN } from "./bot-api-script.ts";

const open: ScriptedBotApi[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((api) => api.close()));
});

const SECRET = "s".repeat(40);
const URL = "https://abc.lambda-url.eu-central-1.on.aws/";

async function run(
  args: readonly string[],
  env: Record<string, string> = {},
  script?: (call: Call) => Answer,
) {
  const api = await scriptedBotApi(script ?? registered);
  open.push(api);
  const printed: string[] = [];
  const code = await webhookCommand(
    args,
    { TELEGRAM_BOT_TOKEN: TOKEN, TELEGRAM_WEBHOOK_SECRET: SECRET, TELEGRAM_API_ROOT: api.apiRoot, ...env },
    (text) => printed.push(text),
  );
  return { code, text: printed.join(""), calls: api.calls };
}

const registered = ({ method }: Call): Answer => {
  if (method === "getMe") return { result: { id: 1, is_bot: true, first_name: "H", username: "hermes_bot" } };
  if (method === "getWebhookInfo") {
    return {
      result: {
        url: URL,
        has_custom_certificate: false,
        pending_update_count: 3,
        allowed_updates: ["message"],
        last_error_date: 1_790_000_000,
        last_error_message: "Wrong response from the webhook: 503",
      },
    };
  }
  return { result: true };
};

describe("npm run webhook", () => {
  it("registers address, secret, kinds of updates and command menu, and keeps what is waiting", async () => {
    const { code, calls, text } = await run(["register", URL]);
    expect(code).toBe(0);
    expect(calls[0]).toEqual({
      method: "setWebhook",
      payload: {
        url: URL,
        secret_token: SECRET,
        allowed_updates: ["message", "callback_query", "stopped_message_generation"],
        drop_pending_updates: false,
      },
    });
    expect(calls[1]?.method).toBe("setMyCommands");
    expect(calls[1]?.payload["commands"]).toContainEqual({
      command: "stop",
      description: expect.any(String),
    });
    expect(text).toContain("@hermes_bot");
    expect(text).not.toContain(SECRET);
  });

  it("shows where updates go, how many wait and what went wrong last", async () => {
    const { code, text } = await run(["status"]);
    expect(code).toBe(0);
    expect(text).toContain(URL);
    expect(text).toMatch(/waiting +3/);
    expect(text).toMatch(/2026-09-\d\dT.*503/);
  });

  it("removes the webhook and keeps what is waiting", async () => {
    const { code, calls } = await run(["remove"]);
    expect(code).toBe(0);
    expect(calls).toEqual([{ method: "deleteWebhook", payload: { drop_pending_updates: false } }]);
  });

  it.each([
    [[], {}, /Usage/],
    [["register"], {}, /serverless info/],
    [["register", "http://example.com"], {}, /not an https address/],
    [["register", URL], { TELEGRAM_WEBHOOK_SECRET: "short" }, /randomBytes/],
    [["status"], { TELEGRAM_BOT_TOKEN: "" }, /BotFather/],
  ])("%j with %j says what is missing and calls nobody", async (args, env, expected) => {
    const { code, text, calls } = await run(args, env);
    expect(code).toBe(2);
    expect(text).toMatch(expected);
    expect(calls).toHaveLength(0);
  });

  it("says what to do when the token is wrong, without showing it", async () => {
    const { code, text } = await run(["status"], {}, () => ({ code: 401, description: "Unauthorized" }));
    expect(code).toBe(1);
    expect(text).toMatch(/BotFather/);
    expect(text).not.toContain(TOKEN);
  });

  it("does not blame the address for a menu that Telegram refuses: the webhook is set", async () => {
    const refusing = (answer: Answer) => (call: Call) =>
      call.method === "setMyCommands" ? answer : registered(call);
    const description = "Bad Request: strings must be encoded in UTF-8";
    const refused = await run(["register", URL], {}, refusing({ code: 400, description }));
    expect(refused.code).toBe(1);
    expect(refused.text).toContain(description);
    expect(refused.text).toMatch(/The webhook is set, .*menu is as it was\.\n.*descriptions of the skills/);
    expect(refused.text).not.toMatch(/address/);
    const late = await run(["register", URL], {}, refusing("drop"));
    expect(late.text).toMatch(/The webhook is set, .*\n.*repeating it is harmless/);
    const address = await run(["register", URL], {}, () => ({
      code: 400,
      description: "Bad Request: bad port",
    }));
    expect(address.text).toMatch(/does not accept this address/);
  });

  it("says what to do when Telegram does not answer", async () => {
    const { code, text } = await run(["remove"], {}, () => "drop");
    expect(code).toBe(1);
    expect(text).toMatch(/repeating it is harmless/);
  });
});
