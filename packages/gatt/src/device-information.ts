import { GattError } from "./gatt-error.ts";
import { readerOf, requireLength, type Value } from "./octets.ts";

/** A manufacturer's number for one piece (0x2A23): what a web page can tell two sensors of one model apart by. */
export interface SystemId {
  /** 40 bits. */
  readonly manufacturerId: number;
  /** 24 bits: the organisation, as the IEEE registers it. */
  readonly organisationId: number;
}

/** Vendor and product as registered (0x2A50). */
export interface PnpId {
  /** Who gave the vendor's number: 1 the Bluetooth SIG, 2 the USB forum; another value of a newer table. */
  readonly source: number;
  readonly vendorId: number;
  readonly productId: number;
  readonly productVersion: number;
}

const MAX_BATTERY_PERCENT = 100;

/**
 * Reads a Battery Level (0x2A19), in percent.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but one octet, `GATT_VALUE` above 100.
 */
export function decodeBatteryLevel(value: Value): number {
  requireLength(value, 1);
  const percent = readerOf(value).uint8();
  if (percent > MAX_BATTERY_PERCENT) throw new GattError("GATT_VALUE", "a battery above 100 %");
  return percent;
}

/**
 * Reads one of the texts of Device Information: manufacturer, model, firmware, hardware, software.
 *
 * @returns The text without what stands behind a NUL and without blanks around it; may be empty.
 * @throws {GattError} `GATT_VALUE` where it is no UTF-8.
 */
export function decodeText(value: Value): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(value);
  } catch (cause) {
    throw new GattError("GATT_VALUE", "a text that is no UTF-8", { cause });
  }
  return text.replace(/\0.*$/s, "").trim();
}

/**
 * Reads a System ID.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but eight octets.
 */
export function decodeSystemId(value: Value): SystemId {
  requireLength(value, 8);
  const reader = readerOf(value);
  const manufacturerId = reader.uint16() + reader.uint24() * 0x10000;
  return { manufacturerId, organisationId: reader.uint24() };
}

/**
 * Reads a PnP ID.
 *
 * @throws {GattError} `GATT_TOO_SHORT` or `GATT_LENGTH` for anything but seven octets.
 */
export function decodePnpId(value: Value): PnpId {
  requireLength(value, 7);
  const reader = readerOf(value);
  return {
    source: reader.uint8(),
    vendorId: reader.uint16(),
    productId: reader.uint16(),
    productVersion: reader.uint16(),
  };
}
