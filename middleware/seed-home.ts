// Step: the home directory (settings, persona, skills, plugins) is there and read. Slow once per cold start, nothing after.

import { asError, HermesError } from "../src/errors.ts";
import type { Home } from "../src/home/home.ts";
import type { Step } from "./step.ts";

/** Throws HermesError `config` when the home cannot be set up: the event is tried again, the operator reads why. */
export const seedHome = (homes: { seed(): Promise<Home> }): Step<object, { home: Home }> => ({
  before: async function seedHomeBefore(request) {
    request.context.home = await homes.seed().catch((thrown: unknown) => {
      if (thrown instanceof HermesError) throw thrown;
      throw new HermesError("config", `no home directory: ${asError(thrown).message}`, { cause: thrown });
    });
  },
});
