import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { brotliCompressSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createWeb, type WebOptions } from "../../src/adapters/web.ts";

const pages = new Map<string, RequestListener>();
const asked: string[] = [];
let server: Server;
let port: number;

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(`${request.headers.host} ${request.url}`);
    const page = pages.get(request.url ?? "");
    if (page === undefined) response.writeHead(404).end("none");
    else page(request, response);
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

const never = new AbortController().signal;

/** Every name leads to the test's server, which counts as public. */
const open = (options: WebOptions = {}) =>
  createWeb({
    resolve: async () => ["127.0.0.1"],
    isPublic: (address) => address === "127.0.0.1",
    ...options,
  });

const urlOf = (path: string, host = "site.example") => `http://${host}:${port}${path}`;

const serve = (
  path: string,
  headers: Record<string, string | number>,
  body: string | Buffer,
  status = 200,
): void => {
  pages.set(path, (_request, response) => response.writeHead(status, headers).end(body));
};

const fetchPage = (path: string, options: WebOptions = {}) => open(options).fetch(urlOf(path), never);

describe("a page", () => {
  it("that is HTML arrives as Markdown of what it says, with absolute links and without menus and scripts", async () => {
    const paragraph =
      "<p>Soup is made of water, carrots, and <a href='../salt?x=1#y'>salt</a>, slowly, for an hour.</p>";
    serve(
      "/a/soup",
      { "content-type": "text/html; charset=utf-8" },
      `<html><head><title>Soup</title><style>p{}</style></head><body><nav><a href="/">Home</a></nav>
       <article><h2>How</h2>${paragraph.repeat(6)}<table><thead><tr><th>What</th><th>g</th></tr></thead>
       <tbody><tr><td>Salt|sea</td><td>3</td></tr></tbody></table></article><script>evil()</script></body></html>`,
    );
    const page = await fetchPage("/a/soup");
    expect(page).toMatchObject({ url: urlOf("/a/soup"), contentType: "text/markdown" });
    expect(page.body).toMatch(/^# Soup\n\n/);
    expect(page.body).toContain("## How");
    expect(page.body).toContain(`[salt](${urlOf("/salt?x=1#y")})`);
    expect(page.body).toContain("| What | g |\n| --- | --- |\n| Salt\\|sea | 3 |");
    expect(page.body).not.toMatch(/evil|Home/);
  });

  it("that is no article keeps all it says", async () => {
    const rows = Array.from({ length: 30 }, (_, at) => `<li><a href="/${at}">Headline ${at}</a></li>`).join(
      "",
    );
    serve("/list", { "content-type": "text/html" }, `<title>News</title><ul>${rows}</ul>`);
    expect((await fetchPage("/list")).body).toContain(`[Headline 29](${urlOf("/29")})`);
  });

  it("that is nothing or broken HTML is read without harm", async () => {
    serve("/empty", { "content-type": "text/html" }, "");
    serve("/broken", { "content-type": "text/html" }, "<div><p>half <b>open <table><td>cell");
    expect((await fetchPage("/empty")).body.trim()).toBe("");
    expect((await fetchPage("/broken")).body).toContain("half");
  });

  it("that nests deeper than can be read in time is refused, and the process goes on", async () => {
    serve(
      "/deep",
      { "content-type": "text/html" },
      `${"<div>".repeat(100_000)}text${"</div>".repeat(100_000)}`,
    );
    await expect(fetchPage("/deep", { maxWorkMs: 200 })).rejects.toThrow(/too complex/);
  });

  it.each([
    ["text/plain; charset=utf-8", "a < b\n"],
    ["application/json", '{"a":1}'],
    ["text/markdown", "# Title"],
    ["application/rss+xml", "<rss/>"],
  ])("of type %s arrives as it is", async (type, body) => {
    serve("/verbatim", { "content-type": type }, body);
    expect(await fetchPage("/verbatim")).toEqual({
      url: urlOf("/verbatim"),
      contentType: type.split(";", 1)[0],
      body,
    });
  });

  it.each(["application/pdf", "image/png", "video/mp4", "application/zip"])(
    "of type %s is refused before it is downloaded",
    async (type) => {
      pages.set("/binary", (_request, response) =>
        response.writeHead(200, { "content-type": type }).write("x"),
      );
      await expect(fetchPage("/binary")).rejects.toMatchObject({
        code: "tool",
        message: expect.stringContaining(type),
      });
    },
  );

  it("without a type is looked at: HTML, text, or refused", async () => {
    serve("/untyped-html", {}, "<!doctype html><title>T</title><p>words");
    serve("/untyped-text", {}, "just words");
    serve("/untyped-bytes", {}, Buffer.from([0x7f, 0x45, 0, 0, 1]));
    expect((await fetchPage("/untyped-html")).contentType).toBe("text/markdown");
    expect(await fetchPage("/untyped-text")).toMatchObject({ contentType: "text/plain", body: "just words" });
    await expect(fetchPage("/untyped-bytes")).rejects.toThrow("not text");
  });

  it.each([
    ["the header", { "content-type": "text/plain; charset=windows-1251" }, Buffer.from([0xcf, 0xf0]), "Пр"],
    [
      "a byte order mark",
      { "content-type": "text/plain" },
      Buffer.from([0xff, 0xfe, 0x48, 0, 0x69, 0]),
      "Hi",
    ],
    ["nothing known", { "content-type": "text/plain; charset=klingon" }, Buffer.from("é"), "é"],
  ])("is decoded as %s says", async (_what, headers, bytes, text) => {
    serve("/charset", headers, bytes);
    expect((await fetchPage("/charset")).body).toBe(text);
  });

  it("is decoded as its own meta element says", async () => {
    const html = Buffer.from(
      '<html><head><meta charset="iso-8859-1"></head><body>caf\xe9</body></html>',
      "latin1",
    );
    serve("/meta", { "content-type": "text/html" }, html);
    expect((await fetchPage("/meta")).body).toContain("café");
  });

  it.each([
    ["gzip", gzipSync("packed")],
    ["br", brotliCompressSync("packed")],
  ])("packed with %s is unpacked", async (encoding, body) => {
    serve("/packed", { "content-type": "text/plain", "content-encoding": encoding }, body);
    expect((await fetchPage("/packed")).body).toBe("packed");
  });

  it.each([
    [404, /answered 404/],
    [500, /answered 500/],
    [304, /answered 304/],
  ])("answered with %d says so", async (status, message) => {
    serve("/status", { "content-type": "text/plain" }, "", status);
    await expect(fetchPage("/status")).rejects.toThrow(message);
  });
});

describe("a bound", () => {
  it("of size stops a body that never ends", async () => {
    pages.set("/endless", (_request, response) => {
      response.writeHead(200, { "content-type": "text/plain" });
      const more = () => {
        while (!response.destroyed && response.write("x".repeat(65_536)));
      };
      response.on("drain", more);
      more();
    });
    await expect(fetchPage("/endless", { maxBytes: 500_000 })).rejects.toThrow("larger than 0.5 MB");
  });

  it("of size holds for what a small file unpacks to", async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    serve("/bomb", { "content-type": "text/plain", "content-encoding": "gzip" }, bomb);
    await expect(fetchPage("/bomb")).rejects.toThrow("larger than 2 MB");
  });

  it("of time ends a server that does not answer, or stops in the middle", async () => {
    pages.set("/silent", () => {});
    pages.set("/half", (_request, response) =>
      response.writeHead(200, { "content-type": "text/plain" }).write("a"),
    );
    for (const path of ["/silent", "/half"]) {
      await expect(fetchPage(path, { timeoutMs: 150 })).rejects.toThrow("longer than 0.15 s");
    }
  });

  it("of time ends a name that is never resolved", async () => {
    const resolve = () => new Promise<never>(() => {});
    await expect(fetchPage("/x", { timeoutMs: 50, resolve })).rejects.toThrow("longer than");
  });

  it("is the caller's too: its own reason comes back", async () => {
    pages.set("/wait", () => {});
    const abort = new AbortController();
    const page = open().fetch(urlOf("/wait"), abort.signal);
    abort.abort(new Error("stopped by the person"));
    await expect(page).rejects.toThrow("stopped by the person");
    await expect(open().fetch(urlOf("/wait"), abort.signal)).rejects.toThrow("stopped by the person");
  });
});

