export {
  changeDevice,
  findDeviceByKid,
  findDevicesByKids,
  insertDevice,
  listDevices,
  listDevicesOfPatient,
  lockDevice,
  lockDevices,
  openDeviceCode,
  openDeviceName,
  readDevice,
  recordSeenKey,
} from "./devices.ts";
export type { BindingState, Device, DeviceChange, NewDevice } from "./devices.ts";
export {
  changeInvitation,
  findInvitation,
  insertInvitation,
  lockInvitationByToken,
  readInvitation,
  readOpenInvitations,
} from "./invitations.ts";
export type { InvitationChange, NewInvitation, StoredInvitation } from "./invitations.ts";
export { readContacts } from "./contacts.ts";
export { createEnrolmentDesk, INVITATION_LIFETIME_MS } from "./desk.ts";
export type { ConfirmOutcome } from "./confirm-code.ts";
export type {
  EnrolmentDesk,
  EnrolmentDeskPorts,
  EnrolmentView,
  InviteOutcome,
  RegisterOutcome,
  RevokeOutcome,
} from "./desk.ts";
export { confirmedOf, registeredOf } from "./outcomes.ts";
export { revokeBinding, type Revocation } from "./revoke.ts";
export { redeemToken } from "./redeem.ts";
export type { Redemption, RedemptionClaim, RedemptionPorts, RedemptionRefusal } from "./redeem.ts";
