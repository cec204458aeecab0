// The guard under which local runs are proved to reach loopback only must itself see what leaves.

import { describe, expect, it } from "vitest";
import { NODE, onlyLoopback, openProject } from "./kit.ts";

const ATTEMPTS = {
  "fetch by address": 'fetch("http://192.0.2.1").catch(() => {})',
  "fetch by name": 'fetch("https://example.com").catch(() => {})',
  "a TLS connection": 'require("node:tls").connect(443, "192.0.2.2").on("error", () => {})',
  "a plain connection": 'require("node:net").connect({ host: "192.0.2.3", port: 80 }).on("error", () => {})',
  "an HTTPS request": 'require("node:https").get("https://192.0.2.4").on("error", () => {})',
  "a look-up of a name": 'require("node:dns").lookup("example.com", () => {})',
  "a promised look-up":
    'import("node:dns/promises").then((dns) => dns.resolve4("example.com")).catch(() => {})',
  "a datagram":
    'try { require("node:dgram").createSocket("udp4").send("x", 53, "192.0.2.5") } catch { process.exit() }',
};

describe("the guard", () => {
  it.each(Object.entries(ATTEMPTS))("sees and refuses %s", async (_, code) => {
    const { env, attempts } = onlyLoopback();
    const { status } = await openProject().run([NODE, "--eval", code], { env });
    expect(status).toBe(0);
    expect(attempts()).toMatch(/192\.0\.2\.|example\.com/);
  });

  it("lets loopback pass", async () => {
    const { env, attempts } = onlyLoopback();
    const code = `require("node:http").createServer((_, response) => response.end("hello")).listen(0, "127.0.0.1",
      async function () {
        console.log(await (await fetch("http://localhost:" + this.address().port)).text());
        process.exit();
      })`;
    const { output } = await openProject().run([NODE, "--eval", code], { env });
    expect(output).toBe("hello\n");
    expect(attempts()).toBe("");
  });
});
