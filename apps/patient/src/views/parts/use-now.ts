import { useEffect, useState } from "react";
import { useOpenApp } from "../../app/open-app-context.ts";

/** The time by which measurements are stamped, told again every `everyMs` to a screen that shows ages. */
export function useNow(everyMs: number): number {
  const { device } = useOpenApp();
  const [now, setNow] = useState(() => device.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(device.now()), everyMs);
    return () => clearInterval(timer);
  }, [device, everyMs]);
  return now;
}
