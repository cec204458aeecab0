// A Bot API of one test: records every call and answers as scripted. Not the stand-in of local/, which keeps rules.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Log, LogFields } from "../../../src/log.ts";

export const TOKEN = "123456:AAHsecretsecretsecretsecretsecret00";

export interface Call {
  readonly method: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

export type Answer =
  | { readonly result: unknown }
  | { readonly code: number; readonly description: string; readonly parameters?: Record<string, unknown> }
  | { readonly raw: string | Uint8Array; readonly status: number; readonly type?: string }
  | "drop"
  | "hang";

export interface ScriptedBotApi {
  readonly apiRoot: string;
  readonly calls: Call[];
  close(): Promise<void>;
}

/** `answer` sees each call, in order; undefined = success with message 77 or `true`. */
export async function scriptedBotApi(
  answer: (call: Call, index: number) => Answer | undefined = () => undefined,
): Promise<ScriptedBotApi> {
  const calls: Call[] = [];
  const server = createServer(async (request, response) => {
    const call = await readCall(request);
    calls.push(call);
    reply(response, answer(call, calls.length - 1) ?? success(call));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    apiRoot: `http://127.0.0.1:${port}`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function readCall(request: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks).toString();
  const path = request.url ?? "";
  const method = path.startsWith(`/bot${TOKEN}/`) ? path.slice(`/bot${TOKEN}/`.length) : path;
  return { method, payload: body ? JSON.parse(body) : {} };
}

const success = ({ method }: Call): Answer => ({
  result: /^(send(Rich)?Message|editMessageReplyMarkup)$/.test(method) ? { message_id: 77 } : true,
});

function reply(response: ServerResponse, answer: Answer): void {
  if (answer === "hang") return;
  if (answer === "drop") {
    response.destroy();
    return;
  }
  if ("raw" in answer) {
    response.writeHead(answer.status, { "content-type": answer.type ?? "text/html" }).end(answer.raw);
    return;
  }
  const body =
    "result" in answer
      ? { ok: true, ...answer }
      : {
          ok: false,
          error_code: answer.code,
          description: answer.description,
          parameters: answer.parameters ?? {},
        };
  response.writeHead("code" in answer ? answer.code : 200, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

export interface RecordedLog extends Log {
  readonly lines: string[];
}

export function recordedLog(): RecordedLog {
  const lines: string[] = [];
  const record = (message: string, fields?: LogFields) =>
    void lines.push(`${message} ${JSON.stringify(fields ?? {})}`);
  return { lines, debug: record, info: record, warn: record, error: record };
}
