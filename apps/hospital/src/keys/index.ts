export { KeyError } from "./error.ts";
export type { KeyErrorCode } from "./error.ts";
export { batchCell } from "./cell.ts";
export type { Cell } from "./cell.ts";
export { isOfAlteredRow, takeGenuine } from "./genuine-rows.ts";
export type { GenuineRows } from "./genuine-rows.ts";
export { openKeyring } from "./keyring.ts";
export type { ColumnValue, GrantingRow, IndexPurpose, Keyring } from "./keyring.ts";
export {
  createInstallationKey,
  dropOtherWrappedKeys,
  loadInstallationKey,
  openInstallationKey,
  readWrappedKeys,
  storeWrappedKey,
} from "./installation-key.ts";
export type { InstallationKey, Kek, WrappedKey } from "./installation-key.ts";
export type { PatientCipher } from "./patient-keys.ts";
export { hospitalKeyRow, insertKey, readKey, retireCurrentKey } from "./hospital-key-rows.ts";
export type { KeyPurpose, StoredKey } from "./hospital-key-rows.ts";
export { createHospitalKeys, loadHospitalKeys, rotateIdentity } from "./hospital-keys.ts";
export type {
  HospitalIdentity,
  HospitalKeys,
  IdentityRotation,
  PassKey,
  PublicJwk,
} from "./hospital-keys.ts";
export { dataFolderAround } from "./data-folder.ts";
export { createKek, isPrivateFile, loadKek } from "./kek.ts";
export type { KekOptions } from "./kek.ts";
export { moveSuccessorIn, prepareSuccessor } from "./kek-place.ts";
export { createRecovery } from "./recovery.ts";
export { kekSourceText, parseKekSource } from "./kek-source.ts";
export type { KekSource } from "./kek-source.ts";
