/** Below 127.0.0.0/8 Linux takes every address for this machine; each counts as another sender. */
const PER_NETWORK = 250;

/**
 * Addresses of this machine to play many senders from, never 127.0.0.1.
 *
 * @param network - 1 to 255: keeps the senders of different parts apart.
 */
export function loopbackAddresses(network: number, count: number): readonly string[] {
  if (count < 1 || count > PER_NETWORK * PER_NETWORK) {
    throw new RangeError("count: from 1 to 62,500");
  }
  return Array.from({ length: count }, (_, index) => {
    const [high, low] = [Math.floor(index / PER_NETWORK), index % PER_NETWORK];
    return `127.${String(network)}.${String(high)}.${String(low + 1)}`;
  });
}
