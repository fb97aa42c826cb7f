import { useRef, type RefObject } from "react";

/** A part of the page that takes the focus when what had it goes: the keyboard must not begin at the top again. */
export interface Place {
  /** For the part, which needs `tabIndex={-1}` and the class `siphms-plan-place`. */
  readonly ref: RefObject<HTMLDivElement | null>;
  readonly take: () => void;
}

/** Makes one. */
export function usePlace(): Place {
  const ref = useRef<HTMLDivElement>(null);
  return { ref, take: () => ref.current?.focus({ preventScroll: true }) };
}
