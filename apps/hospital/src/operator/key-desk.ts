import type { KeyStatus, PublicKeys, RotatedKey, RotatedLog } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { Clock } from "@siphms/server-kit";
import { appendAudit, beginNextLog, readLogKeys } from "../audit/index.ts";
import type { Database } from "../database/index.ts";
import {
  rotateIdentity,
  type HospitalIdentity,
  type HospitalKeys,
  type Keyring,
} from "../keys/index.ts";
import { countWaitingDevices } from "../sessions/index.ts";

/** What the operator does about the hospital's own keys. */
export interface KeyDesk {
  status(): Promise<KeyStatus>;
  /** What anybody may know: to check a signature that is years old, a phone's pin, or the audit log. */
  publicKeys(): Promise<PublicKeys>;
  /**
   * Makes a new identity key while the hospital runs; the one before answers for so many days more.
   *
   * One transaction: killed before its end nothing has changed, killed after it the devices are told by whichever
   * process runs next.
   *
   * @returns `undefined` where another rotation came in between.
   */
  rotate(oldKeyDays: number, actor: string): Promise<RotatedKey | undefined>;
  /**
   * Lets another key sign the audit log's heads, under the next origin; the log itself goes on. One transaction. Each witness
   * has to be told of the key, or signs no more.
   */
  rotateLog(actor: string): Promise<RotatedLog>;
}

/** What the desk needs of the rest. */
export interface KeyDeskPorts {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly crypto: NodeCrypto;
  readonly clock: Clock;
  readonly hospitalId: string;
  readonly keys: HospitalKeys;
}

const DAY_MS = 86_400_000;

/** Joins the hospital's keys with what the devices know of them. */
export function createKeyDesk(ports: KeyDeskPorts): KeyDesk {
  const { database, keyring, clock, hospitalId, keys } = ports;
  return {
    async status() {
      await keys.refresh();
      return {
        identities: keys.identities.map(describe),
        waitingDevices: await countWaitingDevices(database, keys.identity),
      };
    },

    async publicKeys() {
      await keys.refresh();
      return {
        identities: keys.identities.map((identity) => ({
          ...describe(identity),
          credential: toBase64Url(identity.credential.bytes),
          thumbprint: toBase64Url(identity.credential.thumbprint),
        })),
        logs: (await readLogKeys(database, keyring)).map(({ origin, vkey, state, createdAt }) => ({
          ...{ origin, key: vkey, state, created: createdAt },
        })),
      };
    },

    async rotateLog(actor) {
      const input = { hospitalId, now: clock.now(), actor, why: "rotated" } as const;
      const { origin, vkey } = await database.withTransaction((tx) =>
        beginNextLog(tx, input, ports),
      );
      return { origin, key: vkey };
    },

    async rotate(oldKeyDays, actor) {
      const now = clock.now();
      const validUntil = now + oldKeyDays * DAY_MS;
      const rotation = await database.withTransaction(async (tx) => {
        const made = await rotateIdentity(tx, { hospitalId, now, validUntil }, ports);
        if (made === undefined) return undefined;
        await appendAudit(tx, [
          {
            at: now,
            event: "hospital.key-rotated",
            actor,
            object: `hospital-key:${toBase64Url(made.newKid)}`,
            action: "create",
            outcome: "done",
            detail: { retired: toBase64Url(made.oldKid), validUntil },
          },
        ]);
        return made;
      });
      if (rotation === undefined) return undefined;
      await keys.refresh();
      return {
        kid: toBase64Url(rotation.newKid),
        oldKid: toBase64Url(rotation.oldKid),
        oldValidUntil: validUntil,
        waitingDevices: await countWaitingDevices(database, keys.identity),
      };
    },
  };
}

function describe({ credential, state, createdAt, validUntil }: HospitalIdentity) {
  return {
    kid: toBase64Url(credential.kid),
    state,
    created: createdAt,
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}
