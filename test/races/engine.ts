// Dynalite's engine over a map: wire JSON in, wire JSON out, at once and without sockets. Its parsers, conditions and
// updates are the real ones; only the store below them is ours. What it once did with a request in a state of the table it
// does again without working it out: thousands of runs differ in a few steps. Called by store.ts.

import { createRequire } from "node:module";
import { Stream } from "node:stream";

export type WireItem = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface Executed {
  readonly status: number;
  /** Wire JSON. */
  readonly body: string;
}

type Write = readonly [key: string, json: string | undefined];

interface Remembered extends Executed {
  readonly writes: readonly Write[];
}

/** By operation, request and state of the table. */
const remembered = new Map<string, Remembered>();
const MOST_REMEMBERED = 20_000;

export interface Engine {
  execute(operation: string, json: string): Executed;
  /** The item as stored, wire JSON; undefined when there is none. */
  read(pk: string, sk: string): WireItem | undefined;
  /** Every item, in no order. */
  all(): readonly WireItem[];
  /** The same for the same content, whatever way led to it. */
  digest(): string;
}

type Callback = (error: unknown, data?: unknown) => void;
type Action = (store: object, data: object, done: Callback) => void;
interface Rules {
  readonly types: object;
  readonly custom?: object;
}
interface Validations {
  checkTypes(data: object, types: object): object;
  checkValidations(data: object, types: object, custom: object | undefined, store: object): void;
}

const require = createRequire(import.meta.url);
const validations = require("dynalite/validations") as Validations;
const { createKey: keyOf } = require("dynalite/db") as { createKey(key: WireItem, table: object): string };

