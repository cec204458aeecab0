// The guard of the web: nothing but public addresses is ever connected to.

import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isPublicAddress } from "../../src/adapters/web/public-address.ts";
import { createWeb } from "../../src/adapters/web.ts";

const never = new AbortController().signal;

describe("an address", () => {
  it.each([
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "169.254.170.2",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "203.0.113.9",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a9fe:a9fe",
    "2002:7f00:1::",
    "2001:0:1::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "2001:db8::1",
    "100::1",
    "5f00::1",
    "",
    "nonsense",
    "1.2.3",
    "010.8.8.8",
  ])("%s is not public", (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it.each([
    "1.1.1.1",
    "93.184.216.34",
    "100.128.0.1",
    "::ffff:1.1.1.1",
    "2606:4700::1111",
    "2a00:1450:4001::8a",
  ])("%s is public", (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

let server: Server;
let port: number;
let connections = 0;
let redirectTo = "";

beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === "/moved") response.writeHead(302, { location: redirectTo }).end();
    else response.writeHead(200, { "content-type": "text/plain" }).end("inside");
  });
  server.on("connection", () => {
    connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  port = (server.address() as AddressInfo).port;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});
beforeEach(() => {
  connections = 0;
});

describe("without any options", () => {
  it.each([
    "http://127.0.0.1:PORT/",
    "http://localhost:PORT/",
    "http://localhost.:PORT/",
    "http://[::1]:PORT/",
    "http://[::ffff:127.0.0.1]:PORT/",
    "http://2130706433:PORT/",
    "http://0x7f.1:PORT/",
    "http://0177.0.0.1:PORT/",
    "http://0:PORT/",
    "http://①②⑦.0.0.1:PORT/",
    "http://169.254.169.254/latest/meta-data/",
    "http://[fd00:ec2::254]/latest/meta-data/",
  ])("%s is refused without a connection", async (url) => {
    const page = createWeb().fetch(url.replace("PORT", String(port)), never);
    await expect(page).rejects.toMatchObject({
      code: "tool",
      message: expect.stringMatching(/not on the public internet|not known/),
    });
    expect(connections).toBe(0);
  });

  it.each([
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://example.com/",
    "data:text/plain,x",
    "javascript:1",
    "not a url",
    "",
  ])("%s is refused", async (url) => {
    await expect(createWeb().fetch(url, never)).rejects.toMatchObject({ code: "tool" });
  });

  it("an address with a password is refused, and the password is not repeated", async () => {
    const error = await createWeb()
      .fetch("http://ada:hunter2@example.com/", never)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain("password");
    expect(String(error)).not.toMatch(/hunter2|ada:/);
  });
});

/** `outside.example` is a public host that is really the test's server; everything else is judged strictly. */
const names: Record<string, readonly string[]> = {
  "outside.example": ["127.0.0.1"],
  "inside.example": ["10.0.0.1"],
  "mixed.example": ["127.0.0.1", "10.0.0.1"],
};
const resolved: string[] = [];
const guarded = (isPublic: (address: string) => boolean = (address) => address === "127.0.0.1") =>
  createWeb({
    resolve: async (hostname) => {
      resolved.push(hostname);
      return names[hostname] ?? [];
    },
    isPublic,
  });
const outside = (path: string) => `http://outside.example:${port}${path}`;

describe("a host name", () => {
  it("of which one address is private is refused altogether", async () => {
    const page = guarded().fetch(`http://mixed.example:${port}/`, never);
    await expect(page).rejects.toThrow("mixed.example is not on the public internet");
    expect(connections).toBe(0);
  });

  it("is resolved once a hop, and connected to the address that was checked", async () => {
    resolved.splice(0);
    // "outside.example" exists in no DNS: were it looked up again to connect, the page could not be reached.
    expect((await guarded().fetch(outside("/"), never)).body).toBe("inside");
    expect(resolved).toEqual(["outside.example"]);
  });
});

describe("a redirect", () => {
  it.each([
    ["to a private address", () => "http://10.0.0.1/"],
    ["to the metadata service", () => "http://169.254.169.254/latest/"],
    ["to a name with a private address", () => "http://inside.example/"],
    ["to a file", () => "file:///etc/passwd"],
    ["to an address with a password", () => "http://a:b@outside.example/"],
    ["that is no address", () => "http://"],
  ])("%s is refused", async (_what, location) => {
    redirectTo = location();
    await expect(guarded().fetch(outside("/moved"), never)).rejects.toMatchObject({ code: "tool" });
    expect(connections).toBe(1);
  });

  it("to a public page is followed, relative ones too", async () => {
    redirectTo = "/next#part";
    expect(await guarded().fetch(outside("/moved"), never)).toMatchObject({
      url: outside("/next"),
      body: "inside",
    });
  });

  it("is checked anew at every hop", async () => {
    redirectTo = "/next";
    let checks = 0;
    const once = () => ++checks === 1;
    await expect(guarded(once).fetch(outside("/moved"), never)).rejects.toThrow("not on the public internet");
    expect(connections).toBe(1);
  });

  it("that never ends is given up after five", async () => {
    redirectTo = "/moved";
    await expect(guarded().fetch(outside("/moved"), never)).rejects.toThrow("more than 5 times");
    expect(connections).toBe(6);
  });
});
