import { Type, type Static } from "typebox";
import { kidSchema } from "./operator.ts";
import { kindSchema, TEXT_LIMITS, timeSchema } from "./vocabulary.ts";

const closed = { additionalProperties: false } as const;

/** For every active device of the patient, or for one of them. */
const device = Type.Optional(kidSchema);

/** Members of a message in words. Not closed; spread it into a closed object. */
export const messageProperties = {
  device,
  kind: Type.Literal("message"),
  text: Type.String({ minLength: 1, maxLength: TEXT_LIMITS.notice }),
} as const;

/** Members of a request to measure. Not closed; spread it into a closed object. */
export const measureNowProperties = {
  device,
  kind: Type.Literal("measure-now"),
  /** Left out: everything that the patient can measure. */
  kinds: Type.Optional(Type.Array(kindSchema, { minItems: 1, maxItems: 11, uniqueItems: true })),
  until: Type.Optional(timeSchema),
} as const;

/** Body of `POST /api/patients/:patient/messages`. */
export const newMessageSchema = Type.Union([
  Type.Object(messageProperties, closed),
  Type.Object(measureNowProperties, closed),
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
