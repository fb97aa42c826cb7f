import type { SimPeripheral } from "./protocol.ts";

/** A chest strap: notifies heart rates, and has a battery. */
export const HEART: SimPeripheral = {
  address: "02:00:00:00:00:11",
  name: "Sim Heart",
  appearance: 833,
  services: [
    {
      uuid: "180d",
      characteristics: [
        { uuid: "2a37", flags: ["notify"] },
        { uuid: "2a38", flags: ["read"], value: "01" },
      ],
    },
    { uuid: "180f", characteristics: [{ uuid: "2a19", flags: ["read", "notify"], value: "57" }] },
  ],
};

/** An upper-arm cuff: indicates one result of each measurement. */
export const CUFF: SimPeripheral = {
  address: "02:00:00:00:00:12",
  name: "Sim Cuff",
  appearance: 897,
  services: [{ uuid: "1810", characteristics: [{ uuid: "2a35", flags: ["indicate"] }] }],
};

/** A glucose meter that keeps its records until it is asked for them. */
export const GLUCOSE: SimPeripheral = {
  address: "02:00:00:00:00:13",
  name: "Sim Glucose",
  appearance: 1024,
  services: [
    {
      uuid: "1808",
      characteristics: [
        { uuid: "2a18", flags: ["notify"] },
        { uuid: "2a52", flags: ["write", "indicate"] },
      ],
    },
  ],
};

/** A heart rate of 8 bits as a strap sends it, with skin contact; in hex. */
export function heartRateValue(bpm: number): string {
  return Buffer.from([0x06, bpm]).toString("hex");
}

/** Systolic, diastolic and mean pressure in mmHg as a cuff without a clock sends them; in hex. */
export function bloodPressureValue([systolic, diastolic, mean]: readonly [
  number,
  number,
  number,
]): string {
  const value = Buffer.alloc(7);
  [systolic, diastolic, mean].forEach((part, index) => value.writeUInt16LE(part, 1 + 2 * index));
  return value.toString("hex");
}
