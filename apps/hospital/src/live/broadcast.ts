import {
  runsOfSamples,
  type AlertStand,
  type ApiSample,
  type LiveAlert,
  type LiveBreakGlass,
  type LiveEnrolment,
  type LivePatient,
  type LiveReading,
} from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import { errorFields, type Logger } from "@siphms/server-kit";
import { kindInfo, originName, toClinical, type WireValue, type Kind } from "@siphms/vitals";
import type { StoredEvent, StoredSample } from "../ingest/index.ts";
import type { Records } from "../records/index.ts";
import type { LiveHub } from "./hub.ts";

/** Characters of JSON, about. */
const SMALL_EVENT = 1000;
const SAMPLE_CHARACTERS = 12;

/** Tells the open screens what has become true, each what its person may see. */
export interface Broadcast {
  /** A batch was committed. Returns at once; what goes wrong is logged and never reaches ingest. */
  stored(event: StoredEvent): void;
  patient(event: LivePatient): void;
  enrolment(event: LiveEnrolment): void;
  /** How a patient's alerts stand now. */
  readonly alert: (patient: string, stand: AlertStand) => void;
  /** For privacy officers: somebody has opened a record in an emergency. */
  breakGlass(event: LiveBreakGlass): void;
}

/** Joins what happens with the screens: latest values first, then the event that carries them. */
export function createBroadcast(ports: {
  readonly hub: LiveHub;
  readonly records: Records;
  readonly log: Logger;
}): Broadcast {
  const { hub, records, log } = ports;
  return {
    stored(event) {
      publishStored(event, { hub, records }).catch((error: unknown) => {
        log.error("a stored batch was not shown live", errorFields(error));
      });
    },
    patient: (data) => {
      const { patient } = data;
      hub.publish({ name: "patient", to: { patient }, data: () => data, size: SMALL_EVENT });
    },
    enrolment: (data) => {
      const { patient } = data;
      hub.publish({ name: "enrolment", to: { patient }, data: () => data, size: SMALL_EVENT });
    },
    alert: (patient, stand) => {
      hub.publish({
        name: "alert",
        to: { patient },
        data: (): LiveAlert => ({ patient, ...stand }),
        size: SMALL_EVENT * (1 + stand.open.length),
      });
    },
    breakGlass: (data) => {
      const to = { role: "privacy-officer" } as const;
      hub.publish({ name: "break-glass", to, data: () => data, size: SMALL_EVENT });
    },
  };
}

async function publishStored(
  event: StoredEvent,
  { hub, records }: { readonly hub: LiveHub; readonly records: Records },
): Promise<void> {
  const { patientId, receivedAt, newest } = event;
  const latest = await records.apply({
    patientId,
    samples: newest.map((sample) => describeSample(sample, event)),
    hasQuarantined: event.quarantinedSamples > 0,
    receivedAt,
  });
  hub.publish({
    name: "reading",
    to: { patient: patientId },
    size: SMALL_EVENT + event.sampleCount * SAMPLE_CHARACTERS,
    data: (): LiveReading => ({
      patient: patientId,
      latest: [...latest.values],
      runs: runsOfSamples(event.samples().map((sample) => describeSample(sample, event))),
      lastContact: latest.lastContact ?? receivedAt,
      quarantinedSamples: latest.quarantinedSamples,
    }),
  });
}

function describeSample(sample: StoredSample, { kid, messageId }: StoredEvent): ApiSample {
  const { name, unit } = kindInfo(sample.kind);
  const shared = {
    kind: name,
    at: sample.at,
    value: clinical(sample.kind, sample.value),
    unit,
    origin: originName(sample.origin),
    device: toBase64Url(kid),
    messageId: toBase64Url(messageId),
  };
  const { quarantined } = sample;
  if (quarantined !== undefined) return { ...shared, state: "quarantined", reason: quarantined };
  return { ...shared, state: sample.late ? "late" : "stored" };
}

function clinical(kind: Kind, value: WireValue): ApiSample["value"] {
  const converted = toClinical(kind, value);
  return typeof converted === "number" ? converted : [...converted];
}
