// Everything that goes wrong in the simulation, each by a named throw of the dice: what Telegram's connections, Lambda's
// queue, the table and the Bot API do to a function that must not lose or double a message all the same.

import type { DynamoDbFault } from "../../local/dynamodb.ts";
import type { InvokeFunction } from "../../local/lambda-events.ts";
import type { Behaviour } from "../../local/telegram/bot-api.ts";
import type { PostUpdate } from "../../local/telegram/delivery.ts";
import type { Payload } from "../../local/telegram/fields.ts";
import type { Run } from "./containers.ts";
import { createTally, type Dice } from "./dice.ts";
import type { Ledger } from "./ledger.ts";
import { answersIn, type Person } from "./people.ts";
import type { WorldClock } from "./world-clock.ts";

export interface TroublesOptions {
  readonly dice: Dice;
  readonly ledger: Ledger;
  readonly people: readonly Person[];
  readonly clock: () => WorldClock;
  /** Still being worked on. */
  readonly running: () => readonly Run[];
}

export interface Troubles {
  /** Telegram's connection to the function, given a sound one. */
  connection(post: PostUpdate): PostUpdate;
  /** Lambda's queue of asynchronous events, given how to run one. */
  dispatch(run: InvokeFunction): InvokeFunction;
  table(target: string, body: unknown): DynamoDbFault | undefined;
  botApi(method: string, payload: Payload): Behaviour | undefined;
  onRun(run: Run): void;
  /** The model was asked by this session. */
  asked(session: string): void;
  /** How often each kind happened. */
  readonly counts: ReadonlyMap<string, number>;
}

export const createTroubles = (options: TroublesOptions): Troubles => {
  const counts = new Map<string, number>();
  const happened: Happened = (kind, session) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (session !== undefined) options.ledger.note(session, kind);
  };
  const deaths = createDeaths(options, happened);
  return {
    ...createNetwork(options, happened),
    table: createTableTroubles(options, happened, deaths.call),
    botApi: createBotTroubles(options, happened, deaths.call),
    onRun: deaths.onRun,
    asked: deaths.call,
    counts,
  };
};

type Happened = (kind: string, session?: string) => void;

/** So late that Telegram has given up waiting (60 s), and just late. */
const [TOO_LATE_MS, LATE_MS] = [70_000, 15_000];
/** Telegram is spared after so many attempts at one update. */
const TROUBLED_ATTEMPTS = 5;

const createNetwork = ({ dice, clock }: TroublesOptions, happened: Happened) => {
  const attempts = createTally();
  const events = createTally();
  const connection: Troubles["connection"] = (post) => async (update, headers, signal) => {
    const attempt = attempts(String(update.update_id));
    const name = ["connection", update.update_id, attempt];
    const once = () => post(update, headers, signal);
    const lost = () => new Error("the connection was lost");
    // Whoever sends something once more goes on until it is taken, as Telegram does with the first.
    const onceMore = async (): Promise<void> => {
      for (let time = 0; time < TROUBLED_ATTEMPTS; time += 1) {
        const status = await once().then(
          (answer) => answer.status,
          () => 0,
        );
        if (status >= 200 && status < 300) return;
      }
    };
    const ways: Readonly<Record<string, () => ReturnType<PostUpdate>>> = {
      "request lost": () => Promise.reject(lost()),
      "answer lost": () => once().then(() => Promise.reject(lost())),
      "500 without an effect": async () => ({ status: 500, headers: {}, body: "" }),
      "500 after the effect": async () => ({ ...(await once()), status: 500, headers: {}, body: "" }),
      "slow cold start": () => clock().sleep(LATE_MS).then(once),
      // Telegram has sent the update again by then: this is a copy, and nobody reads what becomes of it.
      "too slow cold start": async () => {
        await clock().sleep(TOO_LATE_MS);
        await onceMore();
        throw lost();
      },
      "answer too late": async () => {
        const answer = await once();
        await clock().sleep(TOO_LATE_MS);
        return answer;
      },
      "twice at once": async () => (await Promise.all([once(), onceMore()]))[0],
      "again later": async () => {
        const answer = await once();
        const delayMs = dice.between(1_000, 300_000, "again", ...name);
        void clock().sleep(delayMs).then(onceMore);
        return answer;
      },
    };
    const kinds = Object.keys(ways);
    const kind = kinds[Math.floor(dice.throw(...name) * kinds.length * 3)];
    if (kind === undefined || attempt > TROUBLED_ATTEMPTS) return once();
    happened(kind);
    return (ways[kind] ?? once)();
  };
  const dispatch: Troubles["dispatch"] = (run) => async (name, event, type, context) => {
    const session = sessionOf(event) ?? "notice";
    const key = ["dispatch", session, events(session)];
    if (dice.happens(0.08, "twin", ...key)) {
      happened("event delivered twice", session);
      void twin(() => run(name, event, type, context), clock());
    }
    if (dice.happens(0.08, "lag", ...key)) {
      happened("event delivered late", session);
      await clock().sleep(dice.between(1_000, 40_000, "how late", ...key));
    }
    return run(name, event, type, context);
  };
  return { connection, dispatch };
};