const OPERATIONS = new Map(
  ["getItem", "putItem", "updateItem", "deleteItem", "query"].map((name) => [
    `${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    {
      action: require(`dynalite/actions/${name}`) as Action,
      rules: require(`dynalite/validations/${name}`) as Rules,
    },
  ]),
);

const TABLE = {
  TableName: "hermes",
  TableStatus: "ACTIVE",
  AttributeDefinitions: ["PK", "SK"].map((name) => ({ AttributeName: name, AttributeType: "S" })),
  KeySchema: [
    { AttributeName: "PK", KeyType: "HASH" },
    { AttributeName: "SK", KeyType: "RANGE" },
  ],
};

const keys = new Map<string, string>();

/** As dynalite spells it; it takes a digest each time. */
const storedKey = (pk: string, sk: string): string => {
  const name = `${pk} ${sk}`;
  const key = keys.get(name) ?? keyOf({ PK: { S: pk }, SK: { S: sk } }, TABLE);
  keys.set(name, key);
  return key;
};

const NOT_FOUND = Object.assign(new Error("not found"), { name: "NotFoundError" });

interface Range {
  readonly gte?: string;
  readonly gt?: string;
  readonly lte?: string;
  readonly lt?: string;
  readonly reverse?: boolean;
}

const isIn = (key: string, { gte, gt, lte, lt }: Range): boolean =>
  (gte === undefined || key >= gte) &&
  (gt === undefined || key > gt) &&
  (lte === undefined || key <= lte) &&
  (lt === undefined || key < lt);

/** What dynalite's actions need of a LevelDB, answered in the same call. */
const createItems = () => {
  const items = new Map<string, string>();
  const flushes: (() => void)[] = [];
  let low = 0;
  let high = 0;
  const mark = (key: string, json: string | undefined) => {
    if (json === undefined) return;
    const hash = hashOf(key + json);
    low ^= hash;
    high ^= hash / 0x1_0000_0000;
  };
  const writes: Write[] = [];
  const set = (key: string, json: string | undefined) => {
    writes.push([key, json]);
    mark(key, items.get(key));
    mark(key, json);
    if (json === undefined) items.delete(key);
    else items.set(key, json);
  };
  const itemDb = {
    lock: (_key: string, work: (release: (done: Callback) => Callback) => void) => work((done) => done),
    get(key: string, done: Callback) {
      const json = items.get(key);
      if (json === undefined) done(NOT_FOUND);
      else done(null, JSON.parse(json));
    },
    put(key: string, item: object, done: Callback) {
      set(key, JSON.stringify(item));
      done(null);
    },
    del(key: string, done: Callback) {
      set(key, undefined);
      done(null);
    },
    createValueStream(range: Range) {
      const stream = new Stream();
      const keys = [...items.keys()].filter((key) => isIn(key, range)).sort();
      if (range.reverse === true) keys.reverse();
      // The action listens only after it has made the stream.
      flushes.push(() => {
        for (const key of keys) stream.emit("data", JSON.parse(items.get(key) ?? "null"));
        stream.emit("end");
      });
      return stream;
    },
  };
  return { items, itemDb, set, flushes, writes, digest: () => `${high}:${low}` };
};

export const createEngine = (): Engine => {
  const table = createItems();
  const { items, digest, writes } = table;
  const carryOut = carryingOut(table);
  return {
    execute(operation, json) {
      const key = `${operation} ${digest()} ${json}`;
      writes.length = 0;
      const known = remembered.get(key);
      if (known !== undefined) {
        for (const [itemKey, item] of known.writes) table.set(itemKey, item);
        return known;
      }
      const executed = { ...carryOut(operation, json), writes: [...writes] };
      if (remembered.size >= MOST_REMEMBERED) remembered.clear();
      remembered.set(key, executed);
      return executed;
    },
    all: () => [...items.values()].map((json) => JSON.parse(json) as WireItem),
    read(pk, sk) {
      const json = items.get(storedKey(pk, sk));
      return json === undefined ? undefined : (JSON.parse(json) as WireItem);
    },
    digest,
  };
};

const carryingOut = ({ itemDb, flushes }: ReturnType<typeof createItems>) => {
  const store = {
    options: { maxItemSize: 409_600 },
    tableDb: { awsAccountId: "000000000000", awsRegion: "local" },
    getTable: (_name: string, ...rest: unknown[]) => (rest.at(-1) as Callback)(null, TABLE),
    getItemDb: () => itemDb,
  };
  return (operation: string, json: string): Executed => {
    const known = OPERATIONS.get(operation);
    if (known === undefined) throw new Error(`no operation ${operation} here`);
    let executed: Executed | undefined;
    const done: Callback = (error, data) => {
      executed = error ? refusal(error) : { status: 200, body: JSON.stringify(data) };
    };
    try {
      const data = validations.checkTypes(JSON.parse(json) as object, known.rules.types);
      validations.checkValidations(data, known.rules.types, known.rules.custom, store);
      known.action(store, data, done);
    } catch (error) {
      done(error);
    }
    for (const flush of flushes.splice(0)) flush();
    if (executed === undefined) throw new Error(`${operation} was not answered at once`);
    return executed;
  };
};

const refusal = (error: unknown): Executed => {
  const { statusCode, body } = error as { statusCode?: number; body?: object };
  if (statusCode === undefined) throw error;
  return { status: statusCode, body: JSON.stringify(body) };
};

/** cyrb53: 53 bits, fast, the same everywhere. */
export const hashOf = (text: string, seed = 0): number => {
  let h1 = 0xdeadbeef ^ seed;
  let h2 = 0x41c6ce57 ^ seed;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    h1 = Math.imul(h1 ^ code, 2_654_435_761);
    h2 = Math.imul(h2 ^ code, 1_597_334_677);
  }
  h1 = Math.imul(h1 ^ (h1 >>> 16), 2_246_822_507) ^ Math.imul(h2 ^ (h2 >>> 13), 3_266_489_909);
  h2 = Math.imul(h2 ^ (h2 >>> 16), 2_246_822_507) ^ Math.imul(h1 ^ (h1 >>> 13), 3_266_489_909);
  return 4_294_967_296 * (2_097_151 & h2) + (h1 >>> 0);
};
