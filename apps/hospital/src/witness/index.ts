export { WITNESS_SETTINGS } from "./settings.ts";
export type { Witness } from "./settings.ts";
export { WITNESS_AWAY_MS } from "./errand.ts";
export { createWitnessJob } from "./witness-job.ts";
export type { WitnessJob } from "./witness-job.ts";
export { readPastWitnesses, readWitnessStandings } from "./witness-rows.ts";
export type { WitnessStanding } from "./witness-rows.ts";
