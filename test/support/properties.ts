// fast-check with one seed for every run: what fails today fails again tomorrow, and no run fails by its luck alone.
// `HERMES_SEED=… npx vitest run` looks at other cases; a failure prints what repeats it.

import { crc32 } from "node:zlib";
import fc from "fast-check";

fc.configureGlobal({ seed: crc32(process.env["HERMES_SEED"] ?? "") | 0 });

export default fc;
