// Hundreds of chats, Telegram as it really delivers, and whatever can go wrong in between, over the packaged artifact.
// Time does not pass, it is moved on whenever nothing works. Called by the test beside it and by bench/soak.ts.

import type { InvokeFunction } from "../../local/lambda-events.ts";
import { createDice } from "./dice.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import { makePeople, marksIn, type Person, respond, say } from "./people.ts";
import { createTroubles, type Troubles } from "./troubles.ts";
import { judge, type Verdict } from "./verdict.ts";
import { startWorld, type World } from "./world.ts";

export interface SimulationOptions {
  readonly artifact: string;
  /** All that happens by chance follows from it. */
  readonly seed: string;
  readonly chats: number;
  /** Of each person. */
  readonly messages: number;
  readonly containers: number;
  /** Told whenever time is moved on. */
  readonly onProgress?: (progress: Progress) => void;
  /** Once true nobody says anything more; what was said is still seen to its end. */
  readonly isOver?: () => boolean;
}

export interface Progress {
  readonly said: number;
  /** Accepted by the function. */
  readonly delivered: number;
  readonly answered: number;
  /** Since the beginning, in the world's time. */
  readonly virtualMs: number;
}

export interface Report extends Verdict, Progress {
  readonly troubles: ReadonlyMap<string, number>;
  readonly deaths: number;
  /** Events whose retries were used up. */
  readonly notices: number;
}

export const simulate = async (options: SimulationOptions): Promise<Report> => {
  const dice = createDice(options.seed);
  const people = makePeople(dice, options.chats, options.messages);
  const ledger = createLedger();
  const troubles: Troubles = createTroubles({
    dice,
    ledger,
    people,
    clock: () => world.clock,
    running: () => world.containers.running(),
  });
  const sessions = new Map(people.map(({ name, session }) => [name, session]));
  const world = await startWorld({
    artifact: options.artifact,
    containers: options.containers,
    speed: SPEED,
    env: { TELEGRAM_ALLOWED_USERS: "*", TELEGRAM_GROUP_ALLOWED_CHATS: "*" },
    table: { faultFor: troubles.table },
    telegram: { faultFor: troubles.botApi, random: () => dice.throw("cap") },
    model: {
      respond,
      onRequest({ text }) {
        const session = sessions.get(marksIn(text).at(-1)?.split(".")[0] ?? "");
        if (session !== undefined) troubles.asked(session);
      },
    },
    dispatch: (run) => troubles.dispatch(withFailuresIn(ledger, run)),
    onRun: troubles.onRun,
  });
  await using _ = world;
  const { progress, heard } = await live(world, { people, ledger, troubles }, options);
  const verdict = await judge(world.dynamodb.endpoint, heard, ledger);
  return {
    ...progress,
    ...verdict,
    problems: [
      ...verdict.problems,
      ...world.model.refusals.map((refusal) => `the model refused: ${refusal}`),
    ],
    troubles: troubles.counts,
    deaths: world.containers.deaths(),
    notices: world.notices.length,
  };
};

const withFailuresIn =
  (ledger: Ledger, run: InvokeFunction): InvokeFunction =>
  async (...call) => {
    try {
      return await run(...call);
    } catch (error) {
      const [, , , { requestId }] = call;
      ledger.failed(requestId);
      throw error;
    }
  };

/** Waits inside an invocation (Telegram's retry_after, a model's backoff) cost real time; lease and time-outs allow this. */
const SPEED = 3;

/** In one go time moves on by at most so much, so that what falls into it happens side by side. */
const WINDOW_MS = 10_000;

interface Cast {
  readonly people: readonly Person[];
  readonly ledger: Ledger;
  readonly troubles: Troubles;
}

/** Resolves when everything has come to rest, with the people and what they got to say. */
const live = async (
  world: World,
  { people, ledger, troubles }: Cast,
  { onProgress, isOver = () => false }: SimulationOptions,
): Promise<{ readonly progress: Progress; readonly heard: readonly Person[] }> => {
  const startedAt = world.clock.now();
  const post = troubles.connection(world.post);
  let [said, delivered] = [0, 0];
  const speak = async (person: Person): Promise<Person> => {
    const deliveries: Promise<void>[] = [];
    for (const message of person.messages) {
      await world.clock.sleep(message.pauseMs);
      if (isOver()) break;
      said += 1;
      const update = say(person, message, said, world.clock.now());
      const delivery = world.deliver(update, post).then(() => {
        delivered += 1;
      });
      deliveries.push(delivery);
    }
    await Promise.all(deliveries);
    return { ...person, messages: person.messages.slice(0, deliveries.length) };
  };
  const progress = (): Progress => ({
    said,
    delivered,
    answered: new Set(ledger.shown.map(({ mark }) => mark).filter((mark) => mark.endsWith(":z"))).size,
    virtualMs: world.clock.now() - startedAt,
  });
  const everybody = Promise.all(people.map(speak));
  for (;;) {
    await world.quiet();
    onProgress?.(progress());
    const next = world.clock.nextAt();
    if (next === undefined) break;
    await world.clock.skip(Math.max(0, next - world.clock.now()) + WINDOW_MS);
  }
  return { heard: await everybody, progress: progress() };
};