/** Lambda's two retries, and for the last wait what the on-failure notice is: one more wake under the same request id. */
const TWIN_WAITS_MS = [60_000, 120_000, 60_000];

/** The second copy of an event is tried again like the first. */
const twin = async (run: () => Promise<unknown>, clock: WorldClock): Promise<void> => {
  for (const delayMs of [...TWIN_WAITS_MS, undefined]) {
    const failed = await run().then(
      () => false,
      () => true,
    );
    if (!failed || delayMs === undefined) return;
    await clock.sleep(delayMs);
  }
};

/** The session a wake is for, whether it is one or the notice of one that failed. */
const sessionOf = (event: unknown): string | undefined => (event as { readonly session?: string }).session;

/** Processes that die at their n-th call. */
const createDeaths = ({ dice, ledger, people, running }: TroublesOptions, happened: Happened) => {
  const runs = createTally();
  const doomed: { readonly run: Run; readonly session: string; left: number }[] = [];
  const doom = (run: Run, session: string, probability: number, calls: number, kind: string) => {
    const key = [kind, session, runs(`${kind} ${session}`)];
    if (!dice.happens(probability, "dies", ...key)) return;
    doomed.push({ run, session, left: dice.between(1, calls, "when", ...key) });
  };
  const strike = ({ run, session }: (typeof doomed)[number]): boolean => {
    const isTurn = sessionOf(run.event) !== undefined;
    if (isTurn && !ledger.mayBreak(session)) return false;
    if (!running().includes(run)) return true;
    happened(isTurn ? "killed in a turn" : "killed in a webhook", session);
    if (isTurn) ledger.died(session);
    run.kill();
    return true;
  };
  return {
    onRun(run: Run): void {
      const session = sessionOf(run.event);
      if (session !== undefined) doom(run, session, 0.22, 20, "turn");
      const { body } = run.event as { readonly body?: string };
      const from = /"from":\{[^}]*"id":(\d+)/.exec(body ?? "")?.[1];
      const person = people.find(({ from: { id } }) => String(id) === from);
      if (person !== undefined) doom(run, person.session, 0.06, 1, "webhook");
    },
    call(session: string): void {
      for (const one of doomed.filter((each) => each.session === session)) {
        one.left -= 1;
        if (one.left <= 0 && strike(one)) doomed.splice(doomed.indexOf(one), 1);
      }
    },
  };
};

interface TableBody {
  readonly Key?: { readonly PK?: { readonly S?: string }; readonly SK?: { readonly S?: string } };
  readonly Item?: { readonly PK?: { readonly S?: string }; readonly SK?: { readonly S?: string } };
  readonly ExpressionAttributeValues?: Readonly<Record<string, { readonly S?: string }>>;
}

