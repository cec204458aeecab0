// Plugins of the build (serverless.yml, custom.esbuild.plugins).

const { createRequire } = require("node:module");
const { join } = require("node:path");

/**
 * A CommonJS package that requires one of the SDK's gets its CommonJS build. Two do, and only with Bedrock or with tracing;
 * from the ES build, which every cold start loads, esbuild would have to wrap each module into a function for their sake, and
 * that costs a webhook some 10 ms.
 */
const commonJsForCommonJs = {
  name: "commonjs-for-commonjs",
  setup(build) {
    build.onResolve({ filter: /^@(aws-sdk|smithy)\// }, ({ kind, path, resolveDir }) =>
      kind === "require-call"
        ? { path: createRequire(join(resolveDir, "package.json")).resolve(path) }
        : undefined,
    );
  },
};

module.exports = [commonJsForCommonJs];
