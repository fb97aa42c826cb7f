export { MessageError, type MessageErrorCode } from "./error.ts";
export {
  deriveConfirmationSecret,
  deriveSessionKeys,
  type Exporter,
  type SessionKeys,
} from "./session-keys.ts";
export {
  directionKeys,
  encodeEnvelope,
  envelopeAad,
  MAX_ENVELOPE_BYTES,
  MAX_ITEM_BYTES,
  MAX_SEQ,
  nonceFor,
  openEnvelope,
  parseEnvelope,
  prepareOpening,
  prepareSealing,
  sealEnvelope,
  type Direction,
  type Envelope,
  type EnvelopeCipher,
} from "./envelope.ts";
export {
  encodeSigned,
  parseSigned,
  prepareSigning,
  prepareVerifying,
  signedAad,
  signMessage,
  verifySigned,
  type ParsedSigned,
  type Party,
  type UnsignedMessage,
  type UnverifiedMessage,
  type VerifiedSigned,
} from "./signed.ts";
export { parseTyp, TYP, type Typ } from "./typ.ts";
export { createMessageId, MESSAGE_ID_BYTES, messageIdTime, peekMessageId } from "./message-id.ts";
export { samples, timeOf, type Sample, type Sensor, type Series } from "./series.ts";
export { encodeReadings, parseReadings, type Readings } from "./readings.ts";
export {
  encodeReceipt,
  parseReceipt,
  type Outcome,
  type QuarantinedSample,
  type Receipt,
} from "./receipt.ts";
export { encodeRequest, parseRequest, type Request } from "./request.ts";
export { encodeResponse, parseResponse, type ErrorCode, type Response } from "./response.ts";
export {
  encodeNotice,
  isNoticeKind,
  NOTICES,
  parseNotice,
  readNoticeContent,
  type KeyRotation,
  type MeasureNow,
  type Notice,
  type NoticeContent,
  type NoticeKind,
  type Notices,
  type TextMessage,
} from "./notice.ts";
export { isMethodName, METHODS, type MethodName, type Methods } from "./methods/methods.ts";
export type { Empty, MapCodec } from "./map-codec.ts";
export type { MethodCodec } from "./methods/method-codec.ts";
export type {
  AuditConsistencyParameters,
  AuditConsistencyResult,
} from "./methods/audit-consistency.ts";
export type { ConfirmParameters } from "./methods/confirm.ts";
export type { ConsentParameters, ConsentResult, ConsentState } from "./methods/consent.ts";
export type { DevicesResult, PatientDevice, RevokeDeviceParameters } from "./methods/devices.ts";
export type {
  Disclosure,
  DisclosuresParameters,
  DisclosuresResult,
} from "./methods/disclosures.ts";
export type { ExportParameters, ExportResult } from "./methods/export.ts";
export type { HistoryParameters, HistoryResult } from "./methods/history.ts";
export type { LimitsResult, PatientLimit } from "./methods/limits.ts";
export type { Profile } from "./methods/profile.ts";
export type { SeenParameters } from "./methods/seen.ts";
export { isGatewayUrl, isHospitalId } from "./addresses.ts";
export {
  encodeInvitation,
  invitationLink,
  parseInvitation,
  parseInvitationLink,
  type Invitation,
} from "./invitation.ts";
export {
  EAD_ENROLMENT,
  encodeEnrolment,
  MAX_DEVICE_NAME_BYTES,
  MESSAGE_3_BYTES,
  parseEnrolment,
  type Enrolment,
} from "./enrolment.ts";
export {
  EAD_GRANT,
  encodeGrant,
  MAX_PASS_BYTES,
  MAX_SESSION_MS,
  MESSAGE_4_BYTES,
  parseGrant,
  type SessionGrant,
} from "./grant.ts";
export { commitment, confirmationCode } from "./confirmation.ts";
