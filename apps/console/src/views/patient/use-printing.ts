import { useSyncExternalStore } from "react";

const paper = matchMedia("print");

function subscribe(listener: () => void): () => void {
  paper.addEventListener("change", listener);
  return () => paper.removeEventListener("change", listener);
}

/** Whether the page is being put on paper at this moment: what is closed on screen has to be there then. */
export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => paper.matches);
}
