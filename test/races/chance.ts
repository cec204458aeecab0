// What a simulated container cannot know by itself, made to follow from the schedule: random bytes, random numbers, and the
// machine's clock where a library asks for it. Outside of containers nothing changes. Used by world.ts.

import { AsyncLocalStorage } from "node:async_hooks";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { hashOf } from "./engine.ts";

interface Fate {
  readonly name: string;
  readonly now: () => number;
  draws: number;
}

const fates = new AsyncLocalStorage<Fate>();

/** Runs what a container does. The same name draws the same. */
export const withFate = <T>(name: string, now: () => number, work: () => T): T =>
  fates.run({ name, now, draws: 0 }, work);

const draw = (fate: Fate): number => {
  fate.draws += 1;
  return hashOf(`${fate.name} ${fate.draws}`);
};

const { randomBytes } = crypto;
const random = Math.random;
const now = Date.now;

Object.assign(crypto, {
  randomBytes: (size: number) => {
    const fate = fates.getStore();
    if (fate === undefined) return randomBytes(size);
    return crypto
      .createHash("sha256")
      .update(String(draw(fate)))
      .digest()
      .subarray(0, size);
  },
});
syncBuiltinESMExports();
Math.random = () => {
  const fate = fates.getStore();
  return fate === undefined ? random() : (draw(fate) % 1_000_003) / 1_000_003;
};
Date.now = () => fates.getStore()?.now() ?? now();

/** Making one takes longer than all else in a simulated turn, and the same are made again in every run. */
const { DateTimeFormat } = Intl;
const formats = new Map<string, Intl.DateTimeFormat>();
Object.assign(Intl, {
  DateTimeFormat: function cached(...given: ConstructorParameters<typeof Intl.DateTimeFormat>) {
    const name = JSON.stringify(given);
    const format = formats.get(name) ?? new DateTimeFormat(...given);
    formats.set(name, format);
    return format;
  },
});
