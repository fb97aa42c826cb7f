import type { PatientSummary } from "@siphms/api";
import { createContext, useContext, useSyncExternalStore } from "react";
import { CONNECTION, LIST, PatientStore, type Connection } from "./patient-store.ts";

/** The store of the page; a new one for each session, so that nothing outlives a sign-out. */
export const StoreContext = createContext(new PatientStore());

/** The ids of the patients on the list, in the hospital's order. */
export function usePatientIds(): readonly string[] {
  const store = useContext(StoreContext);
  return useSyncExternalStore((listener) => store.subscribe(LIST, listener), store.order);
}

/** One patient's summary, kept live. */
export function usePatient(id: string): PatientSummary | undefined {
  const store = useContext(StoreContext);
  return useSyncExternalStore(
    (listener) => store.subscribe(id, listener),
    () => store.patient(id),
  );
}

/** Whether what is on screen is live. */
export function useConnection(): Connection {
  const store = useContext(StoreContext);
  return useSyncExternalStore(
    (listener) => store.subscribe(CONNECTION, listener),
    store.connection,
  );
}
