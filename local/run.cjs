// Runs a TypeScript entry point of this project: `node local/run.cjs ./terminal.ts`.

const { ready } = require("./require-node.cjs");

const { resolve } = require("node:path");
const { pathToFileURL } = require("node:url");

const [, , entry, ...rest] = process.argv;
process.argv = [process.argv[0], resolve(__dirname, entry), ...rest];
ready
  .then(() => import(pathToFileURL(process.argv[1]).href))
  .catch((error) => {
    process.stderr.write(`${error.stack ?? error}\n`);
    process.exitCode = 1;
  });
