import { useContext, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { StoreContext, useFromAlerts } from "../live/use-store.ts";
import { waitingOf } from "../views/alerts/alert-order.ts";
import { AlarmContext, openAlarm } from "./alarm-context.ts";
import { SOUND_KEY, type Alarm } from "./alarm.ts";
import { REPEAT_MS, ringingFor, type Heard } from "./ringing.ts";

/** The windows of one browser would ring in chorus: the one that holds this lock rings. */
const LOCK = "siphms-alarm";

/** For those who look after patients: open alerts are heard, and counted on the application's icon. */
export function WithAlarm({ children }: { readonly children: ReactNode }): ReactElement {
  const [alarm, setAlarm] = useState<Alarm>();
  useEffect(() => {
    const opened = openAlarm();
    setAlarm(opened);
    const stop = listenForTouch(opened);
    return () => {
      stop();
      opened.close();
    };
  }, []);
  return (
    <AlarmContext value={alarm}>
      {alarm === undefined ? null : <Ringer alarm={alarm} />}
      <IconCount />
      {children}
    </AlarmContext>
  );
}

/**
 * Tells the alarm of each press, once it is over, as what says that sound waits must not go from under a finger; and of what
 * was chosen in another window.
 */
function listenForTouch(alarm: Alarm): () => void {
  const stop = new AbortController();
  for (const name of ["click", "keyup"]) {
    addEventListener(name, alarm.touched, { signal: stop.signal });
  }
  addEventListener(
    "storage",
    // Without a key everything was cleared.
    ({ key }) => {
      if (key === SOUND_KEY || key === null) alarm.follow();
    },
    { signal: stop.signal },
  );
  return () => stop.abort();
}

/** Rings for what is new, and again and again while something urgent waits. Shows nothing. */
function Ringer({ alarm }: { readonly alarm: Alarm }): null {
  const store = useContext(StoreContext);
  const mayRing = useLock(alarm);
  const isPressed = useFromAlerts((alerts) => waitingOf(alerts).isPressing);

  useEffect(() => {
    let heard: Heard = new Set();
    const listen = (): void => {
      const ringing = ringingFor(heard, store.openAlerts());
      ({ heard } = ringing);
      if (ringing.ring !== undefined && mayRing.current) alarm.ring(ringing.ring);
    };
    listen();
    return store.onAlerts(listen);
  }, [alarm, store, mayRing]);

  useEffect(() => {
    if (!isPressed) return undefined;
    const timer = setInterval(() => {
      if (mayRing.current) alarm.ring("urgent");
    }, REPEAT_MS);
    return () => clearInterval(timer);
  }, [alarm, isPressed, mayRing]);
  return null;
}

/** Whether this window is the one of its browser that rings. Only one that can be heard asks for it. */
function useLock(alarm: Alarm): { readonly current: boolean } {
  const mine = useRef(false);
  useEffect(() => {
    let release: (() => void) | undefined;
    const follow = (): void => {
      if (alarm.state() !== "on") {
        release?.();
        release = undefined;
      } else release ??= takeLock(mine);
    };
    follow();
    const stop = alarm.subscribe(follow);
    return () => {
      stop();
      release?.();
    };
  }, [alarm]);
  return mine;
}

/** Waits for the lock and keeps it; returns how to give it back. */
function takeLock(mine: { current: boolean }): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  const hold = (): Promise<void> => {
    mine.current = true;
    return new Promise((resolve) => signal.addEventListener("abort", () => resolve()));
  };
  navigator.locks.request(LOCK, { signal }, hold).catch((error: unknown) => {
    // Given up while another window still rang.
    if (!signal.aborted) throw error;
  });
  return () => {
    mine.current = false;
    stop.abort();
  };
}

/** How many alerts wait, on the icon of an installed console; a number and nothing else. Shows nothing in the page. */
function IconCount(): null {
  const count = useFromAlerts((alerts) => waitingOf(alerts).count);
  useEffect(() => {
    showOnIcon(count);
    return () => showOnIcon(0);
  }, [count]);
  return null;
}

function showOnIcon(count: number): void {
  if (!("setAppBadge" in navigator)) return;
  // A console that is not installed has no icon: the title of the window says it, too.
  navigator.setAppBadge(count).catch(() => undefined);
}
