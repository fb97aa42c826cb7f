import type { Kind } from "@siphms/vitals";
import { createMapCodec, EMPTY, type Empty } from "../map-codec.ts";
import { cborMap, type Read, readArray, readArrayOf, readOneOf, schemaError } from "../schema.ts";
import { readKind } from "../series.ts";
import type { MethodCodec } from "./method-codec.ts";

/** One alarm limit of this patient. */
export interface PatientLimit {
  readonly kind: Kind;
  /** 0 the value or systolic; 1 diastolic, 2 mean, for blood pressure alone. */
  readonly part: 0 | 1 | 2;
  /** Wire units; `null` where there is no limit on this side. */
  readonly low: number | null;
  /** Wire units; `null` where there is no limit on this side. */
  readonly high: number | null;
  /** 0 warn, 1 urgent. */
  readonly level: 0 | 1;
}

/** The alarm limits that are in force. */
export interface LimitsResult {
  readonly limits: readonly PatientLimit[];
}

const MEMBER = "limits";
const readPart = readOneOf<0 | 1 | 2>(0, 1, 2);
const readLevel = readOneOf<0 | 1>(0, 1);

const readBound: Read<number | null> = (value, member) => {
  if (value === null || typeof value === "number") return value;
  throw schemaError(member);
};

const readLimit: Read<PatientLimit> = (value, member) => {
  const items = readArray(value, member);
  const kind = readKind(items[0], member);
  const part = readPart(items[1], member);
  if (items.length !== 5 || (part !== 0 && kind !== 2)) throw schemaError(member);
  return {
    kind,
    part,
    low: readBound(items[2], member),
    high: readBound(items[3], member),
    level: readLevel(items[4], member),
  };
};

const readLimits = readArrayOf(readLimit);

/** `limits`: the patient's alarm limits. */
export const limits: MethodCodec<Empty, LimitsResult> = {
  parameters: EMPTY,
  result: createMapCodec(
    (value) =>
      cborMap([1, value.limits.map((one) => [one.kind, one.part, one.low, one.high, one.level])]),
    (map) => ({ limits: readLimits(map.get(1), MEMBER) }),
  ),
};
