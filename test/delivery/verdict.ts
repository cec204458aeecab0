// What the simulation came to, read from the table and the chats after everything has come to rest: one line for each
// way in which a message was lost, doubled or put out of order, or something was left behind.

import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient, paginateScan } from "@aws-sdk/lib-dynamodb";
import { LOCAL_TABLE } from "../../local/environment.ts";
import type { Ledger } from "./ledger.ts";
import { marksIn, type Person } from "./people.ts";

interface Stored {
  readonly PK: string;
  readonly SK: string;
  readonly seq?: number;
  readonly sessionId?: string;
  readonly message?: { readonly role?: string; readonly content?: unknown };
  readonly [name: string]: unknown;
}

export interface Verdict {
  readonly problems: readonly string[];
  /** What happened to each person with a problem. */
  readonly stories: readonly string[];
  /** Answers that came once too often, each in the one window where they may. */
  readonly repeated: number;
}

export const judge = async (
  endpoint: string,
  people: readonly Person[],
  ledger: Ledger,
): Promise<Verdict> => {
  const bySession = Map.groupBy(await everything(endpoint), ({ PK }) => PK.replace("SESSION#", ""));
  const verdicts = people.map((person) => {
    const items = bySession.get(person.session) ?? [];
    return {
      ...person,
      rows: [
        ...rowProblems(person, items),
        ...leftovers(person, items, bySession.get("FAILED") ?? []),
        ...heldFor(person, items, ledger),
      ],
      ...answerProblems(person, ledger),
    };
  });
  const wrong = verdicts.filter(({ rows, answers }) => rows.length + answers.length > 0);
  return {
    problems: wrong.flatMap(({ rows, answers }) => [...rows, ...answers]),
    stories: wrong.map(({ name, session }) => `${name}: ${ledger.story(session).join("; ")}`),
    repeated: verdicts.reduce((sum, { repeated }) => sum + repeated, 0),
  };
};

/** Every item of the table. */
export const everything = async (endpoint: string): Promise<readonly Stored[]> => {
  const credentials = { accessKeyId: "local", secretAccessKey: "local" };
  const connection = new DynamoDBClient({ endpoint, region: "local", credentials });
  const client = DynamoDBDocumentClient.from(connection);
  const items: Stored[] = [];
  try {
    const pages = paginateScan({ client }, { TableName: LOCAL_TABLE, ConsistentRead: true });
    for await (const { Items = [] } of pages) items.push(...(Items as Stored[]));
  } finally {
    connection.destroy();
  }
  return items;
};

/** Each message is one user row, and they are in the order in which they were said. */
const rowProblems = ({ name, messages }: Person, items: readonly Stored[]): readonly string[] => {
  const meta = items.find(({ SK }) => SK === "META");
  const marks = items
    .filter(
      ({ SK, seq = 0, sessionId }) =>
        SK.startsWith("MSG#") && sessionId === meta?.sessionId && seq <= Number(meta?.["seq"]),
    )
    .toSorted((a, b) => (a.SK < b.SK ? -1 : 1))
    .flatMap(({ message }) => (message?.role === "user" ? marksIn(String(message.content)) : []));
  return compared(
    `${name}: user rows`,
    messages.map(({ mark }) => mark),
    marks,
  );
};

const leftovers = (
  { name, session }: Person,
  items: readonly Stored[],
  given: readonly Stored[],
): readonly string[] => {
  const meta = items.find(({ SK }) => SK === "META") ?? {};
  const waiting = items.filter(({ SK }) => SK.startsWith("IN#")).map(({ SK }) => SK);
  const failed = given.filter(({ SK }) => SK.startsWith(`${session}#`)).map(({ SK }) => SK);
  return [
    ...(waiting.length === 0 ? [] : [`${name}: still in the inbox: ${waiting.join(", ")}`]),
    ...(failed.length === 0 ? [] : [`${name}: given up: ${failed.join(", ")}`]),
    ...["turn", "out"].filter((field) => field in meta).map((field) => `${name}: META still has ${field}`),
  ];
};

/** Who fails leaves the lease to run out (middleware/lease.ts); whoever ends well has given it back. */
const heldFor = ({ name }: Person, items: readonly Stored[], { failures }: Ledger): readonly string[] => {
  const meta = items.find(({ SK }) => SK === "META");
  const by = String(meta?.["by"]);
  const isLeft = meta?.["until"] === undefined || failures.has(by.split("/")[0] ?? "");
  return isLeft ? [] : [`${name}: the lease was not given back by ${by}`];
};

/** Each message is answered once, or twice where that may be, in the order of the messages. */
const answerProblems = (
  { name, session, messages }: Person,
  { shown, doubtful }: Ledger,
): { readonly answers: readonly string[]; readonly repeated: number } => {
  const ofPerson = shown.filter((one) => one.session === session).map(({ mark }) => mark);
  const times = (mark: string) => ofPerson.filter((one) => one === mark).length;
  const once = [...new Set(ofPerson)];
  const tooOften = once.filter((mark) => times(mark) > (doubtful.has(mark) ? 2 : 1));
  const ends = (end: string) => [
    messages.map(({ mark }) => `${mark}:${end}`),
    once.filter((mark) => mark.endsWith(`:${end}`)),
  ];
  const [begun = [], begins = []] = ends("a");
  const [ended = [], endings = []] = ends("z");
  return {
    answers: [
      ...tooOften.map((mark) => `${name}: ${mark} was sent ${times(mark)} times`),
      ...compared(`${name}: answers begun`, begun, begins),
      ...compared(`${name}: answers ended`, ended, endings),
    ],
    repeated: once.filter((mark) => times(mark) === 2 && doubtful.has(mark)).length,
  };
};

const compared = (what: string, expected: readonly string[], found: readonly string[]): readonly string[] =>
  expected.join() === found.join()
    ? []
    : [`${what}: expected ${expected.join(" ") || "none"}, found ${found.join(" ") || "none"}`];
