import { Type, type Static } from "typebox";
import { kidSchema } from "./operator.ts";
import { kindSchema, TEXT_LIMITS, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** Every active device of the patient, or one of them. */
const recipient = { device: Type.Optional(kidSchema) } as const;
const text = Type.String({ minLength: 1, maxLength: TEXT_LIMITS.notice });
const kinds = Type.Array(kindSchema, { minItems: 1, maxItems: 11, uniqueItems: true });

/** Body of `POST /api/patients/:patient/messages`. `kinds` left out: everything that the patient can measure. */
export const newMessageSchema = Type.Union([
  Type.Object({ ...recipient, kind: Type.Literal("message"), text }, closed),
  Type.Object(
    {
      ...recipient,
      kind: Type.Literal("measure-now"),
      kinds: Type.Optional(kinds),
      until: Type.Optional(timeSchema),
    },
    closed,
  ),
]);

/** Answer of sending: the devices that it goes to, by kid. */
export const sentMessageSchema = Type.Object({ devices: Type.Array(Type.String()) }, closed);

/** One message to one device. What the hospital sends by itself is among them, without content. */
export const patientMessageSchema = Type.Object(
  {
    /** Opaque, the same at each look. */
    id: Type.String(),
    device: Type.String(),
    deviceName: Type.String(),
    kind: Type.Enum(["binding-active", "key-rotation", "limits-changed", "measure-now", "message"]),
    created: timeSchema,
    /** When the device said that it was seen. */
    seen: Type.Optional(timeSchema),
    text: Type.Optional(Type.String()),
    kinds: Type.Optional(Type.Array(kindSchema)),
    until: Type.Optional(timeSchema),
  },
  closed,
);

/** Answer of `GET /api/patients/:patient/messages`: the newest, newest first. */
export const patientMessagesSchema = Type.Object(
  { messages: Type.Array(patientMessageSchema) },
  closed,
);

/** See {@link newMessageSchema}. */
export type NewMessage = Static<typeof newMessageSchema>;
/** See {@link sentMessageSchema}. */
export type SentMessage = Static<typeof sentMessageSchema>;
/** See {@link patientMessageSchema}. */
export type PatientMessage = Static<typeof patientMessageSchema>;
/** See {@link patientMessagesSchema}. */
export type PatientMessages = Static<typeof patientMessagesSchema>;
