import { useCallback, useEffect, useRef, type RefObject } from "react";
import { keyAct, type KeyAct } from "./list-keys.ts";

interface Around {
  readonly list: RefObject<HTMLElement | null>;
  readonly ids: readonly string[];
  readonly rowHeight: number;
  readonly singleKeys: boolean;
  /** Keeps a row drawn, even out of sight. */
  readonly keepDrawn: (index: number) => void;
  readonly onSearch: () => void;
  readonly onHelp: () => void;
}

/** Header and head of the table, which cover what is scrolled under them. */
const COVERED_PX = 110;

/** Joins the keys with the list: rows are gone through one by one, and the focus stands on a row's link. */
export function useListKeys(around: Around): void {
  const latest = useRef(around);
  const wanted = useRef<string>(undefined);
  useEffect(() => {
    latest.current = around;
    // The row may have been drawn only now.
    if (wanted.current !== undefined && focusRow(around.list.current, wanted.current)) {
      wanted.current = undefined;
    }
  });

  const take = useCallback((event: KeyboardEvent) => {
    const { list, ids, rowHeight, singleKeys, keepDrawn, onSearch, onHelp } = latest.current;
    const act = keyAct(event, placeOf(event.target, list.current), singleKeys);
    if (act === undefined) return;
    event.preventDefault();
    if (act === "search") onSearch();
    else if (act === "help") onHelp();
    else {
      const index = nextIndex(act, indexInFocus(list.current), ids.length);
      const id = ids[index];
      if (id === undefined) return;
      scrollTo(list.current, index * rowHeight, rowHeight);
      keepDrawn(index);
      wanted.current = focusRow(list.current, id) ? undefined : id;
    }
  }, []);

  useEffect(() => {
    addEventListener("keydown", take);
    return () => removeEventListener("keydown", take);
  }, [take]);
}

function placeOf(target: EventTarget | null, list: HTMLElement | null) {
  const element = target instanceof Element ? target : null;
  return {
    inList: element !== null && list?.contains(element) === true,
    inField: (element?.closest("input, select, textarea, [contenteditable]") ?? null) !== null,
    inDialog: document.querySelector('[role="dialog"]') !== null,
  };
}

function nextIndex(act: KeyAct, index: number, rows: number): number {
  if (act === "first") return 0;
  if (act === "last") return rows - 1;
  return Math.max(0, Math.min(rows - 1, index + (act === "down" ? 1 : -1)));
}

/** The row that has the focus, else the one before the first. */
function indexInFocus(list: HTMLElement | null): number {
  const row = document.activeElement?.closest<HTMLElement>("[data-index]");
  if (row === null || row === undefined || list?.contains(row) !== true) return -1;
  return Number(row.dataset["index"]);
}

function focusRow(list: HTMLElement | null, id: string): boolean {
  const row = list?.querySelector(`[data-patient="${CSS.escape(id)}"]`);
  const link = row?.querySelector("a");
  if (link === null || link === undefined) return false;
  link.focus({ preventScroll: true });
  return true;
}

function scrollTo(list: HTMLElement | null, top: number, rowHeight: number): void {
  if (list === null) return;
  const inWindow = list.getBoundingClientRect().top + top;
  const below = inWindow + rowHeight - innerHeight;
  if (inWindow < COVERED_PX) scrollBy({ top: inWindow - COVERED_PX });
  else if (below > 0) scrollBy({ top: below });
}
