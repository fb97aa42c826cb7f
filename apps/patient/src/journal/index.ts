/** The way of each item from the sensor to the doctor, for people to look at. */
export { Journal } from "./journal.ts";
export type { JournalPorts, JournalView, SealedEntries } from "./journal.ts";
export type { TrailSeries } from "./item-series.ts";
export type { LatestValue, Trail, TrailEntry, TrailReceipt } from "./trail.ts";
export { wayOf } from "./way.ts";
export type { Hold, Station, Way, WayStatus } from "./way.ts";
