import type { DeviceStatus } from "@siphms/device";
import type { StorageTrouble } from "../../app/watched-store.ts";

/** The one thing that matters now. */
export type StripState =
  | { readonly kind: "storage" | "attention" | "confirmed" | "connecting" }
  | { readonly kind: "waiting"; readonly samples: number }
  | { readonly kind: "offline"; readonly since: number | undefined };

/**
 * What the strip says, the worst first: a full phone, something that only a person can mend, no connection, what waits.
 *
 * @param offlineSince - ms; `undefined` while there is a connection, or while nobody knows for how long there was none.
 */
export function stripStateOf(
  status: DeviceStatus,
  trouble: StorageTrouble | undefined,
  offlineSince: number | undefined,
): StripState {
  if (trouble !== undefined) return { kind: "storage" };
  if (status.needsAttention || status.queue.kept > 0 || status.queue.damaged > 0)
    return { kind: "attention" };
  if (status.connection === "waiting") return { kind: "offline", since: offlineSince };
  if (status.connection !== "open" && status.queue.samples === 0) return { kind: "connecting" };
  if (status.queue.samples > 0) return { kind: "waiting", samples: status.queue.samples };
  return { kind: "confirmed" };
}
