import type { Device, DeviceStatus, OutboxItem } from "@siphms/device";
import { useCallback, useMemo, useSyncExternalStore } from "react";
import { Observed } from "../observable.ts";
import { useOpenApp } from "./open-app-context.ts";

/** While a session is being opened a status changes without an event. */
const LOOK_EVERY_MS = 1_000;
/** A queue of thousands that is being sent changes more often than anybody can read. */
const GATHER_MS = 250;

/** The device's status, drawn anew whenever something happens to it. */
export function useDeviceStatus(): DeviceStatus {
  return useOfDevice(statusOf, watchStatus);
}

/** The items of the outbox, oldest first, drawn anew soon after something happened to one. */
export function useOutbox(): readonly OutboxItem[] {
  return useOfDevice(itemsOf, watchItems);
}

/** When monitoring ends; `undefined` while it is off. */
export function useMonitoringUntil(): number | undefined {
  const { monitoring } = useOpenApp();
  return useSyncExternalStore(monitoring.subscribe, monitoring.snapshot).until;
}

/** Looks at a device again and again until the result is called. */
type Watch = (device: Device, look: () => void) => () => void;

function useOfDevice<T>(read: (device: Device) => T, watch: Watch): T {
  const { device } = useOpenApp();
  const seen = useMemo(() => new Observed(read(device)), [device, read]);
  const subscribe = useCallback(
    (listener: () => void) => {
      const look = (): void => {
        const value = read(device);
        if (textOf(value) !== textOf(seen.snapshot())) seen.set(value);
      };
      const stopListening = seen.subscribe(listener);
      const stopWatching = watch(device, look);
      look();
      return () => {
        stopWatching();
        stopListening();
      };
    },
    [device, read, seen, watch],
  );
  return useSyncExternalStore(subscribe, seen.snapshot);
}

const statusOf = (device: Device): DeviceStatus => device.status();
const itemsOf = (device: Device): readonly OutboxItem[] => device.items();

const watchStatus: Watch = (device, look) => {
  const stop = device.subscribe(look);
  const timer = setInterval(look, LOOK_EVERY_MS);
  return () => {
    stop();
    clearInterval(timer);
  };
};

const watchItems: Watch = (device, look) => {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = device.subscribe(() => {
    timer ??= setTimeout(() => {
      timer = undefined;
      look();
    }, GATHER_MS);
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
};

function textOf(value: unknown): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    member instanceof Uint8Array ? [...member] : member,
  );
}
