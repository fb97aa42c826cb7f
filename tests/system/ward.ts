import type { Item } from "../minimal-device/cbor.ts";
import { MinimalDevice } from "../minimal-device/minimal-device.ts";
import type { Installation } from "./installation.ts";

/** An invented patient in somebody's care. */
export interface WardPatient {
  readonly mrn: string;
  readonly name: string;
  readonly carer: string;
}

/** Registers a patient and puts them into somebody's care; nothing measures them yet. */
export async function admit(installation: Installation, patient: WardPatient): Promise<string> {
  const { mrn, name, carer } = patient;
  const link = await installation.invite(mrn, name);
  await installation.asOperator((operator) => operator.beginCare({ staff: carer, mrn }));
  return link;
}

/** The same with a device that is confirmed and connected. */
export async function admitWithDevice(
  installation: Installation,
  patient: WardPatient,
): Promise<MinimalDevice> {
  const device = new MinimalDevice(await admit(installation, patient));
  const code = await device.enrol("Ward phone");
  const { mrn } = patient;
  await installation.asOperator((operator) => operator.confirm({ mrn, code }));
  await device.connect();
  return device;
}

/** How a series differs from one of heart rates by a sensor, a value a second. */
export interface SeriesOptions {
  /** Number of the kind on the wire; 1, heart rate, where absent. */
  readonly kind?: number;
  readonly stepMs?: number;
  /** 0 a sensor, 1 typed in, 2 imported. */
  readonly origin?: number;
}

/** One series that ends at a time, in wire units, as a device's CBOR. */
export function seriesEnding(
  end: number,
  values: readonly Item[],
  { kind = 1, stepMs = 1_000, origin = 0 }: SeriesOptions = {},
): Item {
  const members: [number, Item][] = [
    [1, kind],
    [2, end - (values.length - 1) * stepMs],
    [3, stepMs],
    [4, [...values]],
    [5, origin],
  ];
  return new Map<number | string, Item>(members);
}
