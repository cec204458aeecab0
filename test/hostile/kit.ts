// Ada's chat in a world where conditions are hostile (test/delivery/world.ts), and what must hold there in the end.

import type { Update } from "@grammyjs/types";
import { expect, inject } from "vitest";
import { LOCAL_USER_ID } from "../../local/environment.ts";
import type { InvokeFunction } from "../../local/lambda-events.ts";
import type { RecordedRequest } from "../../local/model/chat-api.ts";
import type { StoredMessage } from "../../local/telegram/chats.ts";
import { makeTextUpdate } from "../../local/telegram/updates.ts";
import { startWorld, type World, type WorldOptions } from "../delivery/world.ts";
import { ADAS_SESSION, inboxOf, metaOf, rowsOf } from "../support/stored.ts";

export interface AdasWorld extends World, AsyncDisposable {
  /** Ada says something; resolves when the function has accepted it. */
  say(text: string, content?: Readonly<Record<string, unknown>>): Promise<void>;
  /** How the n-th run of an asynchronous event ends, from 1, in the order in which they begin: with what error, if any. */
  ended(n: number): Promise<Error | undefined>;
  /** So many have begun. */
  begun(): number;
  /** Somebody rings for Ada's chat: a wake that was delivered twice, say. */
  ring(): void;
  /** Time goes by until nothing waits any more: whatever Lambda tries again has been tried. */
  rest(): Promise<void>;
}

export const startAdasWorld = async (
  options: Partial<Omit<WorldOptions, "dispatch">> = {},
): Promise<AdasWorld> => {
  const ends: PromiseWithResolvers<Error | undefined>[] = [];
  const endOf = (n: number) => {
    while (ends.length < n) ends.push(Promise.withResolvers());
    return ends[n - 1] as PromiseWithResolvers<Error | undefined>;
  };
  let begun = 0;
  const noted =
    (run: InvokeFunction): InvokeFunction =>
    async (...event) => {
      begun += 1;
      const end = endOf(begun);
      try {
        const result = await run(...event);
        end.resolve(undefined);
        return result;
      } catch (error) {
        end.resolve(error as Error);
        throw error;
      }
    };
  const world = await startWorld({ artifact: inject("artifact"), ...options, dispatch: noted });
  let updates = 500_000;
  return {
    ...world,
    ended: (n) => endOf(n).promise,
    begun: () => begun,
    async say(text, content) {
      updates += 1;
      await world.deliver(withContent(adasUpdate(updates, text, world.clock.now()), content));
    },
    ring: () => void world.lambda.enqueue("hermes", { source: "hermes.wake", session: ADAS_SESSION }),
    async rest() {
      for (;;) {
        await world.quiet();
        const next = world.clock.nextAt();
        if (next === undefined) return;
        await world.clock.skip(Math.max(0, next - world.clock.now()));
      }
    },
  };
};

const adasUpdate = (updateId: number, text: string, nowMs: number): Update =>
  makeTextUpdate({
    updateId,
    messageId: updateId,
    date: Math.floor(nowMs / 1_000),
    chat: { id: LOCAL_USER_ID },
    from: { id: LOCAL_USER_ID, first_name: "Ada" },
    text,
  });

/** Something else than text in the message. */
const withContent = (update: Update, content: Readonly<Record<string, unknown>> | undefined): Update => {
  if (content === undefined) return update;
  const { text: _, entities: _e, ...frame } = update.message as unknown as Readonly<Record<string, unknown>>;
  return { update_id: update.update_id, message: { ...frame, ...content } } as unknown as Update;
};

/** What the bot said to Ada, in order. */
export const saidToAda = ({ telegram }: World): readonly string[] =>
  telegram.messages(LOCAL_USER_ID).map(wordsOf);

export const wordsOf = ({ text, rich_message: rich }: StoredMessage): string => text ?? JSON.stringify(rich);

/** Requests of turns; titles are asked for without tools. */
export const asked = ({ model }: World): readonly RecordedRequest[] =>
  model.requests.filter(({ body }) => (body.tools?.length ?? 0) > 0);

export const rolesOf = async ({ dynamodb }: World): Promise<readonly string[]> =>
  (await rowsOf(dynamodb.endpoint)).map(({ message }) => (message as { readonly role: string }).role);

/** Nothing waits, nothing is open, and nobody holds the chat. */
export const expectRest = async ({ dynamodb, lambda, model }: World): Promise<void> => {
  expect(await inboxOf(dynamodb.endpoint)).toEqual([]);
  const meta = Object.keys((await metaOf(dynamodb.endpoint)) ?? {});
  expect(meta.filter((field) => ["until", "by", "turn", "out"].includes(field))).toEqual([]);
  expect(lambda.waiting()).toBe(0);
  expect(model.refusals).toEqual([]);
};

/** Lines of the log that an operator would have to look at. */
export const errorsIn = ({ logs }: World): readonly string[] =>
  logs.filter((line) => line.includes('"level":"ERROR"'));

export const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: () => resolve() };
};
