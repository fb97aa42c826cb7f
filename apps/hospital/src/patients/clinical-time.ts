import type { DemoClock } from "@siphms/api";

/**
 * The patient's clinical time: real time, but for a demo's replay, which ends where it reaches real time (architecture
 * section 7). ms.
 */
export function clinicalTime(demo: DemoClock | null, now: number): number {
  if (demo === null) return now;
  return Math.min(now, Math.round(demo.anchor + (now - demo.start) * demo.speed));
}

/** How fast clinical time runs while a demo's replay is behind real time; `undefined` where it is real time. */
export function clinicalSpeed(demo: DemoClock | null, now: number): number | undefined {
  return demo !== null && clinicalTime(demo, now) < now ? demo.speed : undefined;
}

/** The first moment of real time, ms, at which the patient's clinical time is one; ms. */
export function realTime(demo: DemoClock | null, clinical: number): number {
  if (demo === null) return clinical;
  return Math.max(clinical, Math.ceil(demo.start + (clinical - demo.anchor) / demo.speed));
}