describe("a connection", () => {
  it("that is refused, cut or badly packed is an error in words, without the address", async () => {
    pages.set("/cut", (request) => request.socket.destroy());
    serve("/garbled", { "content-type": "text/plain", "content-encoding": "gzip" }, "not gzip at all");
    serve("/odd", { "content-type": "text/plain", "content-encoding": "rot13" }, "x");
    await expect(fetchPage("/cut")).rejects.toMatchObject({
      code: "tool",
      message: "the server closed the connection",
    });
    await expect(fetchPage("/garbled")).rejects.toMatchObject({ code: "tool" });
    await expect(fetchPage("/odd")).rejects.toThrow("rot13");
    await expect(open().fetch("http://site.example:1/", never)).rejects.toThrow("refused the connection");
  });

  it("to a name nobody has is an error in words", async () => {
    const resolve = async () => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND x"), { code: "ENOTFOUND" });
    };
    await expect(fetchPage("/x", { resolve })).rejects.toThrow("the host is not known");
    await expect(fetchPage("/x", { resolve: async () => [] })).rejects.toThrow("is not known");
  });

  it("carries the name it was asked for", async () => {
    serve("/named", { "content-type": "text/plain" }, "x");
    asked.splice(0);
    await fetchPage("/named");
    expect(asked).toEqual([`site.example:${port} /named`]);
  });
});
