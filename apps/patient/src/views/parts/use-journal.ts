import { useSyncExternalStore } from "react";
import { useOpenApp } from "../../app/open-app-context.ts";
import type { JournalView } from "../../journal/index.ts";
import { type Board, EMPTY_BOARD } from "../../sensors/board.ts";

/** The trail of what was measured, drawn anew when it changes. */
export function useJournal(): JournalView {
  const { journal } = useOpenApp();
  return useSyncExternalStore(journal.subscribe, journal.snapshot);
}

const NOTHING = (): (() => void) => () => undefined;
const NO_BOARD = (): Board => EMPTY_BOARD;

/** What the sensors said last, drawn anew when it changes; empty where the browser has no Bluetooth. */
export function useBoard(): Board {
  const { board } = useOpenApp();
  return useSyncExternalStore(board?.subscribe ?? NOTHING, board?.snapshot ?? NO_BOARD);
}
