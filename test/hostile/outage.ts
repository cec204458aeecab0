// Telegram's address on the network, which can stop to answer in the ways it does: nobody listens, a gateway refuses,
// or connections are taken and nothing comes back.

import { connect, createServer, type Server, type Socket } from "node:net";

export type Outage = "refused" | "bad gateway" | "silence";

export interface Address {
  readonly url: string;
  /** Where the real one is. */
  leadTo(url: string): void;
  breakDown(outage: Outage): Promise<void>;
  restore(): Promise<void>;
  /** Connections made while it was broken, and taken. */
  attempts(): number;
  close(): Promise<void>;
}

const BAD_GATEWAY =
  "HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 11\r\nconnection: close\r\n\r\nBad Gateway";

export const openAddress = async (): Promise<Address> => {
  const sockets = new Set<Socket>();
  let [target, outage, attempts] = ["", undefined as Outage | undefined, 0];
  const server: Server = createServer((socket) => {
    keep(sockets, socket);
    if (outage === undefined) return pass(socket, target, sockets);
    attempts += 1;
    if (outage === "bad gateway") socket.once("data", () => socket.end(BAD_GATEWAY));
    return undefined;
  });
  const listen = (port: number) =>
    new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, "127.0.0.1", resolve);
    });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      cut();
    });
  await listen(0);
  const { port } = server.address() as { readonly port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    leadTo(url) {
      target = url;
    },
    async breakDown(how) {
      outage = how;
      if (how === "refused") await stop();
      else cut();
    },
    async restore() {
      cut();
      if (outage === "refused") await listen(port);
      outage = undefined;
    },
    attempts: () => attempts,
    close: () => (server.listening ? stop() : Promise.resolve()),
  };
};

const keep = (sockets: Set<Socket>, socket: Socket): void => {
  sockets.add(socket);
  socket.on("error", () => socket.destroy());
  socket.on("close", () => sockets.delete(socket));
};

const pass = (socket: Socket, target: string, sockets: Set<Socket>): void => {
  const there = connect(Number(new URL(target).port), "127.0.0.1");
  keep(sockets, there);
  there.on("close", () => socket.destroy());
  socket.on("close", () => there.destroy());
  socket.pipe(there).pipe(socket);
};
