import { createContext, useContext } from "react";

/** Every screen behind the lock. A reading is named by its message-id in hexadecimal. */
export type Place =
  | "today"
  | "sensors"
  | "record"
  | "safety"
  | "my-information"
  | "type-in"
  | "import"
  | "queue"
  | "security"
  | "devices"
  | "unlock-settings"
  | "preferences"
  | { readonly reading: string };

/** Where the patient is, and how to go elsewhere. */
export interface Navigation {
  readonly place: Place;
  readonly go: (to: Place) => void;
  readonly back: () => void;
}

/** Set by the shell. */
export const NavigationContext = createContext<Navigation | undefined>(undefined);

/** Where the patient is. @throws {RangeError} on a screen that stands in front of the lock. */
export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext);
  if (navigation === undefined) throw new RangeError("useNavigation: there is no shell here");
  return navigation;
}

/** Goes to another screen. Neither address nor title says which: both are seen by others. */
export function useGo(): (to: Place) => void {
  return useNavigation().go;
}
