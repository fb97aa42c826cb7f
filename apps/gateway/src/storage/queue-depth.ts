import type { QueueLimits, SessionRef, StoreUsage } from "../domain/ports.ts";
import { sessionText } from "../domain/session-text.ts";

/** Counts what is queued, so that a limit is known without asking the disk. Holds nothing for a session without queued envelopes. */
export interface QueueDepth {
  /** Counts an envelope if all limits allow it. */
  reserve(session: SessionRef, bytes: number): boolean;
  /** Takes an envelope off again. */
  release(session: SessionRef, bytes: number): void;
  /** Counts an envelope that is there already, whatever the limits. */
  count(session: SessionRef, bytes: number): void;
  ofHospital(hospital: string): number;
  usage(): StoreUsage;
}

/** Creates an empty count. */
export function createQueueDepth(limits: QueueLimits): QueueDepth {
  const hospitals = new Map<string, { envelopes: number; bytes: number }>();
  const sessions = new Map<string, number>();

  function add(session: SessionRef, envelopes: 1 | -1, bytes: number): void {
    const key = sessionText(session);
    const ofSession = (sessions.get(key) ?? 0) + envelopes;
    if (ofSession > 0) sessions.set(key, ofSession);
    else sessions.delete(key);
    const ofHospital = hospitals.get(session.hospital) ?? { envelopes: 0, bytes: 0 };
    ofHospital.envelopes += envelopes;
    ofHospital.bytes += bytes;
    if (ofHospital.envelopes > 0) hospitals.set(session.hospital, ofHospital);
    else hospitals.delete(session.hospital);
  }

  return {
    reserve(session, bytes) {
      const ofHospital = hospitals.get(session.hospital) ?? { envelopes: 0, bytes: 0 };
      const fits =
        (sessions.get(sessionText(session)) ?? 0) < limits.sessionEnvelopes &&
        ofHospital.envelopes < limits.hospitalEnvelopes &&
        ofHospital.bytes + bytes <= limits.hospitalBytes;
      if (fits) add(session, 1, bytes);
      return fits;
    },
    release(session, bytes) {
      add(session, -1, -bytes);
    },
    count(session, bytes) {
      add(session, 1, bytes);
    },
    ofHospital: (hospital) => hospitals.get(hospital)?.envelopes ?? 0,
    usage() {
      let queued = 0;
      let queuedBytes = 0;
      for (const one of hospitals.values()) {
        queued += one.envelopes;
        queuedBytes += one.bytes;
      }
      return { queued, queuedBytes };
    },
  };
}
