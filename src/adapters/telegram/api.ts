// grammY's Api, loaded on first use: a webhook that only stores an update never needs it. Used by client.ts and webhook-admin.ts.

import type { Api } from "grammy/web";

export interface Endpoint {
  readonly token: string;
  /** `https://api.telegram.org`, or a Bot API server of one's own. */
  readonly apiRoot: string;
}

export type { Api };

/** grammY's build for the web: the same Api on Node's own fetch, a tenth of the size of its build for Node. */
export function lazyApi({ token, apiRoot }: Endpoint): () => Promise<Api> {
  let loaded: Promise<Api> | undefined;
  return () => {
    loaded ??= import("grammy/web").then(
      (grammy) =>
        new grammy.Api(token, { apiRoot: apiRoot.replace(/\/+$/, ""), fetch: fetchAnswer as never }),
    );
    return loaded;
  };
}

/**
 * A gateway in front of the Bot API answers in HTML. grammY would report that as a broken body and lose the status,
 * which alone says whether anything was delivered: it is put into the Bot API's own form.
 */
async function fetchAnswer(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.ok || /json/i.test(response.headers.get("content-type") ?? "")) return response;
  await response.body?.cancel();
  const retryAfter = Number(response.headers.get("retry-after")) || undefined;
  return Response.json({
    ok: false,
    error_code: response.status,
    description: `${response.statusText || "no reason given"} (not the Bot API's own answer)`,
    ...(retryAfter ? { parameters: { retry_after: retryAfter } } : {}),
  });
}
