import { equalBytes, type Bytes } from "@siphms/cose";
import type { Row, Transaction } from "../database/index.ts";
import type { Device } from "../enrolment/index.ts";
import type { Keyring } from "../keys/index.ts";
import { readDeviceIfIntact } from "../sessions/index.ts";

/** Device rows whose MAC was checked, remembered with that MAC. */
export interface VerifiedDevices {
  /**
   * Gives the devices of locked rows, by number; those whose row was altered are left out.
   *
   * @param rows - Each with `id`, `state`, `version` and `mac` of its device. A row that still has the MAC, version and
   *   state that were checked is not read as a whole again: its other columns are taken from memory.
   */
  verify(tx: Transaction, rows: readonly Row[]): Promise<ReadonlyMap<number, Device>>;
}

interface Remembered {
  readonly device: Device;
  readonly mac: Bytes;
}

/** Devices kept in memory; the oldest goes first. About 1 kB each. */
const MAX_DEVICES = 50_000;

/** Creates an empty memory of devices. */
export function createVerifiedDevices(keyring: Keyring): VerifiedDevices {
  const known = new Map<number, Remembered>();

  function remember(device: Device, mac: Bytes): void {
    known.delete(device.id);
    known.set(device.id, { device, mac });
    const oldest = known.size > MAX_DEVICES ? known.keys().next().value : undefined;
    if (oldest !== undefined) known.delete(oldest);
  }

  return {
    async verify(tx, rows) {
      const devices = new Map<number, Device>();
      const unknown = new Set<number>();
      for (const row of rows) {
        const id = row.number("id");
        const before = known.get(id);
        if (before !== undefined && isUnchanged(row, before)) devices.set(id, before.device);
        else unknown.add(id);
      }
      if (unknown.size === 0) return devices;
      const read = await tx.query("SELECT * FROM devices WHERE id = ANY($1::bigint[])", [
        [...unknown],
      ]);
      for (const row of read.rows) {
        const device = readDeviceIfIntact(row, keyring);
        if (device === undefined) continue;
        devices.set(device.id, device);
        remember(device, row.bytes("mac"));
      }
      return devices;
    },
  };
}

function isUnchanged(row: Row, { device, mac }: Remembered): boolean {
  return (
    row.number("version") === device.version &&
    row.text("state") === device.state &&
    equalBytes(row.bytes("mac"), mac)
  );
}
