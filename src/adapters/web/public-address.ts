// Which addresses a page may be fetched from: those of the public internet. Asked for every resolved address of every hop.

import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

/** All of global unicast IPv6 is here (RFC 4291); outside are the compatible, site-local and NAT64 forms of other addresses. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR("2000::/3");

/**
 * An IPv4 address in IPv6 clothes counts as what it is. `unicast` leaves out loopback, private, link-local (with the
 * metadata services), carrier-grade NAT, multicast, reserved, 6to4 and Teredo. What is
 * no whole address is not public: ipaddr.js would read octal and shortened forms its own way.
 */
export const isPublicAddress = (address: string): boolean => {
  if (isIP(address) === 0 || !ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  if (parsed.range() !== "unicast") return false;
  return parsed.kind() === "ipv4" || parsed.match(GLOBAL_UNICAST);
};
