import { Type, type Static } from "typebox";
import { measureNowProperties, messageProperties } from "./messages.ts";
import { mrnSchema } from "./operator.ts";
import { timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/**
 * Body of `POST /operator/notices`. `binding-active` and `key-rotation` are none of these: the hospital sends them by
 * itself, when they are true.
 */
export const sendNoticeSchema = Type.Union([
  Type.Object({ mrn: mrnSchema, ...messageProperties }, closed),
  Type.Object({ mrn: mrnSchema, ...measureNowProperties }, closed),
  Type.Object(
    { mrn: mrnSchema, device: messageProperties.device, kind: Type.Literal("limits-changed") },
    closed,
  ),
]);

/** Answer of sending a notice: the devices that it goes to, by kid. */
export const sentNoticeSchema = Type.Object(
  { mrn: mrnSchema, kind: Type.String(), devices: Type.Array(Type.String()) },
  closed,
);

/** One notice to one device, without its content. */
export const operatorNoticeSchema = Type.Object(
  {
    /** The device's kid, base64url. */
    device: Type.String(),
    kind: Type.String(),
    created: timeSchema,
    /** When the device said that it was seen. */
    seen: Type.Optional(timeSchema),
  },
  closed,
);

/** Answer of `GET /operator/notices`: the newest of a patient, newest first. */
export const operatorNoticesSchema = Type.Object(
  { notices: Type.Array(operatorNoticeSchema) },
  closed,
);

/** See {@link sendNoticeSchema}. */
export type SendNotice = Static<typeof sendNoticeSchema>;
/** See {@link sentNoticeSchema}. */
export type SentNotice = Static<typeof sentNoticeSchema>;
/** See {@link operatorNoticeSchema}. */
export type OperatorNotice = Static<typeof operatorNoticeSchema>;
