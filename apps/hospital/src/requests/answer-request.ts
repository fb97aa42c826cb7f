import type { CborMap } from "@siphms/cose";
import { MessageError, METHODS } from "@siphms/messages";
import type { AnswerRequest, LoadPatientFacts, RequestAnswer } from "../ingest/index.ts";
import type { TileRoots } from "../audit/index.ts";
import { findPatient } from "../patients/index.ts";
import { markSeen } from "../sessions/index.ts";
import { proveAuditConsistency } from "./audit-consistency.ts";
import { answerConfirm, type ConfirmPorts } from "./confirm.ts";
import { readDevices } from "./devices.ts";
import { readDisclosures } from "./disclosures.ts";
import { readHistory, type HistoryPorts } from "./history.ts";
import { readLimits } from "./limits.ts";
import { doctorOf, readProfile } from "./profile.ts";
import { answerRevokeDevice, type RevokeDevicePorts } from "./revoke-device.ts";

/** What answering requests needs. */
export type RequestPorts = ConfirmPorts & HistoryPorts & RevokeDevicePorts;

/** Creates what answers the requests of bound devices; of active ones all methods, of pending ones only `confirm` arrives. */
export function createAnswerRequest(ports: RequestPorts): AnswerRequest {
  // When a gateway comes back, all of its devices ask at once.
  const roots: TileRoots = new Map();
  return async (tx, request, context) => {
    const { patientId } = context.session;
    try {
      switch (request.method) {
        case "confirm":
          return await answerConfirm(tx, { request, context }, ports);
        case "profile":
          return done(await readProfile(tx, { patientId, now: context.now }, ports.keyring));
        case "history":
          return done(await readHistory(tx, { request, patientId }, ports));
        case "devices":
          return done(await readDevices(tx, patientId, ports.keyring));
        case "limits":
          return done(await readLimits(tx, patientId, ports.keyring));
        case "disclosures":
          return done(await readDisclosures(tx, { request, patientId }, ports.keyring));
        case "audit-consistency":
          return await proveAuditConsistency(tx, request, roots);
        case "revoke-device":
          return await answerRevokeDevice(tx, { request, context }, ports);
        case "seen": {
          const { messageIds } = METHODS.seen.parameters.parse(request.parameters);
          await markSeen(tx, { deviceId: context.device.id, messageIds, now: context.now });
          return done(METHODS.seen.result.encode({}));
        }
        // What this hospital does not offer is to a device as unknown as what version 1 does not know.
        default:
          return { error: "unknown-method", result: new Map() };
      }
    } catch (error) {
      if (!(error instanceof MessageError)) throw error;
      return { error: "bad-parameters", result: new Map() };
    }
  };
}

/** Creates what tells ingest about a patient: who is informed of readings, and the clock of a demo's replay. */
export function createLoadPatientFacts({
  keyring,
}: Pick<RequestPorts, "keyring">): LoadPatientFacts {
  return async (tx, patientId) => {
    const patient = await findPatient(tx, keyring, patientId);
    if (patient === undefined) throw new RangeError("patientId: no such patient");
    const doctor = await doctorOf(tx, patient, keyring);
    return { informed: doctor === undefined ? [] : [doctor], demo: patient.demo };
  };
}

function done(result: CborMap): RequestAnswer {
  return { error: 0, result };
}
