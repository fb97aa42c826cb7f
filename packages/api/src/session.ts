import { Type, type Static } from "typebox";
import { roleSchema, timeSchema } from "./vocabulary.ts";

/** Body of `POST /api/session`: the token of a one-use staff link, base64url, 32 random bytes. */
export const openSessionSchema = Type.Object(
  { token: Type.String({ pattern: "^[A-Za-z0-9_-]{43}$" }) },
  { additionalProperties: false },
);

/**
 * Who is signed in. `expires`: the absolute end. `idleEnds`: the end if nothing is done until then; warn before.
 * `proved`: when both factors were last proved; dangerous acts want that to be fresh.
 */
export const sessionInfoSchema = Type.Object(
  {
    staff: Type.Object(
      { id: Type.String(), name: Type.String(), role: roleSchema },
      { additionalProperties: false },
    ),
    demo: Type.Boolean(),
    expires: timeSchema,
    idleEnds: timeSchema,
    proved: timeSchema,
    method: Type.Enum(["demo-link", "key", "passkey", "password"]),
  },
  { additionalProperties: false },
);

/** See {@link openSessionSchema}. */
export type OpenSession = Static<typeof openSessionSchema>;
/** See {@link sessionInfoSchema}. */
export type SessionInfo = Static<typeof sessionInfoSchema>;
