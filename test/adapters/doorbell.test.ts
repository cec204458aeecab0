import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { type LambdaStandIn, startLambda } from "../../local/lambda.ts";
import { createDoorbell, openLambda } from "../../src/adapters/doorbell.ts";
import { parseEvent } from "../../src/parse-event.ts";
import type { SessionKey } from "../../src/turn.ts";

const SESSION = "agent:main:telegram:group:-1001234567890:7" as SessionKey;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

const bellAt = (endpoint: string, { functionName = "hermes", attemptTimeoutMs = 2_000 } = {}) => {
  const client = openLambda({ region: "local", endpoint, attemptTimeoutMs });
  open.push({ close: () => client.destroy() });
  return createDoorbell({ functionName, client });
};

/** A platform with one function, and what reached it. */
const platform = async (): Promise<{ lambda: LambdaStandIn; events: unknown[]; types: string[] }> => {
  const events: unknown[] = [];
  const types: string[] = [];
  const lambda = await startLambda({
    functions: ["hermes"],
    async invoke(_name, payload, type) {
      events.push(payload);
      types.push(type);
    },
  });
  open.push(lambda);
  return { lambda, events, types };
};

describe("the doorbell", () => {
  it("rings for a session with an asynchronous event that the function itself understands", async () => {
    const { lambda, events, types } = await platform();
    await bellAt(lambda.endpoint).wake(SESSION);
    await lambda.idle();
    expect(types).toEqual(["Event"]);
    expect(parseEvent(events[0], "request-1", 0)).toMatchObject({ kind: "wake", session: SESSION });
  });

  it("rings again when the platform throttles or breaks", async () => {
    const { lambda, events } = await platform();
    lambda.fail("throttle");
    lambda.fail("error");
    await bellAt(lambda.endpoint).wake(SESSION);
    await lambda.idle();
    expect(events).toHaveLength(1);
  });

  it("rings twice rather than not at all when the answer is lost", async () => {
    const { lambda, events } = await platform();
    lambda.fail("drop-after");
    await bellAt(lambda.endpoint).wake(SESSION);
    await lambda.idle();
    expect(events).toEqual([events[0], events[0]]);
  });

  it("fails in time when the platform does not answer, and says so when it goes on refusing", async () => {
    const { lambda, events } = await platform();
    const bell = bellAt(lambda.endpoint, { attemptTimeoutMs: 50 });
    lambda.fail("hang", 3);
    await expect(bell.wake(SESSION)).rejects.toMatchObject({ name: "TimeoutError" });
    lambda.fail("error", 3);
    await expect(bell.wake(SESSION)).rejects.toMatchObject({ name: "ServiceException" });
    expect(events).toEqual([]);
  });

  it("fails when there is no such function", async () => {
    const { lambda } = await platform();
    const bell = bellAt(lambda.endpoint, { functionName: "somebody-else" });
    await expect(bell.wake(SESSION)).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("takes nothing but 202 for an acceptance", async () => {
    const server = createServer((_request, response) => response.writeHead(200).end("{}"));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    open.push({ close: () => server.close() });
    const { port } = server.address() as AddressInfo;
    await expect(bellAt(`http://127.0.0.1:${port}`).wake(SESSION)).rejects.toMatchObject({
      code: "unavailable",
      message: "the wake was not accepted: status 200",
    });
  });
});
