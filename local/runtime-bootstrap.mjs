// Runs a handler as Lambda's managed runtime does: asks the Runtime API for the next event, calls the handler, posts
// what it returned or threw. Started by runtime-api.ts in a process of its own; argv: the module, the export.

const [, , modulePath, exportName] = process.argv;
const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime`;

const post = (path, body) => fetch(`${api}/${path}`, { method: "POST", body: JSON.stringify(body ?? null) });

const describe = (error) => ({
  errorType: error?.name ?? "Error",
  errorMessage: error?.message ?? String(error),
  trace: String(error?.stack ?? "").split("\n"),
});

const load = async () => {
  try {
    return (await import(modulePath))[exportName];
  } catch (error) {
    await post("init/error", describe(error));
    process.exit(1);
  }
};

const contextOf = (headers) => {
  const deadlineMs = Number(headers.get("lambda-runtime-deadline-ms"));
  process.env._X_AMZN_TRACE_ID = headers.get("lambda-runtime-trace-id") ?? "";
  return {
    awsRequestId: headers.get("lambda-runtime-aws-request-id"),
    invokedFunctionArn: headers.get("lambda-runtime-invoked-function-arn"),
    functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
    functionVersion: "$LATEST",
    memoryLimitInMB: process.env.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
    logGroupName: "/aws/lambda/hermes",
    logStreamName: "local",
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(0, deadlineMs - Date.now()),
  };
};

const handler = await load();
for (;;) {
  const next = await fetch(`${api}/invocation/next`);
  const context = contextOf(next.headers);
  const event = await next.json();
  try {
    await post(`invocation/${context.awsRequestId}/response`, await handler(event, context));
  } catch (error) {
    await post(`invocation/${context.awsRequestId}/error`, describe(error));
  }
}
