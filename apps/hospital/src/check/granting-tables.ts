import { toHex } from "@siphms/cose";
import { openBreakGlassText, readBreakGlass, readCareRelation } from "../access/index.ts";
import { checkState, openFound, openNote, readAlert } from "../alerts/index.ts";
import type { Database, Row } from "../database/index.ts";
import { openDeviceCode, openDeviceName, readDevice, readInvitation } from "../enrolment/index.ts";
import { settingRow } from "../installation.ts";
import { hospitalKeyRow, type GrantingRow, type Keyring } from "../keys/index.ts";
import { openAddress, openPolicyReason, readContact, readPolicy } from "../notify/index.ts";
import { auditNameOfWeek, openReviewNote, readReview } from "../oversight/index.ts";
import { readPatient } from "../patients/index.ts";
import { auditNameOfPlan, openReason, openRules, readPlanRow } from "../plans/index.ts";
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
  /** Names the row in a finding; nothing that is in it. */
  readonly key: (row: Row) => string;
  /** Throws or rejects for a row that is not as this installation wrote it; what it gives back is of no use here. */
  readonly look: (row: Row) => unknown;
}

interface Ports {
  readonly database: Database;
  readonly keyring: Keyring;
}

/** Every table with rows that grant something, and the store of the patients' keys. */
export function grantingTables(ports: Ports): readonly GrantingTable[] {
  return [
    ...installationTables(ports),
    ...staffTables(ports),
    ...accessTables(ports),
    ...enrolmentTables(ports),
    decisionTable(ports),
    planTable(ports),
    alertTable(ports),
    alertStateTable(ports),
    ...tellingTables(ports),
    reviewTable(ports),
  ];
}

function installationTables({ keyring }: Ports): readonly GrantingTable[] {
  const checkMac = (row: Row, granting: GrantingRow): void => {
    keyring.checkRowMac(granting, row.bytes("mac"));
  };
  return [
    {
      name: "settings",
      key: (row) => row.text("name"),
      look: (row) => checkMac(row, settingRow(row)),
    },
    { name: "hospital_keys", key: byId, look: (row) => checkMac(row, hospitalKeyRow(row)) },
  ];
}

function staffTables({ keyring }: Ports): readonly GrantingTable[] {
  return [
    { name: "staff", key: byId, look: (row) => readStaff(row, keyring) },
    { name: "staff_links", key: byHash("token_hash"), look: (row) => readLink(row, keyring) },
    {
      name: "staff_sessions",
      key: byHash("id_hash"),
      look: (row) => readStaffSession(row, keyring),
    },
    { name: "staff_passwords", key: byStaff, look: (row) => readPassword(row, keyring) },
    { name: "staff_totp", key: byStaff, look: (row) => readTotp(row, keyring) },
    {
      name: "staff_recovery_codes",
      key: byHash("code_hash"),
      look: (row) => readRecoveryCode(row, keyring),
    },
    { name: "staff_keys", key: byStaff, look: (row) => readKey(row, keyring) },
    { name: "staff_passkeys", key: byId, look: (row) => readPasskey(row, keyring) },
  ];
}

function accessTables({ database, keyring }: Ports): readonly GrantingTable[] {
  return [
    { name: "care_relations", key: byId, look: (row) => readCareRelation(row, keyring) },
    {
      name: "break_glass",
      key: byId,
      look: async (row) => {
        const access = readBreakGlass(row, keyring);
        await openBreakGlassText(database, keyring, { access, column: "reason" });
        await openBreakGlassText(database, keyring, { access, column: "note" });
      },
    },
  ];
}

function enrolmentTables({ database, keyring }: Ports): readonly GrantingTable[] {
  return [
    {
      name: "keystore.patient_keys",
      key: (row) => row.text("patient_id"),
      look: (row) => keyring.checkPatientKey(row.text("patient_id"), row.bytes("wrapped")),
    },
    {
      name: "patients",
      key: (row) => row.text("id"),
      look: (row) => readPatient(row, database, keyring),
    },
    { name: "invitations", key: byId, look: (row) => readInvitation(row, keyring) },
    {
      name: "devices",
      key: (row) => toHex(row.bytes("kid")),
      look: async (row) => {
        const device = readDevice(row, keyring);
        await openDeviceName(database, keyring, device);
        await openDeviceCode(database, keyring, device);
      },
    },
  ];
}

function decisionTable({ database, keyring }: Ports): GrantingTable {
  return {
    name: "quarantine_decisions",
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

function alertTable({ database, keyring }: Ports): GrantingTable {
  return {
    name: "alerts",
    key: byId,
    look: async (row) => {
      const { id, patientId, found, note } = readAlert(row, keyring);
      const cipher = await keyring.patientCipher(database, patientId);
      openFound(cipher, id, found);
      if (note !== null) openNote(cipher, id, note);
    },
  };
}

function alertStateTable({ database, keyring }: Ports): GrantingTable {
  return {
    name: "alert_states",
    key: (row) => row.text("patient_id"),
    look: (row) => checkState(row, database, keyring),
  };
}

function planTable({ database, keyring }: Ports): GrantingTable {
  return {
    name: "patient_plans",
    key: (row) =>
      auditNameOfPlan({ patientId: row.text("patient_id"), version: row.number("version") }),
    look: async (row) => {
      const plan = readPlanRow(row, keyring);
      const cipher = await keyring.patientCipher(database, plan.patientId);
      openRules(plan, cipher);
      openReason(plan, cipher);
    },
  };
}

function tellingTables({ keyring }: Ports): readonly GrantingTable[] {
  return [
    {
      name: "staff_contacts",
      key: byStaff,
      look: (row) => openAddress(readContact(row, keyring), keyring),
    },
    {
      name: "escalation_policies",
      key: (row) => String(row.number("version")),
      look: (row) => openPolicyReason(readPolicy(row, keyring), keyring),
    },
  ];
}

function reviewTable({ keyring }: Ports): GrantingTable {
  return {
    name: "activity_reviews",
    key: (row) => auditNameOfWeek(`${row.text("week")}/${String(row.number("version"))}`),
    look: (row) => openReviewNote(readReview(row, keyring), keyring),
  };
}

function byId(row: Row): string {
  return String(row.number("id"));
}

function byStaff(row: Row): string {
  return String(row.number("staff_id"));
}

/** The beginning of a hash: enough to find the row by. */
function byHash(column: string): (row: Row) => string {
  return (row) => toHex(row.bytes(column).subarray(0, 8));
}
