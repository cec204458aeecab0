// One HTTP request to the Bot API → the parameters of the call, from the query, JSON or a form; and a webhook's answer
// read the same way. @grammyjs/types api.d.ts, facts/platform.md 1 "Reply inside the webhook response".

import type { IncomingMessage } from "node:http";
import { readBody } from "../http.ts";
import { badRequest, isObject, type Payload } from "./fields.ts";

export async function readPayload(request: IncomingMessage, url: URL): Promise<Payload> {
  const body = await readBody(request);
  const query = Object.fromEntries(url.searchParams);
  return { ...query, ...(await parseBody(body, request.headers["content-type"] ?? "")) };
}

export async function parseBody(body: Uint8Array, contentType: string): Promise<Payload> {
  if (body.length === 0) return {};
  if (/^application\/json\b/i.test(contentType)) return parseJson(new TextDecoder().decode(body));
  if (/^(multipart\/form-data|application\/x-www-form-urlencoded)\b/i.test(contentType)) {
    const form = await new Response(new Uint8Array(body), {
      headers: { "content-type": contentType },
    }).formData();
    return Object.fromEntries(
      [...form].map(([name, value]) => [
        name,
        typeof value === "string" ? value : { name: value.name, size: value.size },
      ]),
    );
  }
  return {};
}

function parseJson(text: string): Payload {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest("can't parse request: JSON object expected");
  }
  if (!isObject(value)) throw badRequest("can't parse request: JSON object expected");
  return value;
}
