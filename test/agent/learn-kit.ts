// What the tests of learning share: a chat over its rows and META, and AgentCore's provider over a memory that can be down.

import { learn, owedOnLeaving } from "../../src/agent/learn.ts";
import { createServicePauses } from "../../src/agent/service-pauses.ts";
import type { TurnContext } from "../../src/agent/turn-context.ts";
import type { MemoryService } from "../../src/memory-ports.ts";
import type { Message } from "../../src/message.ts";
import type { Meta, MetaPatch, Outgoing, Row } from "../../src/session-state.ts";
import type { EntryId } from "../../src/turn.ts";
import { newSession } from "../contracts/said.ts";
import { createFakeClock } from "../fakes/clock.ts";
import { createFakeForgettings } from "../fakes/forgettings.ts";
import { createFakeMemoryService } from "../fakes/memory-service.ts";
import { memoryOver, originOf } from "../memory/agentcore-kit.ts";

export const [ADA, BOB] = [42, 43] as const;

const START = Date.UTC(2026, 10, 24, 8);
const TURN_MS = 60_000;

/** What happens to events; `loses`: they arrive, and their answers do not. */
type Weather = "fine" | "down" | "loses" | "hangs";

export const startChat = (more: Partial<Pick<MemoryService, "createEvent">> = {}) => {
  const clock = createFakeClock(START);
  const fake = createFakeMemoryService();
  const forgettings = createFakeForgettings();
  const tried: string[] = [];
  const state = { weather: "fine" as Weather, reads: 0, sessions: 1, isBehind: false };
  const service: MemoryService = {
    ...fake,
    async createEvent(event, signal) {
      tried.push(event.messages[0]?.text ?? "");
      if (state.weather === "down") throw new Error("down");
      if (state.weather === "hangs") await new Promise(() => {});
      await (more.createEvent ?? fake.createEvent)(event, signal);
      if (state.weather === "loses") throw new Error("no answer");
    },
  };
  const { memory, warnings } = memoryOver(service);
  const stored = new Map<string, Row[]>();
  const sessionId = () => `session-${state.sessions}`;
  let meta = { sessionId: sessionId(), seq: 0, base: 0, learned: 0, settings: {} } as unknown as Meta;
  let rows: Row[] = [];
  const archive = {
    rows: async (_session: string, id: string, from: number, to: number) => {
      state.reads += 1;
      const found = (stored.get(id) ?? []).filter(({ seq }) => seq >= from && seq <= to);
      return state.isBehind ? found.slice(0, -1) : found;
    },
  };
  const session = newSession();
  const ports = { clock, archive, forgettings, memories: [memory], pauses: createServicePauses(clock) };
  const notes: string[] = [];
  const log = {
    warn: (message: string) => warnings.push(message),
    info: (message: string) => notes.push(message),
  };
  const c = {
    ports: { ...ports, log },
    home: { plugins: {} },
    signal: new AbortController().signal,
    lease: {
      session,
      get meta() {
        return meta;
      },
      get rows() {
        return rows.filter(({ seq }) => seq >= meta.base);
      },
    },
  } as unknown as TurnContext;

  const apply = (patch: MetaPatch): void => {
    const fields = Object.entries({ ...meta, ...patch }).filter(([, value]) => value !== null);
    meta = structuredClone(Object.fromEntries(fields)) as unknown as Meta;
  };
  const rowOf = (message: Message, more: Partial<Row> = {}): Row => {
    const own = stored.get(meta.sessionId) ?? [];
    return { sessionId: meta.sessionId, seq: own.length + 1, fence: 1, at: clock.now(), message, ...more };
  };
  const commit = (row: Row): void => {
    stored.set(meta.sessionId, [...(stored.get(meta.sessionId) ?? []), row]);
    rows = [...rows, row];
    apply({ seq: row.seq });
  };
  const said = (userId: number, text: string) =>
    commit(rowOf({ role: "user", content: text, userId }, { entryId: `${meta.seq}` as EntryId }));
  const outOf = (userId: number) =>
    ({ origin: originOf(userId), entries: [], text: "" }) as unknown as Outgoing;

  /**
   * What each says is answered by "Re: …"; `crashes`: how often the process dies before META is written; `meanwhile`: what
   * happens before there is an answer.
   */
  const turn = async (
    words: Readonly<Record<number, string>>,
    { crashes = 0, meanwhile }: { readonly crashes?: number; readonly meanwhile?: () => Promise<void> } = {},
  ): Promise<void> => {
    await clock.advance(TURN_MS);
    for (const [userId, text] of Object.entries(words)) said(Number(userId), text);
    await meanwhile?.();
    const answer = rowOf({ role: "assistant", content: `Re: ${Object.values(words)[0]}` });
    const last = Number(Object.keys(words).at(-1));
    for (let time = 0; time < crashes; time += 1) await learn(c, outOf(last), [answer]);
    const learning = learn(c, outOf(last), [answer]);
    if (state.weather === "hangs") await clock.advance(10_000);
    const patch = await learning;
    commit(answer);
    apply(patch);
  };
  return {
    ...{ turn, state, tried, forgettings, clock, warnings, notes, apply, commit, rowOf },
    ask: (text: string) => turn({ [ADA]: text }),
    /** A command of Ada's is answered. */
    command: async () => apply(await learn(c, outOf(ADA), [])),
    leave() {
      const left = owedOnLeaving(c);
      state.sessions += 1;
      rows = [];
      apply({ ...left, sessionId: sessionId(), seq: 0, base: 0, learned: 0 });
    },
    resume(id: string) {
      rows = [...(stored.get(id) ?? [])];
      apply({ ...owedOnLeaving(c), sessionId: id, seq: rows.length, base: 0, learned: rows.length });
    },
    get meta() {
      return meta;
    },
    get owed() {
      return meta.owed ?? [];
    },
    /** What a person said, by event. */
    learnt: (userId: number = ADA): readonly string[] =>
      fake.events
        .filter(({ actor }) => actor === `tg-${userId}`)
        .map(({ messages }) =>
          messages.flatMap(({ role, text }) => (role === "USER" ? [text] : [])).join(", "),
        ),
  };
};
