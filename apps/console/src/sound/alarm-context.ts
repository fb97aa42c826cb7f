import { createContext, useContext, useSyncExternalStore } from "react";
import { Alarm, type SoundState } from "./alarm.ts";

/** The sound of this window, for as long as somebody who looks after patients is signed in. */
export function openAlarm(): Alarm {
  return new Alarm({
    openContext: "AudioContext" in globalThis ? () => new AudioContext() : undefined,
    storage: localStorage,
    wasTouched: () => navigator.userActivation.hasBeenActive,
  });
}

/** The alarm of the page; nobody else's page has one. */
export const AlarmContext = createContext<Alarm | undefined>(undefined);

/** The alarm of the page and how its sound stands, kept up to date; nothing where the page has none. */
export function useAlarm(): { readonly alarm: Alarm; readonly state: SoundState } | undefined {
  const alarm = useContext(AlarmContext);
  const state = useSyncExternalStore(alarm?.subscribe ?? never, alarm?.state ?? nothing);
  return alarm === undefined || state === undefined ? undefined : { alarm, state };
}

const never = (): (() => void) => nothing;
const nothing = (): undefined => undefined;
