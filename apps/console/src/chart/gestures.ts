/** What a chart asks of the page when somebody moves it. */
export interface Gestures {
  /** Moves what is shown by a share of its length, into the past where that is negative. */
  readonly pan: (share: number) => void;
  /** Shows more time (above 1) or less. @param at - Share of the width that keeps its instant. */
  readonly zoom: (factor: number, at: number) => void;
  readonly toNewest: () => void;
}

/** How much a key or a button moves or zooms. */
export const STEP = { pan: 0.25, zoom: 2 } as const;
const WHEEL_ZOOM = 1.25;

/** Listens to a pointer that drags and to a wheel that turns with Ctrl; returns how to stop. */
export function listenToPointer(area: HTMLElement, gestures: Gestures): () => void {
  const stop = new AbortController();
  const { signal } = stop;
  let last: number | undefined;
  // A finger that goes up or down scrolls the page.
  area.style.touchAction = "pan-y";
  area.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      last = event.clientX;
      area.setPointerCapture(event.pointerId);
    },
    { signal },
  );
  area.addEventListener(
    "pointermove",
    (event) => {
      if (last === undefined || area.clientWidth === 0) return;
      const moved = (event.clientX - last) / area.clientWidth;
      if (moved === 0) return;
      last = event.clientX;
      gestures.pan(-moved);
    },
    { signal },
  );
  for (const name of ["pointerup", "pointercancel"] as const) {
    area.addEventListener(name, () => (last = undefined), { signal });
  }
  area.addEventListener(
    "wheel",
    (event) => {
      // Without Ctrl the page scrolls.
      if (!event.ctrlKey) return;
      event.preventDefault();
      const at = event.offsetX / Math.max(1, area.clientWidth);
      gestures.zoom(event.deltaY > 0 ? WHEEL_ZOOM : 1 / WHEEL_ZOOM, at);
    },
    { signal, passive: false },
  );
  return () => stop.abort();
}

/** What a key does on a chart. */
export type ChartKey = "before" | "later" | "newest" | "nextValue" | "previousValue" | "in" | "out";

const KEYS: Readonly<Record<string, ChartKey>> = {
  ArrowLeft: "before",
  ArrowRight: "later",
  "+": "in",
  "=": "in",
  "-": "out",
  _: "out",
  End: "newest",
};

/** What a key means on a chart, which is read from left to right in every language; nothing where it has its usual meaning. */
export function chartKey(
  event: Pick<KeyboardEvent, "altKey" | "ctrlKey" | "key" | "metaKey" | "shiftKey">,
): ChartKey | undefined {
  if (event.altKey || event.ctrlKey || event.metaKey) return undefined;
  const key = KEYS[event.key];
  if (!event.shiftKey) return key;
  if (key === "before") return "previousValue";
  return key === "later" ? "nextValue" : key;
}

/** Does what a key means, as far as it moves the page; the other keys are the chart's own. */
export function moveByKey(key: ChartKey, gestures: Gestures): void {
  if (key === "before") gestures.pan(-STEP.pan);
  else if (key === "later") gestures.pan(STEP.pan);
  else if (key === "newest") gestures.toNewest();
  else if (key === "in") gestures.zoom(1 / STEP.zoom, 0.5);
  else if (key === "out") gestures.zoom(STEP.zoom, 0.5);
}
