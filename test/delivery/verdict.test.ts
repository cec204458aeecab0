// The judge of the simulation finds what it is there to find.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, PutCommand } from "@aws-sdk/lib-dynamodb";
import { describe, expect, it } from "vitest";
import { createTable, startDynamoDb } from "../../local/dynamodb.ts";
import { LOCAL_TABLE } from "../../local/environment.ts";
import { createDice } from "./dice.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { makePeople, type Person } from "./people.ts";
import { judge } from "./verdict.ts";

const [ada] = makePeople(createDice("judge"), 1, 2) as readonly [Person];
const [first = "", second = ""] = ada.messages.map(({ mark }) => mark);
const EVERYTHING = [first, second];

const answered = (marks: readonly string[]) => marks.flatMap((mark) => [`${mark}:a`, `${mark}:z`]);

interface Story {
  /** Marks of the user rows, in their order. */
  readonly rows?: readonly string[];
  readonly shown?: readonly string[];
  readonly meta?: object;
  readonly items?: readonly { readonly PK?: string; readonly SK: string }[];
  readonly happened?: (ledger: Ledger) => void;
}

const verdictOn = async (story: Story) => {
  const { rows = EVERYTHING, shown = EVERYTHING, meta = {}, items = [], happened } = story;
  const dynamodb = await startDynamoDb();
  const client = new DynamoDBClient({
    endpoint: dynamodb.endpoint,
    region: "local",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  });
  const documents = DynamoDBDocumentClient.from(client);
  try {
    await createTable(dynamodb.endpoint, LOCAL_TABLE);
    const stored = [
      { SK: "META", sessionId: "s", seq: rows.length, ...meta },
      ...rows.map((mark, index) => ({
        SK: `MSG#s#${index + 1}`,
        sessionId: "s",
        seq: index + 1,
        message: { role: "user", content: `⟦${mark}⟧ hello` },
      })),
      ...items,
    ];
    for (const item of stored)
      await documents.send(
        new PutCommand({ TableName: LOCAL_TABLE, Item: { PK: `SESSION#${ada.session}`, ...item } }),
      );
    const ledger = createLedger();
    for (const mark of shown) ledger.sent(ada.session, answered([mark]));
    happened?.(ledger);
    return await judge(dynamodb.endpoint, [ada], ledger);
  } finally {
    client.destroy();
    await dynamodb.close();
  }
};

describe("the judge", () => {
  it("has nothing to say when each message is one row and one answer, in order", async () => {
    expect(await verdictOn({})).toEqual({ problems: [], stories: [], repeated: 0 });
  });

  it.each<[string, Story, RegExp]>([
    ["a message that is no row", { rows: [first] }, /user rows/],
    ["a message that is two rows", { rows: [first, first, second] }, /user rows/],
    ["messages out of order", { rows: [second, first] }, /user rows/],
    ["a row that no commit covers", { meta: { seq: 1 } }, /user rows/],
    ["an answer that did not come", { shown: [first] }, /answers begun/],
    ["answers out of order", { shown: [second, first] }, /answers begun/],
    ["an answer that came twice without a reason", { shown: [first, second, second] }, /sent 2 times/],
    [
      "an answer that came a third time",
      {
        shown: [first, second],
        happened(ledger) {
          ledger.broke(ada.session);
          ledger.sent(ada.session, answered([second]));
          ledger.sent(ada.session, answered([second]));
        },
      },
      /sent 3 times/,
    ],
    ["an entry that still waits", { items: [{ SK: "IN#0000000000000001" }] }, /still in the inbox/],
    ["a turn that was given up", { items: [{ PK: "FAILED", SK: `${ada.session}#1` }] }, /given up/],
    ["a lease that nobody gave back", { meta: { until: 1, by: "r/1" } }, /the lease was not given back by r/],
    ["an answer that is still to be sent", { meta: { out: {} } }, /META still has out/],
  ])("finds %s", async (_what, story, problem) => {
    const { problems, stories } = await verdictOn(story);
    expect(problems.join("\n")).toMatch(problem);
    expect(stories).toHaveLength(1);
  });

  it("lets a lease run out whose holder failed in its last try", async () => {
    const verdict = await verdictOn({
      meta: { until: 1, by: "r/1" },
      happened: (ledger) => ledger.failed("r"),
    });
    expect(verdict.problems).toEqual([]);
  });

  it("lets an answer come twice whose sender died before META knew of it", async () => {
    const verdict = await verdictOn({
      shown: [first, second],
      happened(ledger) {
        ledger.died(ada.session);
        ledger.sent(ada.session, answered([second]));
      },
    });
    expect(verdict).toEqual({ problems: [], stories: [], repeated: 2 });
  });
});
