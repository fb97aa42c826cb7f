/**
 * What the hospital's process is started with, beside its main file.
 *
 * It keeps a thousand envelopes under way, and all that they leave dies together: with room for them the young generation is
 * collected a quarter as often, and copies less each time. Node's own threads for that cost more than they bring on a machine
 * whose cores are busy with signatures. Together a fifth of the hospital's CPU for an envelope (docs/performance.md), for up
 * to 128 MiB of memory more.
 */
export const HOSPITAL_NODE_FLAGS: readonly string[] = [
  "--max-semi-space-size=64",
  "--single-threaded-gc",
];
