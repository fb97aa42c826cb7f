import { BlockList, isIP } from "node:net";

/** Says whether an address is that of a named reverse proxy. */
export type IsProxy = (address: string) => boolean;

/**
 * Reads the operator's list of reverse proxies.
 *
 * @param list - Addresses, and networks such as `10.0.0.0/8` or `2001:db8::/32`.
 * @throws {RangeError} naming the entry that is neither.
 */
export function parseProxies(list: readonly string[]): IsProxy {
  const known = new BlockList();
  for (const entry of list) {
    const [address = "", bits, ...rest] = entry.split("/");
    const family = familyOf(address);
    const isWhole = bits === undefined || /^\d{1,3}$/.test(bits);
    if (family === undefined || rest.length > 0 || !isWhole || !fits(Number(bits ?? 0), family)) {
      throw new RangeError(`${entry} is neither an address nor a network`);
    }
    if (bits === undefined) known.addAddress(address, family);
    else known.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const family = familyOf(address);
    return family !== undefined && known.check(address, family);
  };
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  if (version === 0) return undefined;
  return version === 4 ? "ipv4" : "ipv6";
}

function fits(bits: number, family: "ipv4" | "ipv6"): boolean {
  return bits <= (family === "ipv4" ? 32 : 128);
}
