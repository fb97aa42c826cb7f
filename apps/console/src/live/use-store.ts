import type { AlertStand, ApiAlert, Trend } from "@siphms/api";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";
import {
  ALERTS,
  CONNECTION,
  LIST,
  PatientStore,
  type Connection,
  type KnownPatient,
} from "./patient-store.ts";

/** The store of the page; a new one for each session, so that nothing outlives a sign-out. */
export const StoreContext = createContext(new PatientStore());

/** Reads the store, and again whenever what stands under a key has changed. */
function useStored<T>(key: string, read: (store: PatientStore) => T): T {
  const store = useContext(StoreContext);
  const subscribe = useCallback(
    (listener: () => void) => store.subscribe(key, listener),
    [store, key],
  );
  return useSyncExternalStore(subscribe, () => read(store));
}

/** The ids of the patients on the list, in the hospital's order. */
export function usePatientIds(): readonly string[] {
  return useStored(LIST, (store) => store.order());
}

/** One patient's summary, kept live. */
export function usePatient(id: string): KnownPatient | undefined {
  return useStored(id, (store) => store.patient(id));
}

/** One patient's last six hours in short, kept live, once they were fetched. */
export function useTrend(id: string): Trend | undefined {
  return useStored(id, (store) => store.trend(id));
}

/** The stand of one patient's alerts, kept live; nothing where it is not known. */
export function useStand(id: string): AlertStand | undefined {
  return useStored(id, (store) => store.stand(id));
}

/** Every open alert of the patients in sight, kept live. */
export function useOpenAlerts(): readonly ApiAlert[] {
  return useStored(ALERTS, (store) => store.openAlerts());
}

/**
 * Something that follows from the open alerts, a moment later, also where the window is not in sight.
 *
 * @param work - Gives a number or a truth, which are the same when they look the same.
 */
export function useFromAlerts<T extends boolean | number>(
  work: (alerts: readonly ApiAlert[]) => T,
): T {
  const store = useContext(StoreContext);
  return useSyncExternalStore(store.onAlerts, () => work(store.openAlerts()));
}

/** Whether what is on screen is live. */
export function useConnection(): Connection {
  return useStored(CONNECTION, (store) => store.connection());
}
