import { createContext, useContext } from "react";
import type { OpenApp } from "./open-app.ts";

/** The open app, for everything behind the lock. */
export const OpenAppContext = createContext<OpenApp | undefined>(undefined);

/** The open app. @throws {RangeError} on a screen that stands in front of the lock. */
export function useOpenApp(): OpenApp {
  const app = useContext(OpenAppContext);
  if (app === undefined) throw new RangeError("useOpenApp: nothing is open here");
  return app;
}
