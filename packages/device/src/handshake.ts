import { CoseError, equalBytes, toHex, type Bytes } from "@siphms/cose";
import {
  createMessage1,
  createMessage3,
  createSuiteMinus21,
  EdhocError,
  prefixMessage1,
  prefixMessage3,
  processMessage2,
  processMessage4,
  type EadItem,
  type Exporter,
  type OwnIdentity,
} from "@siphms/edhoc";
import {
  deriveConfirmationSecret,
  deriveSessionKeys,
  EAD_ENROLMENT,
  EAD_GRANT,
  encodeEnrolment,
  MESSAGE_3_BYTES,
  MESSAGE_4_BYTES,
  MessageError,
  parseGrant,
  type Enrolment,
  type SessionGrant,
} from "@siphms/messages";
import { DeviceError } from "./errors.ts";
import { postMessage1, postMessage3 } from "./gateway.ts";
import type { DeviceKey, HospitalKey, Identity } from "./identity.ts";
import { linkSignals } from "./linked-signal.ts";
import type { DevicePorts } from "./ports.ts";
import { Session } from "./session.ts";

/** Protocol section 5: message_4 later than this after the first sending of message_3 gives no session. */
const MESSAGE_4_WITHIN_MS = 10_000;
/** Between two sendings of the same message_3 when the network fails. */
const MESSAGE_3_RETRY_MS = 1_000;

/** Whom to shake hands with, and as whom. */
export interface HandshakeInput {
  readonly identity: Identity;
  readonly deviceKey: DeviceKey;
  /** With it the credential goes by value, at enrolment; without it by kid. */
  readonly enrolment?: Enrolment;
  /** Runs before message_3 is sent for the first time; nothing is sent if it throws. */
  readonly beforeMessage3?: () => Promise<void>;
  readonly signal?: AbortSignal | undefined;
}

/** A new session, and what an enrolment needs of its handshake. */
export interface HandshakeResult {
  readonly session: Session;
  readonly grant: SessionGrant;
  readonly confirmationSecret: Bytes;
}

/**
 * Opens a session by EDHOC, method 0, as the initiator.
 *
 * The hospital is the pinned key or nobody. Nothing is sent after message_3, and nothing of the session is believed,
 * before message_4 has verified; it counts only within 10 s, so that a gateway cannot set the device's clock back by
 * holding it. On any failure all state of the handshake is dropped.
 *
 * @throws {DeviceError} Any code of the connection, or what `beforeMessage3` throws.
 * @see RFC 9528 §5, protocol section 5
 */
export async function openSession(
  ports: DevicePorts,
  input: HandshakeInput,
): Promise<HandshakeResult> {
  try {
    return await shakeHands(ports, input);
  } catch (error) {
    throw toDeviceError(error);
  }
}

async function shakeHands(ports: DevicePorts, input: HandshakeInput): Promise<HandshakeResult> {
  const { crypto, http } = ports;
  const { gatewayUrl, hospitalId, pinned } = input.identity;
  const connection = toHex(crypto.randomBytes(8));
  const link = { connection, ...(input.signal && { signal: input.signal }) };

  const first = await createMessage1(createSuiteMinus21(crypto));
  const target = { gatewayUrl, hospitalId, kid: pinned.credential.kid };
  const body = prefixMessage1(first.message1);
  const { message2, path } = await postMessage1(http, target, { ...link, body });
  const second = await takeMessage2(first.state, message2, pinned);

  const third = await createMessage3(second.state, ownIdentity(input), {
    ead3: ead3(input),
    length: MESSAGE_3_BYTES,
  });
  await input.beforeMessage3?.();
  const message4 = await exchangeMessage3(ports, gatewayUrl + path, {
    body: prefixMessage3(third.cR, third.message3),
    ...link,
  });

  const { ead4, exporter } = await processMessage4(third.state, message4, {
    length: MESSAGE_4_BYTES,
    knownEad: [EAD_GRANT],
  });
  return createResult(ports, { grant: readGrant(ead4), exporter, pinned, gatewayUrl, connection });
}

