/** When a reading was taken, as the person said. `local`: as the browser's field has it, in local time. */
export type TypedTime =
  { readonly kind: "now" } | { readonly kind: "earlier"; readonly local: string };

/** Why a time cannot be taken. */
export type TimeFault = "timeMissing" | "timeFuture";

/** The instant, ms, or what is wrong with it. @param now - By the corrected clock. */
export function checkTime(time: TypedTime, now: number): number | TimeFault {
  if (time.kind === "now") return now;
  const at = Date.parse(time.local);
  if (!Number.isSafeInteger(at) || at < 0) return "timeMissing";
  return at > now ? "timeFuture" : at;
}
