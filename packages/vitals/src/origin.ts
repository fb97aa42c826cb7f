/** Where a value came from (protocol section 6): 0 a sensor, 1 typed in by the patient, 2 imported from a file or another system. */
export type Origin = 0 | 1 | 2;

/** The word for an {@link Origin} in interfaces and exports. */
export type OriginName = "sensor" | "typed" | "imported";

const NAMES: readonly [OriginName, OriginName, OriginName] = ["sensor", "typed", "imported"];

/** True for 0, 1 and 2; takes anything, because origins arrive from the wire. */
export function isOrigin(value: unknown): value is Origin {
  return value === 0 || value === 1 || value === 2;
}

/** The word that interfaces show for an origin. */
export function originName(origin: Origin): OriginName {
  return NAMES[origin];
}
