import type { Finding } from "@siphms/alerts";
import { findingSchema, levelSchema, parseApi } from "@siphms/api";
import type { Bytes } from "@siphms/cose";
import { Type, type Static } from "typebox";
import type { Cell, PatientCipher } from "../keys/index.ts";
import type { AlertLife } from "./life.ts";

/**
 * What was found, with all that an alert can be raised anew from where its row was altered: what is sealed for a row
 * nobody can change.
 */
const foundSchema = Type.Object(
  {
    rule: Type.String(),
    channel: Type.Enum(["clinical", "technical"]),
    level: levelSchema,
    late: Type.Boolean(),
    at: Type.Integer(),
    finding: findingSchema,
  },
  { additionalProperties: false },
);

/** See {@link sealFound}. */
export type Found = Static<typeof foundSchema>;

/** Seals what one alert found, for its row alone. */
export function sealFound(
  cipher: PatientCipher,
  id: number,
  { life, finding }: { readonly life: AlertLife; readonly finding: Finding },
): Bytes {
  const { rule, channel, level, late, at } = life;
  return cipher.seal(
    cellOf(id, "found"),
    toUtf8(JSON.stringify({ rule, channel, level, late, at, finding })),
  );
}

/** Opens what {@link sealFound} sealed. @throws {KeyError} `CELL_UNAUTHENTIC` @throws {ApiError} of another release. */
export function openFound(cipher: PatientCipher, id: number, sealed: Uint8Array): Found {
  return parseApi(foundSchema, JSON.parse(fromUtf8(cipher.open(cellOf(id, "found"), sealed))));
}

/** Seals what somebody wrote when resolving an alert. */
export function sealNote(cipher: PatientCipher, id: number, note: string): Bytes {
  return cipher.seal(cellOf(id, "note"), toUtf8(note));
}

/** Opens what {@link sealNote} sealed. @throws {KeyError} `CELL_UNAUTHENTIC` */
export function openNote(cipher: PatientCipher, id: number, sealed: Uint8Array): string {
  return fromUtf8(cipher.open(cellOf(id, "note"), sealed));
}

function cellOf(id: number, column: "found" | "note"): Cell {
  return { table: "alerts", column, row: String(id) };
}

function toUtf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function fromUtf8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
}
