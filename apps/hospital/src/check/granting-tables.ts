import { toHex } from "@siphms/cose";
import { openBreakGlassText, readBreakGlass, readCareRelation } from "../access/index.ts";
import type { Database, Row } from "../database/index.ts";
import { openDeviceCode, openDeviceName, readDevice, readInvitation } from "../enrolment/index.ts";
import { settingRow } from "../installation.ts";
import { hospitalKeyRow, type Keyring } from "../keys/index.ts";
import { readPatient } from "../patients/index.ts";
import { auditNameOfHeld, openWhy, readDecision } from "../records/index.ts";
import {
  readKey,
  readLink,
  readPasskey,
  readPassword,
  readRecoveryCode,
  readStaff,
  readStaffSession,
  readTotp,
} from "../staff/index.ts";

/** A table whose rows grant something, and how one row is looked at. */
export interface GrantingTable {
  readonly name: string;
  readonly sql: string;
  /** Names the row in a finding; nothing that is in it. */
  readonly key: (row: Row) => string;
  /** Throws for a row that is not as this installation wrote it. */
  readonly look: (row: Row) => Promise<void> | void;
}

/** Every table with rows that grant something, and the store of the patients' keys. */
export function grantingTables(ports: {
  readonly database: Database;
  readonly keyring: Keyring;
}): readonly GrantingTable[] {
  return [
    ...installationTables(ports.keyring),
    ...staffTables(ports.keyring),
    ...factorTables(ports.keyring),
    ...accessTables(ports),
    ...enrolmentTables(ports),
    decisionTable(ports),
  ];
}

function installationTables(keyring: Keyring): readonly GrantingTable[] {
  return [
    {
      name: "settings",
      sql: "SELECT * FROM settings",
      key: (row) => row.text("name"),
      look: (row) => {
        keyring.checkRowMac(settingRow(row), row.bytes("mac"));
      },
    },
    {
      name: "hospital_keys",
      sql: "SELECT * FROM hospital_keys",
      key: byId,
      look: (row) => {
        keyring.checkRowMac(hospitalKeyRow(row), row.bytes("mac"));
      },
    },
  ];
}

function staffTables(keyring: Keyring): readonly GrantingTable[] {
  return [
    {
      name: "staff",
      sql: "SELECT * FROM staff",
      key: byId,
      look: (row) => {
        readStaff(row, keyring);
      },
    },
    {
      name: "staff_links",
      sql: "SELECT * FROM staff_links",
      key: (row) => toHex(row.bytes("token_hash").subarray(0, 8)),
      look: (row) => {
        readLink(row, keyring);
      },
    },
    {
      name: "staff_sessions",
      sql: "SELECT * FROM staff_sessions",
      key: (row) => toHex(row.bytes("id_hash").subarray(0, 8)),
      look: (row) => {
        readStaffSession(row, keyring);
      },
    },
  ];
}

function accessTables({
  database,
  keyring,
}: {
  readonly database: Database;
  readonly keyring: Keyring;
}): readonly GrantingTable[] {
  return [
    {
      name: "care_relations",
      sql: "SELECT * FROM care_relations",
      key: byId,
      look: (row) => {
        readCareRelation(row, keyring);
      },
    },
    {
      name: "break_glass",
      sql: "SELECT * FROM break_glass",
      key: byId,
      look: async (row) => {
        const access = readBreakGlass(row, keyring);
        await openBreakGlassText(database, keyring, { access, column: "reason" });
        await openBreakGlassText(database, keyring, { access, column: "note" });
      },
    },
  ];
}

function factorTables(keyring: Keyring): readonly GrantingTable[] {
  return [
    {
      name: "staff_passwords",
      sql: "SELECT * FROM staff_passwords",
      key: byStaff,
      look: (row) => {
        readPassword(row, keyring);
      },
    },
    {
      name: "staff_totp",
      sql: "SELECT * FROM staff_totp",
      key: byStaff,
      look: (row) => {
        readTotp(row, keyring);
      },
    },
    {
      name: "staff_recovery_codes",
      sql: "SELECT * FROM staff_recovery_codes",
      key: (row) => toHex(row.bytes("code_hash").subarray(0, 8)),
      look: (row) => {
        readRecoveryCode(row, keyring);
      },
    },
    {
      name: "staff_keys",
      sql: "SELECT * FROM staff_keys",
      key: byStaff,
      look: (row) => {
        readKey(row, keyring);
      },
    },
    {
      name: "staff_passkeys",
      sql: "SELECT * FROM staff_passkeys",
      key: byId,
      look: (row) => {
        readPasskey(row, keyring);
      },
    },
  ];
}

function enrolmentTables({
  database,
  keyring,
}: {
  readonly database: Database;
  readonly keyring: Keyring;
}): readonly GrantingTable[] {
  return [
    {
      name: "keystore.patient_keys",
      sql: "SELECT * FROM keystore.patient_keys",
      key: (row) => row.text("patient_id"),
      look: (row) => {
        keyring.checkPatientKey(row.text("patient_id"), row.bytes("wrapped"));
      },
    },
    {
      name: "patients",
      sql: "SELECT * FROM patients",
      key: (row) => row.text("id"),
      look: async (row) => {
        await readPatient(row, database, keyring);
      },
    },
    {
      name: "invitations",
      sql: "SELECT * FROM invitations",
      key: byId,
      look: (row) => {
        readInvitation(row, keyring);
      },
    },
    {
      name: "devices",
      sql: "SELECT * FROM devices",
      key: (row) => toHex(row.bytes("kid")),
      look: async (row) => {
        const device = readDevice(row, keyring);
        await openDeviceName(database, keyring, device);
        await openDeviceCode(database, keyring, device);
      },
    },
  ];
}

function decisionTable({
  database,
  keyring,
}: {
  readonly database: Database;
  readonly keyring: Keyring;
}): GrantingTable {
  return {
    name: "quarantine_decisions",
    sql: "SELECT * FROM quarantine_decisions",
    key: (row) =>
      auditNameOfHeld({
        deviceId: row.number("device_id"),
        messageId: row.bytes("message_id"),
        reason: row.text("reason"),
      }),
    look: async (row) => {
      const decision = readDecision(row, keyring);
      openWhy(decision, await keyring.patientCipher(database, decision.patientId));
    },
  };
}

function byId(row: Row): string {
  return String(row.number("id"));
}

function byStaff(row: Row): string {
  return String(row.number("staff_id"));
}
