import { CURSOR_PATTERN, HOSPITAL_ID_PATTERN } from "@siphms/relay";

// Ids are fixed-size bytes in base64url: 16 bytes are 22 characters, 8 bytes are 11.
const ID = { type: "string", pattern: "^[A-Za-z0-9_-]{22}$" } as const;
const KID = { type: "string", pattern: "^[A-Za-z0-9_-]{11}$" } as const;
const NOTHING = object({});

/** Shape of `POST /v1/hospitals/{hospital-id}/handshakes?key=`. */
export const START_SCHEMA = {
  params: object({ hospital: { type: "string", pattern: HOSPITAL_ID_PATTERN.source } }),
  querystring: object({ key: KID }),
};

/** Shape of `POST /v1/handshakes/{id}`. An id of another form is simply one that does not exist. */
export const HANDSHAKE_SCHEMA = { querystring: NOTHING };

/** Shape of `POST /v1/sessions/{sid}/envelopes`. */
export const ENVELOPES_SCHEMA = { params: object({ sid: ID }), querystring: NOTHING };

/** Shape of `GET /v1/sessions/{sid}/mailbox?after=`. */
export const MAILBOX_SCHEMA = {
  params: object({ sid: ID }),
  querystring: object({ after: { type: "string", pattern: CURSOR_PATTERN.source } }, []),
};

/** Options of the validator: unknown members are refused, nothing is coerced, stripped or filled in. */
export const VALIDATION = {
  customOptions: {
    removeAdditional: false,
    coerceTypes: false,
    useDefaults: false,
    allErrors: false,
  },
} as const;

function object(properties: Readonly<Record<string, object>>, required = Object.keys(properties)) {
  return { type: "object", properties, required, additionalProperties: false } as const;
}
