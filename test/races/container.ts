// One simulated Lambda container: it stands still at every outside call until the scheduler lets that call happen, and its
// clock shows what the scheduler says. Made and moved by world.ts.

import type { Clock } from "../../src/ports.ts";
import { hashOf } from "./engine.ts";

/** True time, shared by all containers. */
export interface Time {
  now: number;
}

export type CallKind = "table" | "model" | "send" | "tool" | "ring";

export type Result = { readonly value: unknown } | { readonly error: Error };

/** What one outside call is to the scheduler. */
export interface CallSpec {
  readonly kind: CallKind;
  readonly label: string;
  /** Changes something outside; a read does not. */
  readonly hasEffect: boolean;
  /** Happens now; the result is what the caller will be told. */
  readonly perform: () => Result;
  /** The refusal that says nothing happened. */
  readonly refusal: () => Error;
  /** What the caller is told when the answer is lost; without it the SDK asks the same again. */
  readonly unknown?: () => Error;
  readonly signal?: AbortSignal;
}

export interface Call extends CallSpec {
  readonly id: number;
  /** Not answered before this time. */
  notBefore: number;
  readonly settle: (result: Result) => void;
}

export type State = "running" | "frozen" | "crashed" | "returned" | "threw";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
  readonly fail: (why: Error) => void;
}

export interface Container {
  readonly name: string;
  readonly kind: "webhook" | "wake";
  readonly clock: Clock;
  readonly skewMs: number;
  state: State;
  /** What this container has seen so far: containers that have seen the same are in the same state. */
  seen: number;
  readonly calls: Call[];
  call<T>(spec: CallSpec): Promise<T>;
  /** Hands a result to the code that waits for it, now or, when it is frozen, once it is not. */
  answer(call: Call, result: Result): void;
  freeze(): void;
  thaw(): void;
  /** When the next sleeper wakes, by true time. */
  nextTimer(): number | undefined;
  /** Wakes the first sleeper whose time has come. */
  fireTimer(): void;
  /** Nothing of it goes on. What waits stays waiting until `dispose`. */
  end(state: "crashed" | "returned" | "threw"): void;
  /** The world is over: whatever still waits is let go, so that no timer of it survives. */
  dispose(): void;
}

const OVER = new Error("this simulated container is over");

const createSleepers = (time: Time, onWake: (at: number) => void) => {
  const sleepers = new Set<Sleeper>();
  const first = (): Sleeper | undefined => {
    let earliest: Sleeper | undefined;
    for (const sleeper of sleepers)
      if (earliest === undefined || sleeper.at < earliest.at) earliest = sleeper;
    return earliest;
  };
  return {
    first,
    sleep(ms: number, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const sleeper = { at: time.now + ms, wake: resolve, fail: reject };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", () => sleepers.delete(sleeper) && reject(signal.reason), {
        once: true,
      });
      return promise;
    },
    fire(): void {
      const sleeper = first();
      if (sleeper === undefined || sleeper.at > time.now) return;
      sleepers.delete(sleeper);
      onWake(sleeper.at);
      sleeper.wake();
    },
    drop(): void {
      for (const sleeper of sleepers) sleeper.fail(OVER);
      sleepers.clear();
    },
  };
};

export const createContainer = (
  time: Time,
  { name, kind, skewMs }: Pick<Container, "name" | "kind" | "skewMs">,
): Container => {
  const bootedAt = time.now;
  const calls: Call[] = [];
  const unanswered: Call[] = [];
  const held: (() => void)[] = [];
  const note = (what: string) => {
    container.seen = hashOf(what, container.seen % 0xffff_ffff);
  };
  const sleepers = createSleepers(time, (at) => note(`timer ${at}`));
  let ids = 0;
  let isDisposed = false;
  const clock: Clock = {
    now: () => time.now + skewMs,
    elapsed: () => time.now - bootedAt,
    sleep: async (ms, signal) => {
      // Loops that wait again whatever becomes of a wait are left waiting.
      return isDisposed ? new Promise(() => {}) : sleepers.sleep(ms, signal);
    },
  };
  const forget = (call: Call) => {
    const at = calls.indexOf(call);
    if (at >= 0) calls.splice(at, 1);
  };
  const container: Container = {
    ...{ name, kind, skewMs, clock, calls },
    state: "running",
    seen: 0,
    async call<T>(spec: CallSpec): Promise<T> {
      if (isDisposed) throw OVER;
      spec.signal?.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<T>();
      const settle = (result: Result) =>
        "error" in result ? reject(result.error) : resolve(result.value as T);
      ids += 1;
      const call: Call = { ...spec, id: ids, notBefore: 0, settle };
      calls.push(call);
      spec.signal?.addEventListener(
        "abort",
        () => {
          forget(call);
          reject(spec.signal?.reason);
        },
        { once: true },
      );
      return promise;
    },
    answer(call, result) {
      forget(call);
      const { id, settle } = call;
      note(`${id} ${"error" in result ? result.error.message : JSON.stringify(result.value)}`);
      if (container.state === "frozen") held.push(() => settle(result));
      else settle(result);
    },
    freeze() {
      container.state = "frozen";
    },
    thaw() {
      container.state = "running";
      for (const tell of held.splice(0)) tell();
    },
    nextTimer: () => (container.state === "running" ? sleepers.first()?.at : undefined),
    fireTimer: () => sleepers.fire(),
    end(state) {
      container.state = state;
      unanswered.push(...calls.splice(0));
    },
    dispose() {
      isDisposed = true;
      for (const tell of held.splice(0)) tell();
      for (const call of [...unanswered, ...calls.splice(0)]) call.settle({ error: OVER });
      sleepers.drop();
    },
  };
  return container;
};
