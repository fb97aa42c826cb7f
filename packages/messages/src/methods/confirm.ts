import type { Bytes } from "@siphms/cose";
import { createMapCodec, EMPTY, type Empty } from "../map-codec.ts";
import { cborMap, readBytesOf } from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** Opens the commitment of EAD_3 (protocol section 4, step 3). */
export interface ConfirmParameters {
  /** 32 bytes; its SHA-256 is the commitment. */
  readonly nonceD: Bytes;
}

const readNonceD = readBytesOf(32);

/** `confirm`: the first request of an enrolment. */
export const confirm: MethodCodec<ConfirmParameters, Empty> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.nonceD]),
    (map) => ({ nonceD: readNonceD(map.get(1), "confirm.nonce-d") }),
  ),
  result: EMPTY,
};
