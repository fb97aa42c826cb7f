import { createMapCodec, EMPTY, type Empty } from "../map-codec.ts";
import { cborMap, readOptional, readText, readUint } from "../schema.ts";
import type { MethodCodec } from "./method-codec.ts";

/** What the patient sees of the own record. */
export interface Profile {
  readonly patientId: string;
  readonly name: string;
  /** Full years. */
  readonly age: number;
  readonly problem: string;
  readonly doctor: string;
  /** ms. */
  readonly lastVisit?: number;
}

/** `profile`: the patient's own master data (the paper's figure 7). */
export const profile: MethodCodec<Empty, Profile> = {
  parameters: EMPTY,
  result: createMapCodec(
    (value) =>
      cborMap(
        [1, value.patientId],
        [2, value.name],
        [3, value.age],
        [4, value.problem],
        [5, value.doctor],
        [6, value.lastVisit],
      ),
    (map) => {
      const lastVisit = readOptional(map.get(6), "profile.last-visit", readUint);
      return {
        patientId: readText(map.get(1), "profile.patient-id"),
        name: readText(map.get(2), "profile.name"),
        age: readUint(map.get(3), "profile.age"),
        problem: readText(map.get(4), "profile.problem"),
        doctor: readText(map.get(5), "profile.doctor"),
        ...(lastVisit === undefined ? {} : { lastVisit }),
      };
    },
  ),
};
