export { RelayError, type RelayErrorCode } from "./error.ts";
export { decodeBase64Url, encodeBase64Url, type Bytes } from "./bytes.ts";
export {
  HANDSHAKE_ID_BYTES,
  HANDSHAKE_MEMORY_MS,
  KID_BYTES,
  MAX_ENVELOPE_BYTES,
  MAX_HANDSHAKE_BODY_BYTES,
  MAX_HANDSHAKE_MESSAGE_BYTES,
  MAX_MAILBOX_ANSWER_BYTES,
  MAX_PASS_BYTES,
  MAX_PASS_ENVELOPES_PER_MINUTE,
  MAX_PASS_SECONDS,
  MAX_UPLINK_CREDIT,
  MAX_UPLINK_MESSAGE_BYTES,
  MAX_WAIT_SECONDS,
  RETENTION_MS,
  SID_BYTES,
  UPLINK_PING_MS,
  UPLINK_SILENCE_MS,
  UPLINK_TOKEN_SECONDS,
} from "./limits.ts";
export {
  CURSOR_PATTERN,
  envelopesPath,
  handshakePath,
  handshakesPath,
  HEALTH_PATH,
  HOSPITAL_ID_PATTERN,
  isGatewayUrl,
  isHttpOrigin,
  isLoopbackName,
  mailboxPath,
  ROUTES,
  UPLINK_PATH,
  WITNESS_PATH,
} from "./routes.ts";
export {
  formatPreferWait,
  HEADERS,
  isEnvelopeMediaType,
  MEDIA_TYPES,
  parsePreferWait,
} from "./headers.ts";
export {
  parseProblemType,
  PROBLEMS,
  problemType,
  type ProblemName,
  type ProblemRow,
} from "./problems.ts";
export { decodeMailbox, encodeMailbox, mailboxHeadBytes } from "./mailbox.ts";
export {
  UPLINK_CLOSE,
  UPLINK_TOKEN_TYPE,
  type AnswerFrame,
  type CloseFrame,
  type CreditFrame,
  type EnvelopeFrame,
  type GatewayFrame,
  type HandshakeFinishFrame,
  type HandshakeOutcome,
  type HandshakeOutFrame,
  type HandshakeStartFrame,
  type HospitalFrame,
  type NoAnswerFrame,
  type UplinkFrame,
} from "./uplink.ts";
export { decodeFrames, encodeFrames, frameBytes, FRAME_HEAD_BYTES } from "./frame-codec.ts";
export { createFrameBatcher, type FrameBatcher, type FrameBatcherPorts } from "./frame-batcher.ts";
export {
  hospitalOfLog,
  parseRegistration,
  type PassKeyJwk,
  type Registration,
} from "./registration.ts";
