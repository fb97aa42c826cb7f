import { toHex } from "@siphms/cose";
import type { Clock, Device } from "@siphms/device";

/** Collects how long readings took from their signing to their verified receipt, over many devices. */
export interface Latencies {
  watch(device: Device): void;
  /** By nearest rank, in ms with one decimal; 0 where nothing was measured. */
  percentile(share: number): number;
}

/** Starts an empty collection. */
export function collectLatencies(clock: Clock): Latencies {
  const began = new Map<string, number>();
  const took: number[] = [];
  return {
    watch: (device) =>
      void device.subscribe((event) => {
        if (event.type === "recorded") began.set(toHex(event.messageId), clock.monotonic());
        if (event.type !== "receipted") return;
        const name = toHex(event.messageId);
        const start = began.get(name);
        if (start !== undefined) took.push(clock.monotonic() - start);
        began.delete(name);
      }),
    percentile: (share) => percentile(took, share),
  };
}

function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  const rank = Math.max(1, Math.ceil(share * sorted.length));
  return Math.round((sorted[rank - 1] ?? 0) * 10) / 10;
}
