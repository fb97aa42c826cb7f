import { STORED_READINGS, type AuditSearch } from "@siphms/api";

/** What the search's form says: texts as they stand in its fields, empty where nothing is asked. */
export interface SearchDraft {
  /** As a field of date and time holds it, in the browser's zone. */
  readonly from: string;
  readonly to: string;
  readonly actor: string;
  readonly mrn: string;
  readonly event: string;
  readonly outcome: "" | "done" | "refused";
}

/** What is wrong with a draft: no beginning, an end before it, or readings without a patient. */
export type SearchFault = "from" | "order" | "patient";

/** What can be asked of the hospital, or why not. */
export type ReadSearch =
  | { readonly kind: "good"; readonly question: AuditSearch }
  | { readonly kind: "wrong"; readonly faults: ReadonlySet<SearchFault> };

const DAYS = 7;

/** Everything of the last days, and of today. @param now - ms, by the hospital's clock. */
export function draftAt(now: number): SearchDraft {
  const from = new Date(now);
  from.setDate(from.getDate() - DAYS);
  from.setHours(0, 0, 0, 0);
  return { from: fieldOf(from), to: "", actor: "", mrn: "", event: "", outcome: "" };
}

/** Reads the form. Without an end it is the present moment, and what happens while it is asked comes next time. */
export function readSearch(draft: SearchDraft, now: number): ReadSearch {
  const { actor, event, outcome } = draft;
  const mrn = draft.mrn.trim();
  const from = Date.parse(draft.from);
  const to = draft.to === "" ? now : Date.parse(draft.to);
  const faults = new Set<SearchFault>();
  if (Number.isNaN(from)) faults.add("from");
  if (Number.isNaN(to) || to <= from) faults.add("order");
  if (event === STORED_READINGS && mrn === "") faults.add("patient");
  if (faults.size > 0) return { kind: "wrong", faults };
  const question: AuditSearch = {
    ...{ from, to },
    ...(actor === "" ? {} : { actor }),
    ...(mrn === "" ? {} : { mrn }),
    ...(event === "" ? {} : { event }),
    ...(outcome === "" ? {} : { outcome }),
  };
  return { kind: "good", question };
}

/** A moment as a field of date and time takes it, to the minute. */
function fieldOf(time: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day}T${two(time.getHours())}:${two(time.getMinutes())}`;
}
