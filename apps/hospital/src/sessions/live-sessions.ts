import {
  CoseError,
  DEVICE_SUB,
  parseCredential,
  toHex,
  type Bytes,
  type Crypto,
  type VerifyKey,
} from "@siphms/cose";
import type { Party } from "@siphms/messages";
import type { Queryable } from "../database/index.ts";
import type { Device } from "../enrolment/index.ts";
import { KeyError, type HospitalIdentity, type HospitalKeys, type Keyring } from "../keys/index.ts";
import {
  loadSessions,
  openSecrets,
  type SessionFacts,
  type SessionSecrets,
  type StoredSession,
} from "./stored-session.ts";

/** A device as the sender of signed messages. */
export type DeviceSender = Party & { readonly key: VerifyKey };

/** A session with all that is needed to open and answer its envelopes, kept in memory between them. */
export interface LiveSession extends SessionFacts, SessionSecrets {
  /** The sid as hexadecimal text, for maps. */
  readonly id: string;
  /** Its key is imported once. */
  readonly device: DeviceSender;
  /** The hospital's identity in this session: it signs the answers. */
  readonly hospital: HospitalIdentity;
}

/** Why there is no session to open an envelope with. `session-invalid`: a row of it was altered in the database. */
export type SessionAbsence =
  "session-unknown" | "session-closed" | "session-erased" | "session-invalid";

/** The sessions that envelopes came for lately. */
export interface LiveSessions {
  /** Finds each session, reading those that are not in memory with one statement. Keys are hexadecimal sids. */
  load(
    queryable: Queryable,
    sids: readonly Bytes[],
  ): Promise<ReadonlyMap<string, LiveSession | SessionAbsence>>;
  /** Drops a session from memory: it was closed or erased. */
  forget(sid: Uint8Array): void;
}

/** What live sessions are made with. */
export interface LiveSessionPorts {
  readonly keyring: Keyring;
  readonly crypto: Crypto;
  readonly hospital: Pick<HospitalKeys, "identities" | "refresh">;
}

/** Sessions kept in memory; the one unused for longest goes first. About 2 kB each. */
const MAX_CACHED = 50_000;

/** Creates the memory of open sessions over the `sessions` table. */
export function createLiveSessions(ports: LiveSessionPorts): LiveSessions {
  const cache = new Map<string, LiveSession>();

  function recall(id: string): LiveSession | undefined {
    const session = cache.get(id);
    if (session === undefined) return undefined;
    cache.delete(id);
    cache.set(id, session);
    return session;
  }

  function remember(session: LiveSession): void {
    cache.set(session.id, session);
    const oldest = cache.size > MAX_CACHED ? cache.keys().next().value : undefined;
    if (oldest !== undefined) cache.delete(oldest);
  }

  return {
    async load(queryable, sids) {
      const found = new Map<string, LiveSession | SessionAbsence>();
      const missing = new Map<string, Bytes>();
      for (const sid of sids) {
        const id = toHex(sid);
        const session = recall(id);
        if (session === undefined) missing.set(id, sid);
        else found.set(id, session);
      }
      if (missing.size === 0) return found;
      for (const id of missing.keys()) found.set(id, "session-unknown");
      for (const stored of await loadSessions(queryable, ports.keyring, [...missing.values()])) {
        const session = await openSession(stored, ports);
        found.set(toHex(stored.sid), session);
        if (typeof session !== "string") remember(session);
      }
      return found;
    },
    forget: (sid) => cache.delete(toHex(sid)),
  };
}

async function openSession(
  stored: StoredSession,
  ports: LiveSessionPorts,
): Promise<LiveSession | SessionAbsence> {
  const { sealed, device, closedAt, ...facts } = stored;
  if (closedAt !== null) return "session-closed";
  if (sealed === null) return "session-erased";
  if (device === undefined) return "session-invalid";
  try {
    const hospital = await findHospital(stored.hospitalKey, ports);
    if (hospital === undefined) return "session-invalid";
    const secrets = openSecrets({ ...facts, sealed }, ports.keyring);
    const sender = await openSender(device, ports.crypto);
    return { ...facts, ...secrets, id: toHex(stored.sid), device: sender, hospital };
  } catch (error) {
    if (error instanceof KeyError || error instanceof CoseError) return "session-invalid";
    throw error;
  }
}

/** The session may have begun in another process, under a key that was made there a moment ago. */
async function findHospital(
  id: number,
  { hospital }: LiveSessionPorts,
): Promise<HospitalIdentity | undefined> {
  const find = () => hospital.identities.find((one) => one.id === id);
  const known = find();
  if (known !== undefined) return known;
  await hospital.refresh();
  return find();
}

/** By credential. Devices come back with every session, and taking a key in costs more than a signature. */
const senders = new WeakMap<Crypto, Map<string, DeviceSender>>();
/** The first to come is the first to go. About 1 kB each. */
const MAX_SENDERS = 50_000;

/**
 * Makes a stored device ready to verify what it signs.
 *
 * @throws {CoseError} `CREDENTIAL_INVALID`
 */
export async function openSender(device: Device, crypto: Crypto): Promise<DeviceSender> {
  const known = senders.get(crypto) ?? new Map<string, DeviceSender>();
  senders.set(crypto, known);
  const name = toHex(device.credential);
  const before = known.get(name);
  if (before !== undefined) return before;
  const { kid, thumbprint, point } = await parseCredential(device.credential, DEVICE_SUB, crypto);
  const sender = { kid, thumbprint, key: await crypto.importVerifyKey(point) };
  known.set(name, sender);
  const oldest = known.size > MAX_SENDERS ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
  return sender;
}
