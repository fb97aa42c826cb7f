import { UPLINK_CLOSE, type GatewayFrame, type Registration } from "@siphms/relay";
import { createDelivery, type Delivery } from "./delivery.ts";
import type { HospitalDirectory, QueueStore, UplinkLink } from "./ports.ts";

/** The live uplinks, at most one for each hospital. */
export interface Uplinks {
  /** A hospital has connected; an earlier uplink of it is closed. */
  open(hospital: Registration, link: UplinkLink): Uplink;
  /** Sends a frame to a hospital at once; `false` if it is not connected. */
  send(hospital: string, frame: GatewayFrame): boolean;
  isOpen(hospital: string): boolean;
  /** Something new is queued for a hospital. */
  wake(hospital: string): void;
  /** Closes the uplinks of hospitals that are no longer admitted, or not with the key they came with. */
  closeExpelled(): void;
  closeAll(code: number): void;
  size(): number;
}

/** One live uplink. */
export interface Uplink {
  readonly hospital: string;
  readonly delivery: Delivery;
  /** The connection has ended. */
  ended(): void;
}

/** What {@link createUplinks} works with. */
export interface UplinkPorts {
  readonly store: QueueStore;
  readonly directory: HospitalDirectory;
  readonly schedule: (run: () => void) => void;
  /** A hospital has lost its uplink and has no other. */
  readonly onLeft: (hospital: string) => void;
}

/** Creates the register of uplinks. */
export function createUplinks(ports: UplinkPorts): Uplinks {
  const { store, directory, schedule, onLeft } = ports;
  const live = new Map<string, { link: UplinkLink; delivery: Delivery; admitted: Registration }>();

  return {
    open(admitted, link) {
      const hospital = admitted.id;
      const earlier = live.get(hospital);
      earlier?.delivery.stop();
      earlier?.link.close(UPLINK_CLOSE.replaced);
      // Whatever the earlier uplink was asked can only be answered there.
      if (earlier !== undefined) onLeft(hospital);
      const delivery = createDelivery({ hospital, store, link, schedule });
      const entry = { link, delivery, admitted };
      live.set(hospital, entry);
      return {
        hospital,
        delivery,
        ended() {
          delivery.stop();
          if (live.get(hospital) !== entry) return;
          live.delete(hospital);
          onLeft(hospital);
        },
      };
    },
    send(hospital, frame) {
      const entry = live.get(hospital);
      entry?.link.send(frame);
      return entry !== undefined;
    },
    isOpen: (hospital) => live.has(hospital),
    wake(hospital) {
      live.get(hospital)?.delivery.wake();
    },
    closeExpelled() {
      for (const [hospital, { link, admitted }] of live) {
        if (directory.find(hospital) !== admitted) link.close(UPLINK_CLOSE.expelled);
      }
    },
    closeAll(code) {
      for (const { link } of live.values()) link.close(code);
    },
    size: () => live.size,
  };
}
