/**
 * A device written from docs/protocol.md and its RFCs alone: it imports none of the project's packages, only
 * node:crypto and the few lines of CBOR beside it. If it can enrol, send and check a receipt, the page suffices.
 */
import {
  createCipheriv,
  createDecipheriv,
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign as ecSign,
  verify as ecVerify,
  type KeyObject,
} from "node:crypto";
import { decode, decodeAt, decodeSequence, encode, type Item } from "./cbor.ts";

type CborMap = Map<number | string, Item>;

const bstr = (bytes: Buffer): Buffer => encode(bytes);
const sha256 = (...parts: Buffer[]): Buffer =>
  createHash("sha256").update(Buffer.concat(parts)).digest();
const hmac = (key: Buffer, data: Buffer): Buffer => createHmac("sha256", key).update(data).digest();

function expand(prk: Buffer, info: Buffer, length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let i = 1; blocks.length * 32 < length; i++) {
    blocks.push(
      hmac(prk, Buffer.concat([blocks.at(-1) ?? Buffer.alloc(0), info, Buffer.from([i])])),
    );
  }
  return Buffer.concat(blocks).subarray(0, length);
}

/** EDHOC_KDF, RFC 9528 §4.1.2: `info` is a sequence of three items. */
function kdf(prk: Buffer, label: number, context: Buffer, length: number): Buffer {
  return expand(prk, Buffer.concat([encode(label), bstr(context), encode(length)]), length);
}

function gcmSeal(key: Buffer, nonce: Buffer, aad: Buffer, text: Buffer): Buffer {
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(aad);
  return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

function gcmOpen(key: Buffer, nonce: Buffer, aad: Buffer, sealed: Buffer): Buffer {
  const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: 16 }).setAAD(aad);
  decipher.setAuthTag(sealed.subarray(-16));
  return Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
}

function es256(key: KeyObject, data: Buffer): Buffer {
  return ecSign("sha256", data, { key, dsaEncoding: "ieee-p1363" });
}

/** Map entries are written in deterministic order already where a literal is spelled out. */
function map(...pairs: [number, Item][]): CborMap {
  return new Map(pairs);
}

interface Party {
  kid: Buffer;
  thumbprint: Buffer;
  cred: Buffer;
}

function partyOf(sub: string, x: Buffer, y: Buffer): Party {
  const thumbprint = sha256(encode(map([1, 2], [-1, 1], [-2, x], [-3, y])));
  const kid = thumbprint.subarray(0, 8);
  const key = map([1, 2], [2, kid], [-1, 1], [-2, x], [-3, y]);
  return { kid, thumbprint, cred: encode(map([2, sub], [8, map([1, key])])) };
}

function publicKeyOf(x: Buffer, y: Buffer): KeyObject {
  const jwk = { kty: "EC", crv: "P-256", x: x.toString("base64url"), y: y.toString("base64url") };
  return createPublicKey({ key: jwk, format: "jwk" });
}

interface Session {
  sid: Buffer;
  pass: string;
  binding: number;
  keyUp: Buffer;
  ivUp: Buffer;
  keyDown: Buffer;
  ivDown: Buffer;
  confirmation: Buffer;
  nonceH: Buffer;
  seq: number;
}

/** What the hospital said about one item. */
export interface MinimalReceipt {
  outcome: number;
  messageId: Buffer;
  name: Buffer;
  quarantined: Item[];
}

/** The device: one key, one patient. */
export class MinimalDevice {
  readonly link: string;
  readonly invitation: CborMap;
  readonly hospital: Party & { key: KeyObject };
  readonly me: Party;
  readonly #key: KeyObject;
  #session: Session | undefined;

  constructor(link: string) {
    this.link = link;
    this.invitation = decode(
      Buffer.from(link.slice(link.indexOf("#") + 1), "base64url"),
    ) as CborMap;
    const cred = this.invitation.get(4) as Buffer;
    const coseKey = ((decode(cred) as CborMap).get(8) as CborMap).get(1) as CborMap;
    const [x, y] = [coseKey.get(-2) as Buffer, coseKey.get(-3) as Buffer];
    const sub = `siphms-hospital:${this.invitation.get(3) as string}`;
    this.hospital = { ...partyOf(sub, x, y), key: publicKeyOf(x, y) };
    if (!this.hospital.cred.equals(cred))
      throw new Error("the invitation's credential is not what its key says");
    const pair = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const jwk = pair.privateKey.export({ format: "jwk" });
    this.#key = createPrivateKey({ key: jwk, format: "jwk" });
    this.me = partyOf(
      "siphms-device",
      Buffer.from(jwk.x!, "base64url"),
      Buffer.from(jwk.y!, "base64url"),
    );
  }

