import type { FloodPlan } from "./flood-calls.ts";

/** An attack under its name. */
export interface Attack {
  readonly name: string;
  readonly plan: Omit<FloodPlan, "network">;
  /** Whether its connections are kept open: it has begun when they are. */
  readonly holds: boolean;
}

/** Enough for any rate at the servers' own speed. */
const CONNECTIONS = 256;
const MANY = 1_000;
/** Whole handshakes cost their sender more than anybody else. */
const MESSAGES_3_PER_SECOND = 200;
const HELD_CONNECTIONS = 5_000;
const POURING_CONNECTIONS = 50;

/** The attacks that are measured, at this rate and with so many waits. */
export function attacksOf(options: {
  readonly rate: number;
  readonly waits: number;
}): readonly Attack[] {
  const { rate: perSecond, waits } = options;
  const one = { perSecond, connections: CONNECTIONS, addresses: 1 };
  const many = { perSecond, connections: MANY, addresses: MANY };
  const held = { perSecond: MANY, connections: HELD_CONNECTIONS, addresses: HELD_CONNECTIONS / 10 };
  const flow = { holds: false };
  const kept = { holds: true };
  return [
    { name: "message-1-one-address", plan: { kind: "message-1", ...one }, ...flow },
    { name: "message-1-many-addresses", plan: { kind: "message-1", ...many }, ...flow },
    {
      name: "message-3-many-addresses",
      plan: { kind: "message-3", ...many, perSecond: Math.min(perSecond, MESSAGES_3_PER_SECOND) },
      ...flow,
    },
    { name: "garbage-passes", plan: { kind: "garbage-passes", ...one }, ...flow },
    { name: "foreign-passes", plan: { kind: "foreign-passes", ...one }, ...flow },
    { name: "forged-passes-one-address", plan: { kind: "forged-passes", ...one }, ...flow },
    { name: "forged-passes-many-addresses", plan: { kind: "forged-passes", ...many }, ...flow },
    {
      name: "huge-bodies",
      plan: {
        kind: "huge-bodies",
        perSecond: MANY,
        connections: POURING_CONNECTIONS,
        addresses: 10,
      },
      ...flow,
    },
    {
      name: "new-connections",
      plan: { kind: "new-connections", perSecond: MANY, connections: MANY, addresses: MANY },
      ...flow,
    },
    { name: "slow-headers", plan: { kind: "slow-headers", ...held }, ...kept },
    { name: "slow-bodies", plan: { kind: "slow-bodies", ...held }, ...kept },
    { name: "silent-connections", plan: { kind: "silent-connections", ...held }, ...kept },
    {
      name: "idle-waits",
      plan: { kind: "idle-waits", perSecond: MANY, connections: waits, addresses: MANY / 2 },
      ...kept,
    },
  ];
}
