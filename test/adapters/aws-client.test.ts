// What counts as hung, whatever the service: an answer that never begins, and one that stops in the middle.

import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { GetCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it } from "vitest";
import { openTable } from "../../src/adapters/dynamodb/table.ts";
import { createSkillFiles } from "../../src/adapters/s3.ts";

const ATTEMPT_MS = 100;

const serving = async (answer: (response: ServerResponse) => void) => {
  let requests = 0;
  const server = createServer((request, response) => {
    requests += 1;
    request.resume();
    answer(response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
};

const beginning = (response: ServerResponse): void => {
  response.writeHead(200, { "content-length": "1000" });
  response.write("{");
};

it.each([
  ["never begins", () => undefined],
  ["stops in the middle of its body", beginning],
])("an answer that %s is asked for again, and then given up", async (_how, answer) => {
  await using service = await serving(answer);
  const place = { endpoint: service.endpoint, region: "local" };
  const table = openTable({ ...place, name: "t", attemptTimeoutMs: ATTEMPT_MS });
  const reading = table.documents.send(new GetCommand({ TableName: "t", Key: { PK: "a", SK: "b" } }));
  await expect(reading).rejects.toThrow();
  const files = createSkillFiles({ ...place, bucket: "b", prefix: "", timeoutMs: ATTEMPT_MS });
  await expect(files.list()).rejects.toMatchObject({ code: "unavailable" });
  expect(service.requests()).toBe(6);
});
