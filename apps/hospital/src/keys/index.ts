export { KeyError } from "./error.ts";
export type { KeyErrorCode } from "./error.ts";
export { batchCell } from "./cell.ts";
export type { Cell } from "./cell.ts";
export { isOfAlteredRow, takeGenuine } from "./genuine-rows.ts";
export type { GenuineRows } from "./genuine-rows.ts";
export { openKeyring } from "./keyring.ts";
export type { ColumnValue, GrantingRow, IndexPurpose, Kek, Keyring } from "./keyring.ts";
export type { PatientCipher } from "./patient-keys.ts";
export { hospitalKeyRow } from "./hospital-key-rows.ts";
export { createHospitalKeys, loadHospitalKeys, rotateIdentity } from "./hospital-keys.ts";
export type {
  HospitalIdentity,
  HospitalKeys,
  IdentityRotation,
  PassKey,
  PublicJwk,
} from "./hospital-keys.ts";
export { createKek, isPrivateFile, loadKek, parseKekSource } from "./kek.ts";
export type { KekOptions, KekSource } from "./kek.ts";
