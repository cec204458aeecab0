// Compiles middleware/update-schema.json into update-schema.generated.js, which is committed: Ajv at run time would
// add 230 KB to the bundle. Run `node ops/build-schema.ts` after a change of the schema; a test says when it is due.

import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { Ajv } from "ajv";
import standaloneCode from "ajv/dist/standalone/index.js";
import { build } from "esbuild";

const folder = new URL("../middleware/", import.meta.url);
export const generatedFile = new URL("update-schema.generated.js", folder);

const HEADER = "// Generated from update-schema.json by ops/build-schema.ts. Do not edit.\n";

/** The text of the generated file. */
export const generateValidator = async (): Promise<string> => {
  const schema = JSON.parse(await readFile(new URL("update-schema.json", folder), "utf8"));
  // One function a definition instead of a copy at each use.
  const ajv = new Ajv({ inlineRefs: false, code: { source: true, esm: true, lines: true } });
  const code = standaloneCode.default(ajv, ajv.compile(schema));
  // Bundled because the standalone code `require`s a helper for maxLength, also in its ESM form.
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: fileURLToPath(folder), loader: "js" },
    bundle: true,
    format: "esm",
    write: false,
  });
  return HEADER + outputFiles.map((file) => file.text).join("");
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  await writeFile(generatedFile, await generateValidator());