  get #gateway(): string {
    return this.invitation.get(2) as string;
  }

  async #post(
    path: string,
    type: string,
    body: Buffer,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    return fetch(`${this.#gateway}${path}`, {
      method: "POST",
      headers: { "content-type": type, ...headers },
      body: new Uint8Array(body),
    });
  }

  /** Enrols with the invitation's token and returns the six digits to compare. */
  async enrol(name: string): Promise<string> {
    const nonceD = randomBytes(32);
    const value = encode(map([1, this.invitation.get(5)!], [2, name], [3, sha256(nonceD)]));
    const idCred = encode(map([14, decode(this.me.cred)]));
    const session = await this.#handshake(idCred, Buffer.concat([encode(-32769), bstr(value)]));
    this.#session = session;
    const response = await this.request("confirm", map([1, nonceD]));
    if (response.get(2) !== 0)
      throw new Error(`confirm was refused: ${JSON.stringify(response.get(2))}`);
    const digest = sha256(session.confirmation, nonceD, session.nonceH);
    return (digest.readBigUInt64BE(0) % 1_000_000n).toString().padStart(6, "0");
  }

  /** A later session, by kid; returns the binding: 0 pending, 1 active. */
  async connect(): Promise<number> {
    this.#session = await this.#handshake(encode(map([4, this.me.kid])), Buffer.alloc(0));
    return this.#session.binding;
  }

  /** EDHOC method 0, suite -21, as initiator (RFC 9528 §5, protocol section 5). */
  async #handshake(idCredI: Buffer, ead3: Buffer): Promise<Session> {
    const ecdh = createECDH("prime256v1");
    const gX = ecdh.generateKeys().subarray(1, 33);
    const cI = randomBytes(8);
    const message1 = Buffer.concat([encode(0), encode(-21), bstr(gX), bstr(cI)]);
    const hospitalId = this.invitation.get(3) as string;
    const path = `/v1/hospitals/${hospitalId}/handshakes?key=${this.hospital.kid.toString("base64url")}`;
    const type = "application/cid-edhoc+cbor-seq";
    const second = await this.#post(path, type, Buffer.concat([Buffer.from([0xf5]), message1]));
    if (second.status !== 200) throw new Error(`message_1 was answered with ${second.status}`);
    const message2 = decode(Buffer.from(await second.arrayBuffer())) as Buffer;

    const [gY, ciphertext2] = [message2.subarray(0, 32), message2.subarray(32)];
    const th2 = sha256(bstr(gY), bstr(sha256(message1)));
    const gXY = ecdh.computeSecret(Buffer.concat([Buffer.from([2]), gY]));
    const prk = hmac(th2, gXY); // PRK_2e, and under method 0 PRK_3e2m and PRK_4e3m too
    const stream = kdf(prk, 0, th2, ciphertext2.length);
    const plaintext2 = ciphertext2.map((byte, i) => byte ^ stream[i]!) as Buffer;
    const [cR, kidR, signature2, ...ead2] = decodeSequence(Buffer.from(plaintext2)) as Buffer[];
    if (ead2.length > 0 || !kidR!.equals(this.hospital.kid))
      throw new Error("message_2 is not the pinned hospital's");
    const idCredR = encode(map([4, kidR!]));
    const context2 = Buffer.concat([bstr(cR!), idCredR, bstr(th2), this.hospital.cred]);
    const mac2 = kdf(prk, 2, context2, 32);
    const toVerify = encode([
      "Signature1",
      idCredR,
      Buffer.concat([bstr(th2), this.hospital.cred]),
      mac2,
    ]);
    const verifier = { key: this.hospital.key, dsaEncoding: "ieee-p1363" as const };
    if (!ecVerify("sha256", toVerify, verifier, signature2!))
      throw new Error("message_2's signature is false");

    const th3 = sha256(bstr(th2), Buffer.from(plaintext2), this.hospital.cred);
    const byKid = decode(idCredI) instanceof Map && (decode(idCredI) as CborMap).has(4);
    const compact = byKid ? bstr(this.me.kid) : idCredI;
    // Padding brings the bstr message_3 to 384 bytes: 3 of its head, 16 of the tag, 66 of the signature.
    const fixed = 3 + 16 + compact.length + 66 + ead3.length;
    const padded = Buffer.concat([ead3, padding(384 - fixed)]);
    const mac3 = kdf(prk, 6, Buffer.concat([idCredI, bstr(th3), this.me.cred, padded]), 32);
    const external = Buffer.concat([bstr(th3), this.me.cred, padded]);
    const signature3 = es256(this.#key, encode(["Signature1", idCredI, external, mac3]));
    const plaintext3 = Buffer.concat([compact, bstr(signature3), padded]);
    const aad = (th: Buffer): Buffer => encode(["Encrypt0", Buffer.alloc(0), th]);
    const sealed = gcmSeal(kdf(prk, 3, th3, 32), kdf(prk, 4, th3, 12), aad(th3), plaintext3);
    const location = second.headers.get("location")!;
    const fourth = await this.#post(location, type, Buffer.concat([bstr(cR!), bstr(sealed)]));
    if (fourth.status !== 200) throw new Error(`message_3 was answered with ${fourth.status}`);

    const th4 = sha256(bstr(th3), plaintext3, this.me.cred);
    const message4 = Buffer.from(await fourth.arrayBuffer());
    if (message4.length !== 768) throw new Error("message_4 has the wrong length");
    const plaintext4 = gcmOpen(
      kdf(prk, 8, th4, 32),
      kdf(prk, 9, th4, 12),
      aad(th4),
      decode(message4) as Buffer,
    );
    const [label, next] = decodeAt(plaintext4, 0);
    if (label !== -32770) throw new Error("message_4 carries no grant");
    const grant = decode(decodeAt(plaintext4, next)[0] as Buffer) as CborMap;
    const exporter = kdf(kdf(prk, 7, th4, 32), 10, Buffer.alloc(0), 32);
    const out = (number: number, length: number): Buffer =>
      kdf(exporter, number, Buffer.alloc(0), length);
    return {
      sid: out(32772, 16),
      pass: grant.get(1) as string,
      binding: grant.get(3) as number,
      keyUp: out(32768, 32),
      ivUp: out(32769, 12),
      keyDown: out(32770, 32),
      ivDown: out(32771, 12),
      confirmation: out(32773, 32),
      nonceH: grant.get(6) as Buffer,
      seq: 0,
    };
  }

  /** Sends readings (the series as CBOR items) and returns the verified receipt. */
  async send(series: Item[], now: number): Promise<MinimalReceipt> {
    const { messageId, name, answer } = await this.#deliver(
      "application/siphms-readings-1",
      now,
      (m) => m.set(3, series),
    );
    const { typ, payload } = answer;
    if (typ !== "application/siphms-receipt-1") throw new Error(`a receipt was due, came ${typ}`);
    const receipt = {
      outcome: payload.get(3) as number,
      messageId: payload.get(1) as Buffer,
      name: payload.get(2) as Buffer,
    };
    if (!receipt.messageId.equals(messageId) || !receipt.name.equals(name))
      throw new Error("a receipt for another item");
    return { ...receipt, quarantined: (payload.get(6) as Item[] | undefined) ?? [] };
  }

  /** Asks and returns the response's payload. */
  async request(method: string, parameters: CborMap): Promise<CborMap> {
    const { messageId, answer } = await this.#deliver(
      "application/siphms-request-1",
      Date.now(),
      (m) => {
        m.set(3, method).set(4, parameters);
      },
    );
    if (answer.typ !== "application/siphms-response-1")
      throw new Error(`a response was due, came ${answer.typ}`);
    if (!(answer.payload.get(1) as Buffer).equals(messageId))
      throw new Error("a response to another request");
    return answer.payload;
  }

  async #deliver(
    typ: string,
    created: number,
    fill: (members: CborMap) => void,
  ): Promise<{
    messageId: Buffer;
    name: Buffer;
    answer: { typ: string; payload: CborMap };
  }> {
    const session = this.#session!;
    const time = Buffer.alloc(6);
    time.writeUIntBE(created, 0, 6);
    const messageId = Buffer.concat([time, randomBytes(10)]);
    const members = map([1, messageId], [2, created]);
    fill(members);
    const payload = pad(members);
    const header = encode(map([1, -7], [4, this.me.kid], [16, typ]));
    const external = encode([this.me.thumbprint, this.hospital.thumbprint]);
    const toSign = encode(["Signature1", header, external, payload]);
    const signed = encode([header, new Map(), payload, es256(this.#key, toSign)]);
    const { nonce, aad, protectedBytes } = envelopeParts(
      session.ivUp,
      0,
      session.sid,
      seqBytes(session.seq++),
    );
    const envelope = encode([
      protectedBytes,
      new Map(),
      gcmSeal(session.keyUp, nonce, aad, signed),
    ]);
    const path = `/v1/sessions/${session.sid.toString("base64url")}/envelopes`;
    const media = 'application/cose; cose-type="cose-encrypt0"';
    const response = await this.#post(path, media, envelope, {
      authorization: `Bearer ${session.pass}`,
      prefer: "wait=20",
    });
    if (response.status !== 200)
      throw new Error(`the envelope was answered with ${response.status}`);
    return {
      messageId,
      name: sha256(toSign),
      answer: this.#open(Buffer.from(await response.arrayBuffer())),
    };
  }

  #open(envelope: Buffer): { typ: string; payload: CborMap } {
    const session = this.#session!;
    const [protectedBytes, , ciphertext] = decode(envelope) as [Buffer, CborMap, Buffer];
    const seq = (decode(protectedBytes) as CborMap).get(6) as Buffer;
    const { nonce, aad } = envelopeParts(session.ivDown, 1, session.sid, seq);
    const signed = gcmOpen(session.keyDown, nonce, aad, ciphertext);
    const [header, , payload, signature] = decode(signed) as [Buffer, CborMap, Buffer, Buffer];
    const external = encode([this.hospital.thumbprint, this.me.thumbprint]);
    const verifier = { key: this.hospital.key, dsaEncoding: "ieee-p1363" as const };
    const toVerify = encode(["Signature1", header, external, payload]);
    if (!ecVerify("sha256", toVerify, verifier, signature))
      throw new Error("the hospital's signature is false");
    return {
      typ: (decode(header) as CborMap).get(16) as string,
      payload: decode(payload) as CborMap,
    };
  }
}

