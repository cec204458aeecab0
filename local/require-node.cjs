// The first line of every entry point: says so when Node is too old, and reads TypeScript where Node does not yet.
// With install scripts switched off, npm brings no Node of its own and the machine's is used, whatever it is.

const NEEDED = [22, 12];

const [major, minor] = process.versions.node.split(".").map(Number);
if (major < NEEDED[0] || (major === NEEDED[0] && minor < NEEDED[1])) {
  process.stderr.write(
    `Hermes needs Node ${NEEDED.join(".")} or newer, found ${process.versions.node}. Run \`npm ci\` with install ` +
      "scripts allowed (it brings its own Node 24), or install a newer Node.\n",
  );
  process.exit(1);
}

/** Resolves when TypeScript can be imported. */
module.exports.ready = process.features.typescript
  ? Promise.resolve()
  : import("tsx/esm/api").then(({ register }) => void register()); // its CommonJS half does not find its own files
