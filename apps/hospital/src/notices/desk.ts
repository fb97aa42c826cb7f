import type { NewMessage, PatientMessage } from "@siphms/api";
import { payloadOfSign1, toBase64Url } from "@siphms/cose";
import { NOTICES, parseNotice, readNoticeContent } from "@siphms/messages";
import type { Clock } from "@siphms/server-kit";
import { kindByName, kindInfo } from "@siphms/vitals";
import { appendAudit, auditNameOfDevice } from "../audit/index.ts";
import type { Database, Transaction } from "../database/index.ts";
import { listDevicesOfPatient, openDeviceName, type Device } from "../enrolment/index.ts";
import { ProblemError } from "../http/index.ts";
import type { Keyring, PatientCipher } from "../keys/index.ts";
import { listNotices, openNotice, type NewNotice, type NoticeView } from "../sessions/index.ts";

/** What a notice says, and which of the patient's devices it is for: every active one where none is named. */
export type WantedNotice =
  NewMessage | { readonly kind: "limits-changed"; readonly device?: string };

/** What staff and operators send to patients' devices. `actor` is who does it, as the audit log names them. */
export interface NoticeDesk {
  /**
   * Queues a notice for each active device that is meant, all or none.
   *
   * @returns Those devices; none where there is no such active device: nothing is queued then.
   * @throws {ProblemError} `malformed` for a text that cannot be sent.
   */
  send(wanted: WantedNotice, to: NoticeRecipient): Promise<readonly Device[]>;
  /** The same in the transaction that makes what the notice says true. */
  sendWithin(
    tx: Transaction,
    wanted: WantedNotice,
    to: NoticeRecipient,
  ): Promise<readonly Device[]>;
  /** The newest notices to a patient's devices with what they say, newest first. */
  list(patientId: string): Promise<readonly PatientMessage[]>;
}

/** Whom a notice is for, and who sends it. */
export interface NoticeRecipient {
  readonly patientId: string;
  readonly actor: string;
}

/** What the desk needs of the rest. */
export interface NoticeDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly clock: Clock;
  /** Queues a notice for a device; false where it is not active. */
  readonly queueNotice: (tx: Transaction, notice: NewNotice) => Promise<boolean>;
}

type NoticeContent = Pick<NewNotice, "kind" | "body">;

/** Joins what is sent to devices with its storage. */
export function createNoticeDesk(ports: NoticeDeskPorts): NoticeDesk {
  return {
    send: (wanted, to) =>
      ports.database.withTransaction((tx) => sendWithin(tx, { wanted, to }, ports)),
    sendWithin: (tx, wanted, to) => sendWithin(tx, { wanted, to }, ports),
    list: (patientId) => list(patientId, ports),
  };
}

async function sendWithin(
  tx: Transaction,
  { wanted, to }: { readonly wanted: WantedNotice; readonly to: NoticeRecipient },
  { keyring, clock, queueNotice }: NoticeDeskPorts,
): Promise<readonly Device[]> {
  const { patientId, actor } = to;
  const content = contentOf(wanted);
  const told: Device[] = [];
  for (const device of await listDevicesOfPatient(tx, keyring, patientId)) {
    const isMeant = wanted.device === undefined || toBase64Url(device.kid) === wanted.device;
    if (isMeant && (await queueNotice(tx, { deviceId: device.id, ...content }))) {
      told.push(device);
    }
  }
  await appendAudit(
    tx,
    told.map(({ kid }) => ({
      at: clock.now(),
      event: "notice.queued",
      actor,
      subject: patientId,
      object: auditNameOfDevice(kid),
      action: "create",
      outcome: "done",
      detail: { kind: content.kind },
    })),
  );
  return told;
}

function contentOf(wanted: WantedNotice): NoticeContent {
  const { kind } = wanted;
  switch (kind) {
    case "message":
      // Half of a pair that stands for one character is no text that can be sent.
      if (/\p{Surrogate}/u.test(wanted.text)) throw new ProblemError("malformed");
      return { kind, body: NOTICES.message.encode({ text: wanted.text }) };
    case "measure-now": {
      const { until } = wanted;
      const kinds = wanted.kinds?.flatMap((name) => kindByName(name)?.kind ?? []);
      const body = NOTICES["measure-now"].encode({
        ...(kinds === undefined ? {} : { kinds }),
        ...(until === undefined ? {} : { until }),
      });
      return { kind, body };
    }
    case "limits-changed":
      return { kind, body: NOTICES["limits-changed"].encode({}) };
  }
}

async function list(
  patientId: string,
  { database, keyring }: NoticeDeskPorts,
): Promise<readonly PatientMessage[]> {
  const devices = await listDevicesOfPatient(database, keyring, patientId);
  const names = new Map<number, Pick<PatientMessage, "device" | "deviceName">>();
  for (const device of devices) {
    const deviceName = await openDeviceName(database, keyring, device);
    names.set(device.id, { device: toBase64Url(device.kid), deviceName });
  }
  const cipher = await keyring.patientCipher(database, patientId);
  return (await listNotices(database, [...names.keys()])).flatMap((notice) => {
    const to = names.get(notice.deviceId);
    return to === undefined ? [] : [describe(notice, to, cipher)];
  });
}

function describe(
  notice: NoticeView,
  to: Pick<PatientMessage, "device" | "deviceName">,
  cipher: PatientCipher,
): PatientMessage {
  const signed = openNotice(notice, cipher);
  return {
    id: String(notice.id),
    ...to,
    ...describeContent(parseNotice(payloadOfSign1(signed))),
    created: notice.createdAt,
    ...(notice.seenAt === null ? {} : { seen: notice.seenAt }),
  };
}

function describeContent(
  notice: ReturnType<typeof parseNotice>,
): Pick<PatientMessage, "kind" | "kinds" | "text" | "until"> {
  const content = readNoticeContent(notice);
  switch (content.kind) {
    case "message":
      return { kind: content.kind, text: content.text };
    case "measure-now":
      return {
        kind: content.kind,
        ...(content.kinds === undefined
          ? {}
          : { kinds: content.kinds.map((kind) => kindInfo(kind).name) }),
        ...(content.until === undefined ? {} : { until: content.until }),
      };
    case "binding-active":
    case "key-rotation":
    case "limits-changed":
      return { kind: content.kind };
    case "other":
      throw new TypeError("a stored notice is of a kind that this release does not send");
  }
}
