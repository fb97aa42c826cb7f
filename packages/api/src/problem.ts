import { Type, type Static } from "typebox";

/** Media type of every error answer (RFC 9457). */
export const PROBLEM_MEDIA_TYPE = "application/problem+json";

/** Each problem the hospital's APIs answer with, and its status. `type` on the wire is {@link problemType} of the name. */
export const PROBLEMS = {
  malformed: 400,
  "not-signed-in": 401,
  "link-invalid": 401,
  "log-in-refused": 401,
  "origin-refused": 403,
  "not-allowed": 403,
  "step-up-required": 403,
  "not-found": 404,
  "method-not-allowed": 405,
  conflict: 409,
  "too-large": 413,
  "media-type": 415,
  "host-unknown": 421,
  "code-refused": 422,
  "demo-only": 422,
  "passkey-refused": 422,
  "password-refused": 422,
  "too-many-tries": 429,
  fault: 500,
  "not-ready": 503,
  "emergency-mode": 503,
  "not-recorded": 503,
} as const;

/** Name of one problem. */
export type ProblemName = keyof typeof PROBLEMS;

/** The `type` member for a problem's name. */
export function problemType(name: ProblemName): `urn:siphms:problem:${ProblemName}` {
  return `urn:siphms:problem:${name}`;
}

/** An error answer: `title` is for machines and lists, `detail` says to a person what happened and what to do. */
export const problemSchema = Type.Object(
  {
    type: Type.String(),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String(),
    /** Names one fault in the server's log; present on 500 only. */
    instance: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

/** See {@link problemSchema}. */
export type Problem = Static<typeof problemSchema>;
