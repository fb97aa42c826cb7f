import { useEffect, useMemo, useState, type PointerEvent } from "react";
import { changedPlaces, keepPlaces } from "./changed-places.ts";

/** A finger leaves no pointer behind: so long after it the list counts as held, ms. */
const TOUCH_HOLD_MS = 8_000;

/** The order on screen, which does not change under somebody's hand. */
export interface KeptOrder {
  readonly ids: readonly string[];
  /** How many would stand elsewhere if the list were put in order now. */
  readonly changed: number;
  readonly apply: () => void;
  /** For the element of the list. */
  readonly handlers: {
    readonly onPointerEnter: (event: PointerEvent) => void;
    readonly onPointerLeave: (event: PointerEvent) => void;
    readonly onPointerDown: (event: PointerEvent) => void;
    readonly onFocus: () => void;
    readonly onBlur: () => void;
  };
}

/**
 * Keeps the order that is on screen while somebody points at the list, has the focus in it or has just touched it, and takes
 * the new one as soon as nobody does.
 *
 * @param asked - What the person asked for (search, filter, order): when that changes, the answer comes at once.
 */
export function useKeptOrder(wanted: readonly string[], asked: string): KeptOrder {
  const [kept, setKept] = useState({ ids: wanted, asked });
  const { isHeld, handlers } = useHold();
  const isFree = !isHeld || kept.asked !== asked;
  const ids = useMemo(
    () => (isFree ? wanted : keepPlaces(kept.ids, wanted)),
    [isFree, wanted, kept],
  );
  useEffect(() => {
    setKept((known) => (known.asked === asked && known.ids === ids ? known : { ids, asked }));
  }, [ids, asked]);
  return {
    ids,
    changed: isFree ? 0 : changedPlaces(ids, wanted),
    apply: () => setKept({ ids: wanted, asked }),
    handlers,
  };
}

function useHold(): { readonly isHeld: boolean; readonly handlers: KeptOrder["handlers"] } {
  const [pointing, setPointing] = useState(false);
  const [focused, setFocused] = useState(false);
  const [touchedAt, setTouchedAt] = useState(0);
  useEffect(() => {
    if (touchedAt === 0) return undefined;
    const timer = setTimeout(() => setTouchedAt(0), TOUCH_HOLD_MS);
    return () => clearTimeout(timer);
  }, [touchedAt]);
  const handlers = useMemo(
    () => ({
      onPointerEnter: ({ pointerType }: PointerEvent) => setPointing(pointerType === "mouse"),
      onPointerLeave: () => setPointing(false),
      onPointerDown: ({ pointerType, timeStamp }: PointerEvent) => {
        if (pointerType !== "mouse") setTouchedAt(timeStamp);
      },
      onFocus: () => setFocused(true),
      onBlur: () => setFocused(false),
    }),
    [],
  );
  return { isHeld: pointing || focused || touchedAt !== 0, handlers };
}
