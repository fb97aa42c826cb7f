import type { Bytes } from "@siphms/cose";
import { createMapCodec, EMPTY, type Empty } from "../map-codec.ts";
import {
  cborMap,
  type Read,
  readArrayOf,
  readBytesOf,
  readMap,
  readOptional,
  readText,
  readUint,
  refuseUnknownKeys,
} from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** One of the patient's devices. */
export interface PatientDevice {
  /** 8 bytes. */
  readonly kid: Bytes;
  readonly name: string;
  readonly state: string;
  /** ms. */
  readonly enrolled: number;
  /** ms. */
  readonly lastSeen?: number;
}

/** The patient's devices. */
export interface DevicesResult {
  readonly devices: readonly PatientDevice[];
}

/** Names the device that shall no longer speak for the patient. */
export interface RevokeDeviceParameters {
  /** 8 bytes. */
  readonly kid: Bytes;
}

const readKid = readBytesOf(8);

const readDevice: Read<PatientDevice> = (value, member) => {
  const map = readMap(value, member);
  refuseUnknownKeys(map, [1, 2, 3, 4, 5], member);
  const lastSeen = readOptional(map.get(5), member, readUint);
  return {
    kid: readKid(map.get(1), member),
    name: readText(map.get(2), member),
    state: readText(map.get(3), member),
    enrolled: readUint(map.get(4), member),
    ...(lastSeen === undefined ? {} : { lastSeen }),
  };
};

const readDevices = readArrayOf(readDevice);

/** `devices`: which devices speak for the patient. */
export const devices: MethodCodec<Empty, DevicesResult> = {
  parameters: EMPTY,
  result: createMapCodec(
    (value) =>
      cborMap([
        1,
        value.devices.map((one) =>
          cborMap(
            [1, one.kid],
            [2, one.name],
            [3, one.state],
            [4, one.enrolled],
            [5, one.lastSeen],
          ),
        ),
      ]),
    (map) => ({ devices: readDevices(map.get(1), "devices") }),
  ),
};

/** `revoke-device`: ends a device's enrolment. Idempotent, ordered by `created`. */
export const revokeDevice: MethodCodec<RevokeDeviceParameters, Empty> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.kid]),
    (map) => ({ kid: readKid(map.get(1), "revoke-device.kid") }),
  ),
  result: EMPTY,
};
