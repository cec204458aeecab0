// Step, used first so that it runs last: an error becomes a log line and, for HTTP, a status. For an asynchronous event it
// stays an error, so that Lambda tries again: http-error-handler alone would turn it into a success (facts/toolchain.md).

import httpErrorHandler from "@middy/http-error-handler";
import { asError, type ErrorCode, HermesError } from "../src/errors.ts";
import type { Log } from "../src/log.ts";
import type { Step } from "./step.ts";
import { isHttpEvent } from "./verify-secret.ts";

const STATUS: Partial<Record<ErrorCode, number>> = {
  unauthorized: 401,
  malformed: 400,
  method: 405,
  too_large: 413,
  unavailable: 503,
  busy: 503,
};

/** Telegram asks again after exactly that many seconds (facts/platform.md 1) instead of backing off. */
const RETRY_AFTER_S = "1";

/** What http-error-handler reads: `expose` decides whether the message goes out. */
interface HttpError {
  readonly statusCode: number;
  readonly message: string;
  readonly expose: true;
  readonly headers?: Readonly<Record<string, string>>;
}

export const answerErrors = (log: Log): Step => {
  const toResponse = httpErrorHandler({ logger: false });
  return {
    onError: function answerErrorsOnError(request) {
      const error = asError(request.error);
      const { status, message } = httpStatusOf(error);
      if (status !== undefined && status < 500) log.warn("request refused", { status, error });
      else log.error("the invocation failed", { error });
      if (!isHttpEvent(request.event)) return;
      if (status !== undefined) request.error = httpError(status, message);
      toResponse.onError?.(request);
    },
  };
};

/** Middy's own steps put a 4xx on the error; ours say it by their code. Anything else is a 500 without words. */
const httpStatusOf = (error: Error): { readonly status: number | undefined; readonly message: string } => {
  const { message } = error;
  if (error instanceof HermesError) {
    const status = STATUS[error.code];
    return { status, message: status === 401 ? "" : message };
  }
  const { statusCode } = error as { statusCode?: unknown };
  const isRefusal = typeof statusCode === "number" && statusCode >= 400 && statusCode < 500;
  return { status: isRefusal ? statusCode : undefined, message };
};

const httpError = (statusCode: number, message: string): Error =>
  Object.assign(new Error(message), {
    statusCode,
    expose: true,
    ...(statusCode === 503 ? { headers: { "Retry-After": RETRY_AFTER_S } } : {}),
  } satisfies Omit<HttpError, "message">);