const createTableTroubles = (
  { dice, ledger }: TroublesOptions,
  happened: Happened,
  call: (session: string) => void,
) => {
  const requests = createTally();
  /** Requests that still fail, by session. */
  const outages = new Map<string, number>();
  const fault = (session: string, n: number): DynamoDbFault | undefined => {
    const left = outages.get(session) ?? 0;
    outages.set(session, Math.max(0, left - 1));
    if (left > 0) return n % 2 === 0 ? "error" : "throttle";
    if (dice.happens(0.004, "outage", session, n) && ledger.mayBreak(session)) {
      happened("table out of reach", session);
      ledger.died(session);
      outages.set(session, dice.between(3, 9, "how long", session, n));
      return "error";
    }
    const odd = (["error", "throttle", "drop-before", "drop-after"] as const)[
      Math.floor(dice.throw("request", session, n) * 160)
    ];
    if (odd !== undefined) happened(`one table request: ${odd}`, session);
    return odd;
  };
  return (target: string, body: unknown): DynamoDbFault | undefined => {
    const { Key, Item, ExpressionAttributeValues: values } = body as TableBody;
    const pk = Key?.PK?.S ?? Item?.PK?.S ?? values?.[":pk"]?.S;
    if (pk?.startsWith("SESSION#") !== true) return undefined;
    const session = pk.slice("SESSION#".length);
    const found = fault(session, requests(session));
    const hasEffect = found === undefined || found === "drop-after";
    if (hasEffect && target.endsWith("UpdateItem") && Key?.SK?.S === "META")
      ledger.metaWritten(session, body);
    call(session);
    return found;
  };
};

const SENDS: ReadonlySet<string> = new Set(["sendMessage", "sendRichMessage"]);

const createBotTroubles = (
  { dice, ledger, people }: TroublesOptions,
  happened: Happened,
  call: (session: string) => void,
) => {
  const calls = createTally();
  const byName = new Map(people.map((person) => [person.name, person.session]));
  const decorations = (chat: string, n: number): Behaviour | undefined => {
    const found = ([BAD_GATEWAY, "drop-before", "drop-after"] as const)[
      Math.floor(dice.throw("decoration", chat, n) * 40)
    ];
    if (found !== undefined) happened("decoration refused or lost");
    return found;
  };
  const send = (session: string, chat: string, marks: readonly string[]): Behaviour | undefined => {
    const found = sendFault(dice, session, calls(`${session} ${chat}`), ledger.mayBreak(session));
    if (found === undefined || found === "drop-after") ledger.sent(session, marks);
    if (typeof found === "string") ledger.broke(session, marks);
    if (found !== undefined) happened(`send: ${typeof found === "string" ? found : found.status}`, session);
    call(session);
    return found;
  };
  return (method: string, payload: Payload): Behaviour | undefined => {
    if (payload["chat_id"] === undefined) return undefined;
    const chat = String(payload["chat_id"]);
    if (!SENDS.has(method)) return decorations(chat, calls(`${method} ${chat}`));
    const marks = answersIn(textIn(payload));
    const session = byName.get(marks[0]?.split(".")[0] ?? "");
    return session === undefined ? undefined : send(session, chat, marks);
  };
};

const BAD_GATEWAY: Behaviour = { status: 502, description: "Bad Gateway" };
const TOO_MANY: Behaviour = { status: 429, description: "Too Many Requests: retry after 1", retry_after: 1 };

const sendFault = (dice: Dice, session: string, n: number, mayBreak: boolean): Behaviour | undefined => {
  const found = ([BAD_GATEWAY, TOO_MANY, "drop-after", "drop-before"] as const)[
    Math.floor(dice.throw("send", session, n) * 50)
  ];
  return typeof found === "string" && !mayBreak ? undefined : found;
};

const textIn = ({ text, rich_message: rich }: Payload): string =>
  String((rich as { readonly markdown?: string } | undefined)?.markdown ?? text ?? "");