function seqBytes(seq: number): Buffer {
  const four = Buffer.alloc(4);
  four.writeUInt32BE(seq);
  const first = four.findIndex((byte) => byte !== 0);
  return first < 0 ? Buffer.from([0]) : four.subarray(first);
}

function envelopeParts(
  iv: Buffer,
  direction: number,
  sid: Buffer,
  seq: Buffer,
): Record<"nonce" | "aad" | "protectedBytes", Buffer> {
  const protectedBytes = encode(map([1, 3], [6, seq]));
  const nonce = Buffer.from(iv);
  seq.forEach((byte, i) => (nonce[12 - seq.length + i]! ^= byte));
  return {
    protectedBytes,
    nonce,
    aad: encode(["Encrypt0", protectedBytes, encode([1, direction, sid])]),
  };
}

/** Member 0: the smallest run of zeros that makes the payload a multiple of 128 bytes. */
function pad(members: CborMap): Buffer {
  for (let length = 0; ; length++) {
    const payload = encode(new Map([...members, [0, Buffer.alloc(length)]]));
    if (payload.length % 128 === 0) return payload;
  }
}

/** EAD items of label 0 that take exactly `length` bytes: several where one head length cannot make it. */
function padding(length: number): Buffer {
  if (length === 0) return Buffer.alloc(0);
  if (length === 1) return Buffer.from([0x00]);
  for (let zeros = 0; zeros < length; zeros++) {
    const one = Buffer.concat([encode(0), bstr(Buffer.alloc(zeros))]);
    if (one.length === length) return one;
  }
  return Buffer.concat([padding(1), padding(length - 1)]);
}
