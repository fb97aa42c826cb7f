import { Type, type Static } from "typebox";
import { sampleRunSchema } from "./readings.ts";
import { deviceStateSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const bytesSchema = Type.String({ pattern: "^[A-Za-z0-9_-]+$", maxLength: 100_000 });

/** A signed message's id: 16 bytes in base64url. */
export const messageIdSchema = Type.String({ pattern: "^[A-Za-z0-9_-]{22}$" });

/** What is checked of evidence, in this order (docs/evidence.md). What one needs that has failed fails as well. */
export const EVIDENCE_CHECKS = [
  "format",
  "device-key",
  "hospital-keys",
  "message-signature",
  "message-content",
  "receipt-signature",
  "receipt-content",
  "statement-signature",
  "statement-content",
] as const;

/** One check of a piece of evidence. `reason` says in a word or two why it failed; for the curious, not a sentence. */
export const evidenceCheckSchema = Type.Object(
  {
    check: Type.Enum([...EVIDENCE_CHECKS]),
    ok: Type.Boolean(),
    reason: Type.Optional(Type.String()),
  },
  closed,
);

/** A `.siphms-evidence.json` file, version 1: bytes in base64url, nothing beside what is signed. */
export const evidenceFileSchema = Type.Object(
  {
    format: Type.Literal("siphms-evidence-1"),
    /** The device's credential. */
    device: bytesSchema,
    /** Credentials of the hospital, as many as its keys have signed something here or were signed for. */
    hospital: Type.Array(bytesSchema, { minItems: 1, maxItems: 3 }),
    /** The device's signed original, COSE_Sign1. */
    message: bytesSchema,
    /** The hospital's signed receipt, COSE_Sign1. */
    receipt: bytesSchema,
    /** What the hospital says today of patient, binding and decisions, COSE_Sign1. */
    statement: bytesSchema,
  },
  closed,
);

/** One of the hospital's identity keys, and what it did in a piece of evidence. */
export const evidenceKeySchema = Type.Object(
  {
    kid: Type.String(),
    /** Hexadecimal: what people compare. */
    thumbprint: Type.String(),
    uses: Type.Array(Type.Enum(["message", "receipt", "statement"])),
  },
  closed,
);

/**
 * Answer of `GET /api/patients/:patient/evidence/:messageId`: what the hospital finds when it verifies the evidence now. The
 * file itself can be taken along, so it has a route of its own that asks for a fresh proof.
 */
export const evidenceSchema = Type.Object(
  {
    /** Every check, in the order of {@link EVIDENCE_CHECKS}. */
    checks: Type.Array(evidenceCheckSchema),
    device: Type.Object(
      {
        kid: Type.String(),
        thumbprint: Type.String(),
        name: Type.String(),
        state: deviceStateSchema,
        enrolled: timeSchema,
        confirmed: Type.Optional(Type.Object({ at: timeSchema, by: Type.String() }, closed)),
        ended: Type.Optional(timeSchema),
      },
      closed,
    ),
    hospital: Type.Object(
      { id: Type.String(), name: Type.String(), keys: Type.Array(evidenceKeySchema) },
      closed,
    ),
    message: Type.Object(
      {
        messageId: Type.String(),
        /** When the device signed it, by its own clock. */
        created: timeSchema,
        received: timeSchema,
        stored: timeSchema,
        /** Of the receipt: all stored, some or all of it in quarantine. */
        outcome: Type.Enum(["stored", "some-quarantined", "all-quarantined"]),
        bytes: Type.Integer({ minimum: 1 }),
      },
      closed,
    ),
    runs: Type.Array(sampleRunSchema),
  },
  closed,
);

/** Query of the evidence routes: `device` is needed only where two devices of one patient used one message-id. */
export const evidenceQuerySchema = Type.Object(
  { device: Type.Optional(Type.String({ pattern: "^[A-Za-z0-9_-]{11}$" })) },
  closed,
);

/** See {@link evidenceCheckSchema}. */
export type EvidenceCheck = Static<typeof evidenceCheckSchema>;
/** See {@link evidenceFileSchema}. */
export type EvidenceFile = Static<typeof evidenceFileSchema>;
/** See {@link evidenceSchema}. */
export type Evidence = Static<typeof evidenceSchema>;
/** See {@link evidenceQuerySchema}. */
export type EvidenceQuery = Static<typeof evidenceQuerySchema>;
