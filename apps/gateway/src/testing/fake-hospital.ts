import {
  decodeFrames,
  encodeFrames,
  type GatewayFrame,
  type PassKeyJwk,
  type Registration,
  type UplinkFrame,
} from "@siphms/relay";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { randomBytes, randomFillSync } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";

/** A hospital's side of the contract, as far as a gateway can see it. */
export interface FakeHospital {
  readonly registration: Registration;
  /** A pass as the hospital's grant would carry it; `changes` breaks one thing. */
  pass(sid: Uint8Array, changes?: PassChanges): Promise<string>;
  uplinkToken(changes?: TokenChanges): Promise<string>;
}

/** What a test makes different in a pass. */
export interface PassChanges {
  readonly issuer?: string;
  readonly audience?: string;
  readonly expiresAtSeconds?: number;
  readonly limit?: unknown;
  readonly subject?: string;
  readonly typ?: string;
}

/** What a test makes different in an uplink token. */
export interface TokenChanges {
  readonly typ?: string;
  readonly audience?: string;
  readonly expiresAtSeconds?: number;
  readonly jti?: string;
}

/** Which hospital, at which gateway. */
export interface HospitalOptions {
  readonly gatewayUrl: () => string;
  /** Milliseconds. */
  readonly now: () => number;
  readonly id?: string;
}

/** Creates a hospital with a pass key of its own. */
export async function createFakeHospital(options: HospitalOptions): Promise<FakeHospital> {
  const id = options.id ?? "test-hospital";
  const { privateKey, publicKey } = await generateKeyPair("ES256", { extractable: true });
  const nowSeconds = (): number => Math.floor(options.now() / 1000);
  return {
    registration: {
      id,
      name: "Test Hospital",
      passKey: await publicJwk(publicKey),
      appOrigin: `https://${id}.example`,
    },
    pass: (sid, changes = {}) =>
      new SignJWT({ lim: "limit" in changes ? changes.limit : 600 })
        .setProtectedHeader({
          alg: "ES256",
          ...(changes.typ !== undefined && { typ: changes.typ }),
        })
        .setIssuer(changes.issuer ?? id)
        .setAudience(changes.audience ?? options.gatewayUrl())
        .setSubject(changes.subject ?? Buffer.from(sid).toString("base64url"))
        .setExpirationTime(changes.expiresAtSeconds ?? nowSeconds() + 3600)
        .sign(privateKey),
    uplinkToken: (changes = {}) =>
      new SignJWT()
        .setProtectedHeader({ alg: "ES256", typ: changes.typ ?? "siphms-uplink" })
        .setIssuer(id)
        .setAudience(changes.audience ?? options.gatewayUrl())
        .setExpirationTime(changes.expiresAtSeconds ?? nowSeconds() + 60)
        .setJti(changes.jti ?? randomBytes(12).toString("base64url"))
        .sign(privateKey),
  };
}

async function publicJwk(key: CryptoKey): Promise<PassKeyJwk> {
  const { x = "", y = "" } = await exportJWK(key);
  return { kty: "EC", crv: "P-256", x, y };
}

/** A hospital's end of a live uplink. */
export interface FakeUplink {
  readonly socket: WebSocket;
  send(...frames: readonly UplinkFrame[]): void;
  /** The next frame of that type that was not taken yet; waits for it. */
  next<Type extends GatewayFrame["type"]>(
    type: Type,
  ): Promise<Extract<GatewayFrame, { type: Type }>>;
  /** Frames that came and were not taken. */
  readonly waiting: readonly GatewayFrame[];
  /** The close code, once it is closed. */
  readonly closed: Promise<number>;
  /** Answers from now on every envelope with `answer(body)`. */
  answerAll(answer: (body: Uint8Array) => Uint8Array<ArrayBuffer>): void;
}

/** Opens an uplink; waits until it is open. */
export async function openUplink(url: string, token: string): Promise<FakeUplink> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/v1/uplink`, {
    headers: { authorization: `Bearer ${token}` },
    perMessageDeflate: false,
  });
  const waiting: GatewayFrame[] = [];
  const takers = new Set<() => void>();
  let onEnvelope: ((frame: GatewayFrame) => boolean) | undefined;
  socket.on("message", (data: Buffer) => {
    for (const frame of decodeFrames(data)) {
      if (onEnvelope?.(frame as GatewayFrame) === true) continue;
      waiting.push(frame as GatewayFrame);
    }
    for (const taker of [...takers]) taker();
  });
  const closed = new Promise<number>((resolve) => {
    socket.once("close", resolve);
  });
  socket.on("error", () => undefined);
  await once(socket, "open");
  function send(...frames: readonly UplinkFrame[]): void {
    socket.send(encodeFrames(frames));
  }
  return {
    socket,
    send,
    waiting,
    closed,
    next(type) {
      return new Promise((resolve) => {
        function take(): void {
          const at = waiting.findIndex((frame) => frame.type === type);
          const [frame] = at === -1 ? [] : waiting.splice(at, 1);
          if (frame === undefined) return;
          takers.delete(take);
          resolve(frame as never);
        }
        takers.add(take);
        take();
      });
    },
    answerAll(answer) {
      onEnvelope = (frame) => {
        if (frame.type !== "envelope") return false;
        send({ type: "answer", sid: frame.sid, number: frame.number, body: answer(frame.body) });
        return true;
      };
    },
  };
}

/** A new session id. */
export function randomSid(): Uint8Array<ArrayBuffer> {
  return randomFillSync(new Uint8Array(16));
}
