import { BlockList, isIP } from "node:net";
import { CarouselError } from "../../errors.js";

/** What is not of the public internet: IANA's special-purpose registries (RFC 6890), multicast and reserved ranges. */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];
/** All of the public internet's IPv6; IPv4 in IPv6 (mapped, NAT64) lies outside of it. */
const GLOBAL_IPV6 = ["2000::/3"];
/** But for protocols, Teredo, documentation, and 6to4, which carries an IPv4 address. */
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const [specialIpv4, globalIpv6, specialIpv6] = [SPECIAL_IPV4, GLOBAL_IPV6, SPECIAL_IPV6].map(blockList);

/** Addresses that a server may be made to call. */
export class Networks {
  private readonly allowed: BlockList;

  /**
   * @param allowed addresses and networks (10.0.0.0/8) that may be called beside those of the public internet
   * @throws CarouselError INVALID_ARGUMENT
   */
  constructor(allowed: readonly string[] = []) {
    this.allowed = blockList(allowed);
  }

  /** @param address IPv4 or IPv6, without brackets */
  holds(address: string): boolean {
    const bare = address.replace(/%.*$/, "");
    const version = isIP(bare);
    if (version === 0) return false;
    const family = version === 6 ? "ipv6" : "ipv4";
    if (this.allowed.check(bare, family)) return true;
    if (family === "ipv4") return !specialIpv4!.check(bare, family);
    return globalIpv6!.check(bare, family) && !specialIpv6!.check(bare, family);
  }
}

function blockList(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [, address = "", length] = /^([^/]+)(?:\/(\d+))?$/.exec(network) ?? [];
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    try {
      if (length === undefined) list.addAddress(address, family);
      else list.addSubnet(address, Number(length), family);
    } catch {
      throw new CarouselError("INVALID_ARGUMENT", `${network} is no address and no network such as 10.0.0.0/8`);
    }
  }
  return list;
}
