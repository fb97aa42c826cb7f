import type { Bytes } from "@siphms/cose";
import { createMapCodec, EMPTY, type Empty } from "../map-codec.ts";
import { readMessageId } from "../message-id.ts";
import { cborMap, readArrayOf } from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** The notices that reached the patient; at least one. */
export interface SeenParameters {
  /** 16 bytes each. */
  readonly messageIds: readonly Bytes[];
}

const readMessageIds = readArrayOf(readMessageId, 1);

/** `seen`: the device's own word that notices arrived, which the gateway cannot give. */
export const seen: MethodCodec<SeenParameters, Empty> = {
  parameters: createMapCodec(
    (value) => cborMap([1, value.messageIds]),
    (map) => ({ messageIds: readMessageIds(map.get(1), "seen.message-ids") }),
  ),
  result: EMPTY,
};
