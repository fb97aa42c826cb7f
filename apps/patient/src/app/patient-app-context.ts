import { createContext, useContext, useSyncExternalStore } from "react";
import type { Observable } from "../observable.ts";
import type { PatientApp } from "./patient-app.ts";
import type { AppStage } from "./stage.ts";

/** The app, for every screen. */
export const PatientAppContext = createContext<PatientApp | undefined>(undefined);

/** The app. @throws {RangeError} outside of it. */
export function usePatientApp(): PatientApp {
  const app = useContext(PatientAppContext);
  if (app === undefined) throw new RangeError("usePatientApp: there is no app here");
  return app;
}

/** Where the app stands. */
export function useStage(): AppStage {
  return useObserved(usePatientApp());
}

/** A value, drawn anew when it changes. */
export function useObserved<T>(observable: Observable<T>): T {
  return useSyncExternalStore(observable.subscribe, observable.snapshot);
}
