import { describe, expect, it } from "vitest";
import { createTable, startDynamoDb } from "../../local/dynamodb.ts";
import { createEngine } from "./engine.ts";
import { run } from "./run.ts";
import { SESSION, seed } from "./seed.ts";
import type { TableRequest } from "./store.ts";

/** Every request to the table of one run, in which much goes wrong. */
const requestsOfARun = async (): Promise<readonly TableRequest[]> => {
  const requests: TableRequest[] = [];
  const rewrite = (request: TableRequest) => {
    requests.push(request);
    return request;
  };
  let step = 0;
  await run(
    { name: "recorded", updates: ["m1 [tools]", "m2"], mutant: { name: "none", rewrite } },
    (choices) => {
      step += 1;
      return (step % 13 === 0 ? choices.others[step % 7] : undefined) ?? choices.ordinary;
    },
  );
  return requests;
};

const overHttp = async (endpoint: string, operation: string, json: string) => {
  const response = await fetch(endpoint, {
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260921T000000Z",
      authorization: "AWS4-HMAC-SHA256 Credential=local/local, SignedHeaders=host, Signature=0",
    },
    body: json,
  });
  return { status: response.status, body: JSON.parse(await response.text()) as unknown };
};

describe("the table of the simulation", () => {
  it("answers every request of a run as dynalite does behind its socket", async () => {
    const requests = await requestsOfARun();
    const refused = new Set<string>();
    const engine = createEngine();
    seed(engine, 1_790_000_000_000);
    const dynalite = await startDynamoDb();
    try {
      await createTable(dynalite.endpoint, "hermes");
      for (const Item of engine.all())
        await overHttp(dynalite.endpoint, "PutItem", JSON.stringify({ TableName: "hermes", Item }));
      for (const { operation, body } of requests) {
        const json = JSON.stringify(body);
        const ours = engine.execute(operation, json);
        const theirs = await overHttp(dynalite.endpoint, operation, json);
        expect({ status: ours.status, body: JSON.parse(ours.body) as unknown }, json).toEqual(theirs);
        if (ours.status !== 200) refused.add(operation);
      }
      expect(requests.length).toBeGreaterThan(40);
      expect(refused).toContain("UpdateItem");
      expect(engine.read(`SESSION#${SESSION}`, "META")).toBeDefined();
    } finally {
      await dynalite.close();
    }
  });
});
