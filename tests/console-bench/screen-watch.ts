/** Runs in the console's page, as text: what compiles this file on the way would put calls of its own into a function. */

/** One value that was painted. */
export interface Painted {
  readonly patient: string;
  /** When the value was measured, ms: with the patient it names the message. */
  readonly measuredAt: number;
  /** By the clock of this machine, ms, in the frame after the one that shows it. */
  readonly paintedAt: number;
}

/**
 * Notes for each row that is drawn when the age of its first vital sign gets another instant, which a live value gives it. The
 * frame after is the first of which is known that the one before was painted: up to a frame is counted too much, never too little.
 */
export const WATCH_ROWS = `(() => {
  const painted = [];
  globalThis.siphmsPainted = painted;
  const rows = document.querySelector(".siphms-worklist-rows");
  const seen = new WeakMap();
  new MutationObserver((changes) => {
    for (const { target } of changes) {
      const row = target.closest?.("[data-patient]");
      if (row === null || row === undefined) continue;
      const time = row.querySelector(".siphms-worklist-cell time");
      if (time !== target || seen.get(time) === time.dateTime) continue;
      seen.set(time, time.dateTime);
      const measuredAt = Date.parse(time.dateTime);
      requestAnimationFrame(() => {
        const paintedAt = performance.timeOrigin + performance.now();
        painted.push({ patient: row.dataset.patient, measuredAt, paintedAt });
      });
    }
  }).observe(rows, { subtree: true, attributes: true, attributeFilter: ["datetime"] });
})()`;

/** What {@link WATCH_ROWS} has noted until now. */
export const READ_PAINTED = `globalThis.siphmsPainted`;

/** Notes each stretch in which the page could do nothing else for longer than 50 ms. */
export const WATCH_LONG_TASKS = `(() => {
  const tasks = [];
  globalThis.siphmsLongTasks = tasks;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) tasks.push(duration);
  }).observe({ type: "longtask" });
})()`;

/** What {@link WATCH_LONG_TASKS} has noted until now; ms each. */
export const READ_LONG_TASKS = `globalThis.siphmsLongTasks`;

/** Asks for everything that there is of a patient, and says how long it took until that many values were painted; ms. */
export function showAll(values: number): string {
  return `new Promise((resolve) => {
    const button = [...document.querySelectorAll("label")].find(
      ({ textContent }) => textContent === "All",
    );
    const begin = performance.now();
    button.click();
    const look = () => {
      const shown = document.querySelector('[role="group"][aria-label*="${String(values)} values"]');
      if (shown === null) requestAnimationFrame(look);
      else requestAnimationFrame(() => resolve(performance.now() - begin));
    };
    look();
  })`;
}