/** Message_2 has to come from the pinned key: its kid in ID_CRED_R, the pinned bytes as CRED_R. */
async function takeMessage2(
  state: Parameters<typeof processMessage2>[0],
  message2: Bytes,
  pinned: HospitalKey,
): ReturnType<typeof processMessage2> {
  const { kid, bytes: cred } = pinned.credential;
  try {
    return await processMessage2(state, message2, (idCred) =>
      Promise.resolve(
        idCred.kind === "kid" && equalBytes(idCred.kid, kid)
          ? { cred, key: pinned.verifyKey }
          : undefined,
      ),
    );
  } catch (cause) {
    const isOtherKey =
      cause instanceof EdhocError &&
      (cause.code === "EDHOC_UNKNOWN_CREDENTIAL" || cause.code === "EDHOC_UNAUTHENTIC");
    if (!isOtherKey) throw cause;
    throw new DeviceError(
      "HOSPITAL_KEY_MISMATCH",
      "Whoever answered does not hold the hospital key of the invitation. Do not go on; ask the hospital.",
      { cause },
    );
  }
}

/**
 * Sends message_3, and after a fault of the network the same bytes again: made anew, it would be a second text under
 * one nonce.
 */
async function exchangeMessage3(
  ports: DevicePorts,
  url: string,
  request: { readonly body: Bytes; readonly connection: string; readonly signal?: AbortSignal },
): Promise<Bytes> {
  const { clock, http } = ports;
  const firstSent = clock.monotonic();
  const elapsedMs = (): number => clock.monotonic() - firstSent;
  const deadline = linkSignals(request.signal);
  const timer = new AbortController();
  void clock.sleep(MESSAGE_4_WITHIN_MS, timer.signal).then(deadline.abort);
  try {
    for (;;) {
      try {
        const message4 = await postMessage3(http, url, { ...request, signal: deadline.signal });
        if (elapsedMs() > MESSAGE_4_WITHIN_MS) throw tooSlow();
        return message4;
      } catch (error) {
        if (!isNetworkFault(error)) throw error;
        if (request.signal?.aborted === true) throw error;
        if (elapsedMs() + MESSAGE_3_RETRY_MS > MESSAGE_4_WITHIN_MS) throw tooSlow(error);
        await clock.sleep(MESSAGE_3_RETRY_MS, deadline.signal);
      }
    }
  } finally {
    timer.abort();
    deadline.unlink();
  }
}

function isNetworkFault(error: unknown): boolean {
  return (
    error instanceof DeviceError &&
    ["NETWORK_UNREACHABLE", "NETWORK_TIMEOUT", "ABORTED"].includes(error.code)
  );
}

function tooSlow(cause?: unknown): DeviceError {
  return new DeviceError(
    "HANDSHAKE_TOO_SLOW",
    "The hospital's answer took longer than 10 seconds, so its clock cannot be trusted. Try again.",
    { cause },
  );
}

function ownIdentity({ deviceKey, enrolment }: HandshakeInput): OwnIdentity {
  const { bytes: cred, kid } = deviceKey.credential;
  return {
    idCred: enrolment === undefined ? { kind: "kid", kid } : { kind: "ccs", cred },
    cred,
    key: deviceKey.signingKey,
  };
}

function ead3({ enrolment }: HandshakeInput): readonly EadItem[] {
  if (enrolment === undefined) return [];
  return [{ label: EAD_ENROLMENT, critical: true, value: encodeEnrolment(enrolment) }];
}

function readGrant(ead4: readonly EadItem[]): SessionGrant {
  const [item, ...more] = ead4.filter(({ label }) => label === EAD_GRANT);
  if (item?.value === undefined || !item.critical || more.length > 0) {
    throw new MessageError("GRANT_INVALID", "ead-4");
  }
  const grant = parseGrant(item.value);
  if (grant.expires <= grant.now) throw new MessageError("GRANT_INVALID", "expires");
  return grant;
}

async function createResult(
  ports: DevicePorts,
  parts: {
    readonly grant: SessionGrant;
    readonly exporter: Exporter;
    readonly pinned: HospitalKey;
    readonly gatewayUrl: string;
    readonly connection: string;
  },
): Promise<HandshakeResult> {
  const { grant, exporter, pinned, gatewayUrl, connection } = parts;
  const keys = await deriveSessionKeys(exporter);
  const confirmationSecret = await deriveConfirmationSecret(exporter);
  const start = { keys, grant, hospital: pinned, gatewayUrl, connection };
  return { session: new Session(start, ports.clock), grant, confirmationSecret };
}

function toDeviceError(error: unknown): unknown {
  const isRefusedInput =
    error instanceof EdhocError || error instanceof MessageError || error instanceof CoseError;
  if (!isRefusedInput) return error;
  return new DeviceError("HANDSHAKE_FAILED", "The hospital's answer does not verify.", {
    cause: error,
  });
}
