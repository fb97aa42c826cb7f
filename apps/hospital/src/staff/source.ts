const GROUPS = 8;
/** Half of an IPv6 address names a network, and whoever has one network has all of its addresses (RFC 4291 §2.5.4). */
const NETWORK_GROUPS = 4;

/** What is counted as one source: an IPv4 address, or the network of an IPv6 address. */
export function networkOf(address: string): string {
  // Also `::ffff:192.0.2.1`, as a listener for both families names an IPv4 address.
  if (address.includes(".")) return address.slice(address.lastIndexOf(":") + 1);
  const [head = "", tail] = address.toLowerCase().split("%")[0]?.split("::") ?? [];
  const groupsOf = (part: string): string[] => (part === "" ? [] : part.split(":"));
  const left = groupsOf(head);
  const right = groupsOf(tail ?? "");
  const between = tail === undefined ? 0 : Math.max(0, GROUPS - left.length - right.length);
  const groups = [...left, ...Array.from({ length: between }, () => "0"), ...right];
  return groups
    .slice(0, NETWORK_GROUPS)
    .map((group) => group.replace(/^0+(?=.)/, ""))
    .join(":");
}
