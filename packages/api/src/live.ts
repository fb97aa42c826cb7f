import { Type, type Static } from "typebox";
import { latestValueSchema, sampleRunSchema } from "./readings.ts";
import { deviceStateSchema, timeSchema } from "./vocabulary.ts";

/** Names of the events of `GET /api/live`. `reload`: events were missed, fetch everything anew. `ping` and `reload` carry `{}`. */
export const LIVE_EVENTS = [
  "reading",
  "patient",
  "enrolment",
  "break-glass",
  "alert",
  "reload",
  "ping",
] as const;

/** Name of one live event. */
export type LiveEventName = (typeof LIVE_EVENTS)[number];

/** Event `reading`: one batch of a patient was stored. `latest` is the whole new set of latest values. */
export const liveReadingSchema = Type.Object(
  {
    patient: Type.String(),
    latest: Type.Array(latestValueSchema),
    /** What the batch held. */
    runs: Type.Array(sampleRunSchema),
    lastContact: timeSchema,
    quarantinedSamples: Type.Integer({ minimum: 0 }),
  },
  { additionalProperties: false },
);

/** Event `patient`: a patient was registered or changed; fetch the worklist or the page anew. */
export const livePatientSchema = Type.Object(
  { patient: Type.String() },
  { additionalProperties: false },
);

/** Event `enrolment`: a device's binding changed its state. */
export const liveEnrolmentSchema = Type.Object(
  { patient: Type.String(), state: deviceStateSchema },
  { additionalProperties: false },
);

/** See {@link liveReadingSchema}. */
export type LiveReading = Static<typeof liveReadingSchema>;
/** See {@link livePatientSchema}. */
export type LivePatient = Static<typeof livePatientSchema>;
/** See {@link liveEnrolmentSchema}. */
export type LiveEnrolment = Static<typeof liveEnrolmentSchema>;
