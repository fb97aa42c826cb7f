import { Type, type Static } from "typebox";
import { TEXT_LIMITS } from "./vocabulary.ts";

const closed = { additionalProperties: false };
const base64Url = (maxLength: number) =>
  Type.String({ pattern: "^[A-Za-z0-9_-]+$", minLength: 1, maxLength });
/** What extensions an authenticator answered to. None is asked for and none is looked at. */
const extensionsSchema = Type.Record(Type.String(), Type.Unknown());
const attachmentSchema = Type.Optional(
  Type.Union([Type.Enum(["cross-platform", "platform"]), Type.Null()]),
);

/** Members that every answer of an authenticator has. Not closed; spread it into a closed object. */
export const credentialProperties = {
  id: base64Url(1364),
  rawId: base64Url(1364),
  type: Type.Literal("public-key"),
  clientExtensionResults: extensionsSchema,
  authenticatorAttachment: attachmentSchema,
};

/** What `navigator.credentials.get` takes, as JSON (WebAuthn §5.5). Good for five minutes and once. */
export const passkeyRequestSchema = Type.Object(
  {
    challenge: base64Url(128),
    rpId: Type.String(),
    timeout: Type.Integer({ minimum: 1 }),
    userVerification: Type.Literal("required"),
  },
  closed,
);

/** What an authenticator answered to a {@link passkeyRequestSchema}, as JSON (WebAuthn §5.1, `AuthenticationResponseJSON`). */
export const passkeyProofSchema = Type.Object(
  {
    ...credentialProperties,
    response: Type.Object(
      {
        clientDataJSON: base64Url(4096),
        authenticatorData: base64Url(4096),
        signature: base64Url(1024),
        userHandle: Type.Optional(Type.Union([base64Url(128), Type.Null()])),
      },
      closed,
    ),
  },
  closed,
);

/** Six digits of a TOTP app, or one of the recovery codes as it was shown. */
export const secondFactorSchema = Type.Union([
  Type.String({ pattern: "^[0-9]{6}$" }),
  Type.String({ pattern: "^[a-z2-7]{4}(-[a-z2-7]{4}){3}$" }),
]);

/** Longer than any password; its own rules are told as `password-refused`. */
export const passwordSchema = Type.String({ minLength: 1, maxLength: 1024 });

/** Password and second factor of whoever is signed in. */
export const passwordProofSchema = Type.Object(
  { password: passwordSchema, code: secondFactorSchema },
  closed,
);

/** Body of `POST /api/log-in/password`: both factors at once, so that no answer tells which one was wrong (SR-09). */
export const passwordLogInSchema = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: TEXT_LIMITS.staffName }),
    password: passwordSchema,
    code: secondFactorSchema,
  },
  closed,
);

/** See {@link passkeyRequestSchema}. */
export type PasskeyRequest = Static<typeof passkeyRequestSchema>;
/** See {@link passkeyProofSchema}. */
export type PasskeyProof = Static<typeof passkeyProofSchema>;
/** See {@link passwordProofSchema}. */
export type PasswordProof = Static<typeof passwordProofSchema>;
/** See {@link passwordLogInSchema}. */
export type PasswordLogIn = Static<typeof passwordLogInSchema>;
