import { useLayoutEffect, useState, type RefObject } from "react";
import { rowsInSight, type Sight } from "./rows-in-sight.ts";

/** How the list is laid out: a table on a wide screen, cards on a tablet and on a phone. */
export type Layout = "table" | "tablet" | "phone";

/** The list as it lies on the screen. */
export interface ListFrame {
  readonly layout: Layout;
  /** px. */
  readonly rowHeight: number;
  readonly sight: Sight;
}

/** By the width of the list itself, in px. */
const TABLE_FROM = 1016;
const TABLET_FROM = 600;
/** In rem, so that a larger text has its room. All rows of a layout are of one height: only then nothing jumps. */
const ROW_REM: Readonly<Record<Layout, number>> = { table: 6.25, tablet: 12.75, phone: 28.5 };

/** Watches how the list lies in the window, and says which rows are worth drawing. */
export function useRowsInSight(list: RefObject<HTMLElement | null>, rows: number): ListFrame {
  const [layout, setLayout] = useState<Layout>("table");
  const rowHeight = ROW_REM[layout] * rootFontSize();
  const [sight, setSight] = useState<Sight>({ first: 0, end: 0 });

  useLayoutEffect(() => {
    const { current: element } = list;
    if (element === null) return undefined;
    const measure = (): void => setLayout(layoutOf(element.clientWidth));
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, [list]);

  useLayoutEffect(() => {
    const look = (): void => {
      const { current: element } = list;
      if (element === null) return;
      const { top } = element.getBoundingClientRect();
      const next = rowsInSight({ rows, rowHeight, top, windowHeight: innerHeight });
      setSight((known) => (known.first === next.first && known.end === next.end ? known : next));
    };
    look();
    return onceAFrame(look);
  }, [list, rows, rowHeight]);

  return { layout, rowHeight, sight };
}

/** Calls back with the next frame after the window was scrolled or resized; returns how to stop. */
function onceAFrame(look: () => void): () => void {
  let frame: number | undefined;
  const later = (): void => {
    frame ??= requestAnimationFrame(() => {
      frame = undefined;
      look();
    });
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later);
  return () => {
    if (frame !== undefined) cancelAnimationFrame(frame);
    removeEventListener("scroll", later);
    removeEventListener("resize", later);
  };
}

function layoutOf(width: number): Layout {
  if (width >= TABLE_FROM) return "table";
  return width >= TABLET_FROM ? "tablet" : "phone";
}

function rootFontSize(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
