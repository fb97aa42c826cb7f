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

/** Answer of `GET /operator/keys/public`: nothing in it is secret. */
export const publicKeysSchema = Type.Object(
  {
    /** Oldest first; the current one is the last. */
    identities: Type.Array(
      Type.Object(
        {
          ...hospitalKeySchema.properties,
          /** The credential to the byte as devices pin it, base64url. */
          credential: Type.String(),
          /** Its SHA-256 thumbprint, base64url. */
          thumbprint: Type.String(),
        },
        closed,
      ),
    ),
    /** The keys that sign the audit log's heads, oldest first. */
    logs: Type.Array(
      Type.Object(
        {
          /** The first line of its checkpoints. */
          origin: Type.String(),
          /** The verifier key, as a policy has it. */
          key: Type.String(),
          state: Type.Enum(["current", "retired"]),
          created: timeSchema,
        },
        closed,
      ),
    ),
  },
  closed,
);

/** Answer of `POST /operator/keys/log`: what signs the audit log's heads from now on. */
export const rotatedLogSchema = Type.Object({ origin: Type.String(), key: Type.String() }, closed);

/** 8 bytes that tell one key-encryption key from another, in hexadecimal. */
const kekFingerprintSchema = Type.String({ pattern: "^[0-9a-f]{16}$" });

/** Answer of `GET /operator/keys/kek`. */
export const kekStatusSchema = Type.Object(
  {
    /** Where the hospital looks for the key-encryption key at its next start. */
    source: Type.Enum(["command", "file", "passphrase", "recovery"]),
    /** The key that the source gives now; absent where it gives none. */
    current: Type.Optional(kekFingerprintSchema),
    /** Whether that key opens the installation key: without it the next start fails. */
    opens: Type.Boolean(),
    /** Why the source gives none. */
    fault: Type.Optional(Type.String()),
    /** Whether the installation key was once a key-encryption key itself. */
    adopted: Type.Boolean(),
    /** Every key-encryption key that opens the installation key, oldest first: more than one while it is rotated. */
    keys: Type.Array(
      Type.Object({ fingerprint: kekFingerprintSchema, created: timeSchema }, closed),
    ),
  },
  closed,
);

/** Body of `POST /operator/keys/kek/rotate`. */
export const rotateKekSchema = Type.Object(
  {
    /** As SIPHMS_HOSPITAL_KEK says it, with absolute paths; without it another key takes the place of the one in use. */
    to: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
    /** Where `to` needs a passphrase. */
    passphraseFile: Type.Optional(Type.String({ minLength: 1, maxLength: 4_096 })),
  },
  closed,
);

/** Answer of a rotation of the key-encryption key. */
export const rotatedKekSchema = Type.Object(
  {
    fingerprint: kekFingerprintSchema,
    /** Settings with which the hospital is to be started anew, before the rotation can be finished; none where it is over. */
    settings: Type.Record(Type.String(), Type.String()),
    /** Keys that open nothing of this database any more. */
    dropped: Type.Array(kekFingerprintSchema),
    /** File in which the old key lies: backups of before open with it. */
    retired: Type.Optional(Type.String()),
  },
  closed,
);

/** Answer of `POST /operator/keys/kek/finish`. */
export const finishedKekSchema = Type.Object(
  { fingerprint: kekFingerprintSchema, dropped: Type.Array(kekFingerprintSchema) },
  closed,
);

/** Body of `POST /operator/keys/recovery`. */
export const exportRecoverySchema = Type.Object(
  { passphrase: Type.String({ minLength: 15, maxLength: 1_024 }) },
  closed,
);

/** Answer of `POST /operator/keys/recovery`: the file's text, which is of no use without the passphrase. */
export const recoverySchema = Type.Object({ file: Type.String() }, closed);

/** See {@link keyStatusSchema}. */
export type KeyStatus = Static<typeof keyStatusSchema>;
/** See {@link rotateKeySchema}. */
export type RotateKey = Static<typeof rotateKeySchema>;
/** See {@link rotatedKeySchema}. */
export type RotatedKey = Static<typeof rotatedKeySchema>;
/** See {@link publicKeysSchema}. */
export type PublicKeys = Static<typeof publicKeysSchema>;
/** See {@link rotatedLogSchema}. */
export type RotatedLog = Static<typeof rotatedLogSchema>;
/** See {@link kekStatusSchema}. */
export type KekStatus = Static<typeof kekStatusSchema>;
/** See {@link rotateKekSchema}. */
export type RotateKek = Static<typeof rotateKekSchema>;
/** See {@link rotatedKekSchema}. */
export type RotatedKek = Static<typeof rotatedKekSchema>;
/** See {@link finishedKekSchema}. */
export type FinishedKek = Static<typeof finishedKekSchema>;
/** See {@link exportRecoverySchema}. */
export type ExportRecovery = Static<typeof exportRecoverySchema>;
/** See {@link recoverySchema}. */
export type Recovery = Static<typeof recoverySchema>;
