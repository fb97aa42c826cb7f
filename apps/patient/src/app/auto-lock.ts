import type { Clock } from "@siphms/device";

/** The app locks after so long out of sight. */
export const LOCK_AFTER_MS = 2 * 60_000;

/** What the browser tells of the page. */
export interface PageEvents {
  /** Calls back when the page is hidden (also just before it may be ended) and when it is seen again. */
  onVisibility(listener: (isHidden: boolean) => void): void;
  /** Calls back when the phone says that the network is back. */
  onOnline(listener: () => void): void;
}

/** What {@link startAutoLock} needs. */
export interface AutoLockPorts {
  readonly clock: Clock;
  readonly page: Pick<PageEvents, "onVisibility">;
  readonly lock: () => void;
  readonly onHidden: () => void;
  readonly onShown: () => void;
}

/**
 * Locks the app when it was out of sight for {@link LOCK_AFTER_MS}.
 *
 * A phone freezes hidden pages, timers and all, and its monotonic clock may stand still while it sleeps. So when the page is
 * seen again both clocks are asked, and the lock is shown before anything else.
 */
export function startAutoLock({ clock, page, lock, onHidden, onShown }: AutoLockPorts): void {
  let away: { readonly now: number; readonly monotonic: number } | undefined;
  let back = new AbortController();
  const isOver = (): boolean =>
    away !== undefined &&
    (clock.monotonic() - away.monotonic >= LOCK_AFTER_MS ||
      clock.now() - away.now >= LOCK_AFTER_MS);
  page.onVisibility((isHidden) => {
    if (isHidden) {
      onHidden();
      if (away !== undefined) return;
      away = { now: clock.now(), monotonic: clock.monotonic() };
      back = new AbortController();
      const { signal } = back;
      void clock.sleep(LOCK_AFTER_MS, signal).then(() => {
        if (!signal.aborted) lock();
      });
      return;
    }
    if (isOver()) lock();
    away = undefined;
    back.abort();
    onShown();
  });
}
