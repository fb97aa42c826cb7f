import { Type, type Static } from "typebox";
import { timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** Shortest and longest time for which a retired identity key goes on answering, in days (protocol section 6). */
export const OLD_KEY_DAYS = { min: 90, max: 730 } as const;

/** One identity key of the hospital: what devices pin. */
export const hospitalKeySchema = Type.Object(
  {
    /** base64url. */
    kid: Type.String(),
    state: Type.Enum(["current", "retired"]),
    created: timeSchema,
    /** Until when a retired key still answers. */
    validUntil: Type.Optional(timeSchema),
  },
  closed,
);

/** Answer of `GET /operator/keys`. */
export const keyStatusSchema = Type.Object(
  {
    /** Oldest first; the current one is the last. */
    identities: Type.Array(hospitalKeySchema),
    /** Active devices that have not said that they know the current key. */
    waitingDevices: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/** Body of `POST /operator/keys/rotate`. */
export const rotateKeySchema = Type.Object(
  {
    key: Type.Literal("identity"),
    oldKeyDays: Type.Integer({ minimum: OLD_KEY_DAYS.min, maximum: OLD_KEY_DAYS.max }),
  },
  closed,
);

/** Answer of a rotation. */
export const rotatedKeySchema = Type.Object(
  {
    kid: Type.String(),
    oldKid: Type.String(),
    oldValidUntil: timeSchema,
    waitingDevices: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/** See {@link keyStatusSchema}. */
export type KeyStatus = Static<typeof keyStatusSchema>;
/** See {@link rotateKeySchema}. */
export type RotateKey = Static<typeof rotateKeySchema>;
/** See {@link rotatedKeySchema}. */
export type RotatedKey = Static<typeof rotatedKeySchema>;
