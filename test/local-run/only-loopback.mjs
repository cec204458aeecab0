// Preloaded into every Node process of a run (NODE_OPTIONS=--import): an attempt to reach anything but loopback is
// written down in the file ATTEMPTS_FILE and refused.

import dgram from "node:dgram";
import dns from "node:dns";
import { appendFileSync } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import net from "node:net";

const file = process.env.ATTEMPTS_FILE;

const isLoopback = (host) =>
  host === undefined || host === "localhost" || host === "::1" || /^127\./.test(host);

const refuse = (what) => {
  if (file) appendFileSync(file, `${what}\n`);
  return Object.assign(new Error(`refused by the test: ${what}`), { code: "ECONNREFUSED" });
};

const connect = net.Socket.prototype.connect;
net.Socket.prototype.connect = function connectLoopback(...given) {
  // Either (options, …) or (port, host, …), or both as the array node passes inside itself.
  const [first, second] = Array.isArray(given[0]) ? given[0] : given;
  const host = typeof first === "object" && first !== null ? first.host : second;
  const isPath =
    typeof first === "object" && first !== null
      ? first.path !== undefined && first.port === undefined
      : false;
  if (isPath || typeof host !== "string" || isLoopback(host)) return connect.apply(this, given);
  process.nextTick(() => this.destroy(refuse(`connect ${host}`)));
  return this;
};

for (const module of [dns, dns.promises]) {
  for (const name of Object.keys(module).filter((key) => /^(lookup|resolve|reverse)/.test(key))) {
    const original = module[name];
    module[name] = (host, ...rest) => {
      if (isLoopback(host)) return original.call(module, host, ...rest);
      const error = refuse(`dns.${name} ${host}`);
      if (module === dns.promises) return Promise.reject(error);
      process.nextTick(rest.at(-1), error);
      return undefined;
    };
  }
}

for (const name of ["send", "connect"]) {
  const original = dgram.Socket.prototype[name];
  dgram.Socket.prototype[name] = function sendLoopback(...given) {
    const host = given.find((argument, index) => index > 0 && typeof argument === "string");
    if (isLoopback(host)) return original.apply(this, given);
    throw refuse(`udp ${host}`);
  };
}

// Named ESM imports of built-in modules are copies: they learn of the changes here.
syncBuiltinESMExports();
