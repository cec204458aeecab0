// The libraries that read pages are loaded behind dynamic imports, which a bundle treats unlike Node does.

import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import { expect, it } from "vitest";
import type { createWeb } from "../../src/adapters/web.ts";
import { packagingOptions } from "../support/packaging.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

it("a page is read by the bundled code as by the sources", async () => {
  const outdir = mkdtempSync(join(tmpdir(), "hermes-web-"));
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    response.end(
      `<html><head><title>T</title></head><body><article>${"<p>Words, and words.</p>".repeat(30)}</article>`,
    );
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    writeFileSync(join(outdir, "package.json"), '{"type":"module"}');
    await build({
      ...packagingOptions(),
      entryPoints: [join(root, "src/adapters/web.ts")],
      outdir,
      logLevel: "silent",
    });
    const bundled = (await import(pathToFileURL(join(outdir, "web.js")).href)) as {
      createWeb: typeof createWeb;
    };
    const web = bundled.createWeb({ resolve: async () => ["127.0.0.1"], isPublic: () => true });
    const { port } = server.address() as AddressInfo;
    const page = await web.fetch(`http://site.example:${port}/`, new AbortController().signal);
    expect(page.body).toMatch(/^# T\n\nWords, and words\./);
  } finally {
    server.close();
    rmSync(outdir, { recursive: true, force: true });
  }
});
