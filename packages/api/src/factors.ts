import { Type, type Static } from "typebox";
import { credentialProperties, passwordSchema } from "./log-in.ts";
import { openSessionSchema, sessionInfoSchema } from "./session.ts";
import { personRoleSchema, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false };
const base64UrlSchema = Type.String({
  pattern: "^[A-Za-z0-9_-]+$",
  minLength: 1,
  maxLength: 16384,
});
const labelSchema = Type.String({ minLength: 1, maxLength: 60 });
const totpCodeSchema = Type.String({ pattern: "^[0-9]{6}$" });
const token = openSessionSchema.properties.token;

/** Answer of `POST /api/set-up`, which takes an {@link openSessionSchema}: whom a link is for, and until when it is good. */
export const setUpPersonSchema = Type.Object(
  { name: Type.String(), role: personRoleSchema, expires: timeSchema },
  closed,
);

/** What `navigator.credentials.create` takes, as JSON (WebAuthn §5.4). Good for five minutes and once. */
export const passkeyCreationSchema = Type.Object(
  {
    challenge: base64UrlSchema,
    rp: Type.Object({ id: Type.String(), name: Type.String() }, closed),
    user: Type.Object(
      { id: base64UrlSchema, name: Type.String(), displayName: Type.String() },
      closed,
    ),
    pubKeyCredParams: Type.Array(
      Type.Object({ type: Type.Literal("public-key"), alg: Type.Integer() }, closed),
    ),
    excludeCredentials: Type.Array(
      Type.Object({ type: Type.Literal("public-key"), id: base64UrlSchema }, closed),
    ),
    authenticatorSelection: Type.Object(
      {
        residentKey: Type.Literal("required"),
        requireResidentKey: Type.Literal(true),
        userVerification: Type.Literal("required"),
      },
      closed,
    ),
    attestation: Type.Literal("none"),
    timeout: Type.Integer({ minimum: 1 }),
  },
  closed,
);

/** What an authenticator answered to a {@link passkeyCreationSchema} (WebAuthn §5.1, `RegistrationResponseJSON`). */
export const newPasskeySchema = Type.Object(
  {
    ...credentialProperties,
    response: Type.Object(
      {
        clientDataJSON: base64UrlSchema,
        attestationObject: base64UrlSchema,
        authenticatorData: Type.Optional(base64UrlSchema),
        transports: Type.Optional(Type.Array(Type.String({ maxLength: 32 }), { maxItems: 8 })),
        publicKeyAlgorithm: Type.Optional(Type.Integer()),
        publicKey: Type.Optional(base64UrlSchema),
      },
      closed,
    ),
  },
  closed,
);

/** Body of `POST /api/factors/passkeys`. */
export const addPasskeySchema = Type.Object(
  { label: labelSchema, credential: newPasskeySchema },
  closed,
);

/** Body of `POST /api/set-up/passkey`: the link's token opens it, and is used up by it. */
export const setUpPasskeySchema = Type.Object(
  { token, label: labelSchema, credential: newPasskeySchema },
  closed,
);

/** A new TOTP secret, shown once. `ticket` brings it back within five minutes; nothing is stored until a code proves it. */
export const totpOfferSchema = Type.Object(
  { ticket: base64UrlSchema, secret: Type.String(), uri: Type.String() },
  closed,
);

/** Body of `POST /api/factors/password`. */
export const setPasswordSchema = Type.Object(
  { password: passwordSchema, ticket: base64UrlSchema, code: totpCodeSchema },
  closed,
);

/** Body of `POST /api/set-up/password`: the link's token opens it, and is used up by it. */
export const setUpPasswordSchema = Type.Object(
  { token, password: passwordSchema, ticket: base64UrlSchema, code: totpCodeSchema },
  closed,
);

/** One-use codes for the day when the TOTP app is gone. Shown once. */
export const recoveryCodesSchema = Type.Object(
  { codes: Type.Array(Type.String()), session: Type.Optional(sessionInfoSchema) },
  closed,
);

/** Answer of `GET /api/factors`: what the signed-in person can sign in with. */
export const factorsSchema = Type.Object(
  {
    passkeys: Type.Array(
      Type.Object(
        {
          id: Type.String(),
          label: Type.String(),
          state: Type.Enum(["active", "suspended"]),
          added: timeSchema,
          lastUsed: Type.Union([timeSchema, Type.Null()]),
        },
        closed,
      ),
    ),
    password: Type.Boolean(),
    recoveryCodesLeft: Type.Integer({ minimum: 0 }),
  },
  closed,
);

/** Answer of `GET /api/staff-notices`: what the signed-in person should know about the own account, newest first. */
export const staffNoticesSchema = Type.Object(
  {
    notices: Type.Array(
      Type.Object(
        { id: Type.String(), at: timeSchema, kind: Type.String(), seen: Type.Boolean() },
        closed,
      ),
    ),
  },
  closed,
);

/** Body of `POST /api/staff-notices/seen`: every notice up to this one was seen. */
export const seenNoticesSchema = Type.Object(
  { upTo: Type.String({ pattern: "^[1-9][0-9]{0,14}$" }) },
  closed,
);

/** See {@link setUpPersonSchema}. */
export type SetUpPerson = Static<typeof setUpPersonSchema>;
/** See {@link passkeyCreationSchema}. */
export type PasskeyCreation = Static<typeof passkeyCreationSchema>;
/** See {@link newPasskeySchema}. */
export type NewPasskey = Static<typeof newPasskeySchema>;
/** See {@link addPasskeySchema}. */
export type AddPasskey = Static<typeof addPasskeySchema>;
/** See {@link setUpPasskeySchema}. */
export type SetUpPasskey = Static<typeof setUpPasskeySchema>;
/** See {@link totpOfferSchema}. */
export type TotpOffer = Static<typeof totpOfferSchema>;
/** See {@link setPasswordSchema}. */
export type SetPassword = Static<typeof setPasswordSchema>;
/** See {@link setUpPasswordSchema}. */
export type SetUpPassword = Static<typeof setUpPasswordSchema>;
/** See {@link recoveryCodesSchema}. */
export type RecoveryCodes = Static<typeof recoveryCodesSchema>;
/** See {@link factorsSchema}. */
export type Factors = Static<typeof factorsSchema>;
/** See {@link staffNoticesSchema}. */
export type StaffNotices = Static<typeof staffNoticesSchema>;
/** See {@link seenNoticesSchema}. */
export type SeenNotices = Static<typeof seenNoticesSchema>;
