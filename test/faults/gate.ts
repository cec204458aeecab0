// Holds single calls of the function while other things happen, for the races that take two processes. Used by the
// scenarios in broken-builds.test.ts.

import type { Call } from "./calls.ts";
import type { CallProxy, Fault, Watcher } from "./proxy.ts";

/** A call that does not go on. */
export interface Held {
  readonly call: Call;
  /** It goes on, or meets a fault. */
  release(fault?: Fault): void;
  /** The process that makes it stands still; what is on the wire arrives all the same. */
  freeze(): void;
  thaw(): void;
}

export interface Gate {
  /** The next call of this name, when it arrives: it is held before it takes effect, or its answer after. */
  hold(name: RegExp, when?: "before" | "after"): Promise<Held>;
  /** The next time that such a call takes effect. */
  effect(name: RegExp, environment?: number): Promise<Call>;
}

interface Waiter {
  readonly name: RegExp;
  readonly when: "before" | "after";
  readonly environment: number | undefined;
  /** What the call waits for. */
  met(call: Call): Promise<Fault | undefined> | undefined;
}

/** In front of another watcher, which sees what passes. */
export const createGate = (proxy: CallProxy, behind: Watcher): Gate => {
  const waiters = new Set<Waiter>();
  const take = (call: Call, when: "before" | "after") => {
    for (const waiter of waiters) {
      const isIts = waiter.environment === undefined || waiter.environment === call.environment;
      if (waiter.when !== when || !isIts || !waiter.name.test(call.name)) continue;
      waiters.delete(waiter);
      return waiter.met(call);
    }
    return undefined;
  };
  proxy.watch({
    async before(call) {
      return (await take(call, "before")) ?? behind.before(call);
    },
    async after(call) {
      await behind.after(call);
      await take(call, "after");
    },
    over: behind.over,
  });
  return {
    hold(name, when = "before") {
      const arrived = Promise.withResolvers<Held>();
      const goesOn = Promise.withResolvers<Fault | undefined>();
      const met = (call: Call) => {
        arrived.resolve({
          call,
          release: goesOn.resolve,
          freeze: () => proxy.signal(call.environment, "SIGSTOP"),
          thaw: () => proxy.signal(call.environment, "SIGCONT"),
        });
        return goesOn.promise;
      };
      waiters.add({ name, when, environment: undefined, met });
      return arrived.promise;
    },
    effect(name, environment) {
      const { promise, resolve } = Promise.withResolvers<Call>();
      const met = (call: Call) => {
        resolve(call);
        return undefined;
      };
      waiters.add({ name, when: "after", environment, met });
      return promise;
    },
  };
};
