import { Type, type Static } from "typebox";
import { roleSchema, TEXT_LIMITS, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;
const nameSchema = Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName });
const coordinateSchema = Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" });

/** Request header in which a program on this machine says why it looks into a record. */
export const PURPOSE_HEADER = "siphms-purpose";

/** What that header may say. An access in an emergency is one whatever it says. */
export const statedPurposeSchema = Type.Enum(["operations", "payment", "treatment"]);

/** The public half of an integration account's key, P-256 (RFC 7518 §6.2.1). */
export const integrationKeySchema = Type.Object(
  {
    kty: Type.Literal("EC"),
    crv: Type.Literal("P-256"),
    x: coordinateSchema,
    y: coordinateSchema,
  },
  closed,
);

/**
 * The key file of an integration account: whoever reads it is that account. `hospital`: the only one that it signs for.
 * `key.d` is the private scalar.
 */
export const integrationKeyFileSchema = Type.Object(
  {
    kind: Type.Literal("siphms-integration-key-1"),
    hospital: Type.String({ minLength: 1, maxLength: 63 }),
    name: nameSchema,
    key: Type.Object({ ...integrationKeySchema.properties, d: coordinateSchema }, closed),
  },
  closed,
);

/** Body of `POST /operator/staff/integration`. For an account that is there the key takes the place of its key. */
export const addIntegrationSchema = Type.Object(
  { name: nameSchema, key: integrationKeySchema },
  closed,
);

/** Answer of `POST /operator/log-in/key/request`: good for five minutes and once. */
export const keyRequestSchema = Type.Object(
  { challenge: Type.String({ minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9_-]+$" }) },
  closed,
);

/** Body of `POST /operator/log-in/key`: ES256 over {@link keyLogInText}, 64 bytes in base64url. */
export const keyProofSchema = Type.Object(
  {
    name: nameSchema,
    challenge: keyRequestSchema.properties.challenge,
    signature: Type.String({ pattern: "^[A-Za-z0-9_-]{86}$" }),
  },
  closed,
);

/** Whose session on the private socket it is, until when, and when it ends if no command comes until then. */
export const commandSessionSchema = Type.Object(
  { name: Type.String(), role: roleSchema, expires: timeSchema, idleEnds: timeSchema },
  closed,
);

/** Answer of a log-in on the private socket. The token goes into `Authorization: Bearer` of what follows. */
export const openedCommandSessionSchema = Type.Object(
  { token: Type.String(), ...commandSessionSchema.properties },
  closed,
);

/**
 * What an integration account signs to log in: the purpose, the hospital that it means, its own name, the challenge.
 *
 * JSON keeps the members apart whatever a name holds. A signature for one hospital is none for another.
 */
export function keyLogInText(signed: {
  readonly hospital: string;
  readonly name: string;
  readonly challenge: string;
}): string {
  return JSON.stringify([
    "siphms integration log-in 1",
    signed.hospital,
    signed.name,
    signed.challenge,
  ]);
}

/** See {@link statedPurposeSchema}. */
export type StatedPurpose = Static<typeof statedPurposeSchema>;
/** See {@link integrationKeySchema}. */
export type IntegrationKey = Static<typeof integrationKeySchema>;
/** See {@link integrationKeyFileSchema}. */
export type IntegrationKeyFile = Static<typeof integrationKeyFileSchema>;
/** See {@link addIntegrationSchema}. */
export type AddIntegration = Static<typeof addIntegrationSchema>;
/** See {@link keyProofSchema}. */
export type KeyProof = Static<typeof keyProofSchema>;
/** See {@link openedCommandSessionSchema}. */
export type OpenedCommandSession = Static<typeof openedCommandSessionSchema>;
