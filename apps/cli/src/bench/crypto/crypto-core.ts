import {
  createCredential,
  createWebCrypto,
  DEVICE_SUB,
  equalBytes,
  hospitalSub,
} from "@siphms/cose";
import type { Bytes, Crypto } from "@siphms/cose";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  createSuiteMinus21,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
} from "@siphms/edhoc";
import type { EadItem, OwnIdentity, PeerIdentity } from "@siphms/edhoc";
import { EAD_GRANT, encodeGrant, MESSAGE_3_BYTES, MESSAGE_4_BYTES } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";
import type { NodeCrypto } from "@siphms/node-crypto";

/** The adapters that are measured. */
export type AdapterName = "nodeCrypto" | "webCrypto";

/** What is measured of each. `responder` is the hospital's half of a handshake. */
export const OPERATIONS = ["verify", "sign", "open", "seal", "handshake", "responder"] as const;

/** One of {@link OPERATIONS}. */
export type OperationName = (typeof OPERATIONS)[number];

/** One operation, over and over, on the core of the worker that runs it. */
export interface CryptoTask {
  readonly adapter: AdapterName;
  readonly operation: OperationName;
  /** Of what is signed and sealed. */
  readonly bytes: number;
}

/** What came of it on one core. */
export interface CoreRate {
  readonly count: number;
  /** Of the operation alone, where only a part of each turn counts. */
  readonly seconds: number;
}

/** Runs for a while, looking at the clock after each turn of some operations. */
export type CoreRun = (forMs: number) => Promise<CoreRate>;

/** Operations between two looks at the clock. */
const TURN = 16;

/** Makes the keys and texts of a task, and gives how to run it. */
export async function prepareTask({ adapter, operation, bytes }: CryptoTask): Promise<CoreRun> {
  if (operation === "handshake" || operation === "responder") {
    return prepareHandshakes(adapterOf(adapter), operation);
  }
  return adapter === "nodeCrypto"
    ? prepareSync(operation, bytes)
    : prepareAsync(createWebCrypto(), operation, bytes);
}

type SimpleOperation = Exclude<OperationName, "handshake" | "responder">;

/** The synchronous forms: no promise, no thread pool. */
async function prepareSync(operation: SimpleOperation, bytes: number): Promise<CoreRun> {
  const crypto = createNodeCrypto();
  const { text, key, nonce, sealed, signingKey, verifyKey, signature } = await textsOf(
    crypto,
    bytes,
  );
  const calls: Record<SimpleOperation, () => unknown> = {
    verify: () => crypto.verifySync(verifyKey, signature, text),
    sign: () => crypto.signSync(signingKey, text),
    open: () => crypto.openSync(key, nonce, text, sealed),
    seal: () => crypto.sealSync(key, nonce, text, text),
  };
  const call = calls[operation];
  return (forMs) => {
    const begin = performance.now();
    for (let count = TURN; ; count += TURN) {
      for (let each = 0; each < TURN; each += 1) call();
      const ms = performance.now() - begin;
      if (ms >= forMs) return Promise.resolve({ count, seconds: ms / 1_000 });
    }
  };
}

/** One call at a time, as a program that waits for each would see it. */
async function prepareAsync(
  crypto: Crypto,
  operation: SimpleOperation,
  bytes: number,
): Promise<CoreRun> {
  const { text, key, nonce, sealed, signingKey, verifyKey, signature } = await textsOf(
    crypto,
    bytes,
  );
  const calls: Record<SimpleOperation, () => Promise<unknown>> = {
    verify: () => crypto.verify(verifyKey, signature, text),
    sign: () => crypto.sign(signingKey, text),
    open: () => crypto.open(key, nonce, text, sealed),
    seal: () => crypto.seal(key, nonce, text, text),
  };
  const call = calls[operation];
  return async (forMs) => {
    const begin = performance.now();
    for (let count = TURN; ; count += TURN) {
      for (let each = 0; each < TURN; each += 1) await call();
      const ms = performance.now() - begin;
      if (ms >= forMs) return { count, seconds: ms / 1_000 };
    }
  };
}

async function textsOf(crypto: Crypto, bytes: number) {
  const text = crypto.randomBytes(bytes);
  const key = crypto.randomBytes(32);
  const nonce = crypto.randomBytes(12);
  const signingKey = await crypto.generateSigningKey();
  return {
    text,
    key,
    nonce,
    sealed: await crypto.seal(key, nonce, text, text),
    signingKey,
    verifyKey: await crypto.importVerifyKey(signingKey.publicPoint),
    signature: await crypto.sign(signingKey, text),
  };
}

function adapterOf(name: AdapterName): Crypto {
  return name === "webCrypto" ? createWebCrypto() : withoutPool(createNodeCrypto());
}

/** The port on the synchronous forms, so that a worker's handshakes stay on its own core. */
function withoutPool(crypto: NodeCrypto): Crypto {
  return {
    ...crypto,
    sign: (key, data) => Promise.resolve(crypto.signSync(key, data)),
    verify: (key, signature, data) => Promise.resolve(crypto.verifySync(key, signature, data)),
  };
}

/** Whole handshakes, both sides in memory; for `responder` only the responder's four steps are timed. */
async function prepareHandshakes(
  crypto: Crypto,
  operation: "handshake" | "responder",
): Promise<CoreRun> {
  const device = await createParty(DEVICE_SUB, crypto);
  const hospital = await createParty(hospitalSub("bench"), crypto);
  return async (forMs) => {
    const begin = performance.now();
    let responderMs = 0;
    for (let count = 1; ; count += 1) {
      responderMs += await shakeHandsInMemory(device, hospital, crypto);
      const ms = performance.now() - begin;
      const counted = operation === "handshake" ? ms : responderMs;
      if (ms >= forMs) return { count, seconds: counted / 1_000 };
    }
  };
}

interface EdhocParty {
  readonly own: OwnIdentity;
  readonly peer: PeerIdentity;
  readonly kid: Bytes;
}

async function createParty(sub: string, crypto: Crypto): Promise<EdhocParty> {
  const key = await crypto.generateSigningKey();
  const { kid, bytes: cred, point } = await createCredential(sub, key.publicPoint, crypto);
  return {
    own: { idCred: { kind: "kid", kid }, cred, key },
    peer: { cred, key: await crypto.importVerifyKey(point) },
    kid,
  };
}

/** Of the size of a real one; nobody takes it for one. */
const EAD_4: readonly EadItem[] = [
  {
    label: EAD_GRANT,
    critical: true,
    value: encodeGrant({
      pass: "p".repeat(300),
      expires: 2,
      binding: 1,
      now: 1,
      nonceH: new Uint8Array(16),
    }),
  },
];

/** @returns ms that the responder took of it. */
async function shakeHandsInMemory(
  device: EdhocParty,
  hospital: EdhocParty,
  crypto: Crypto,
): Promise<number> {
  const suite = createSuiteMinus21(crypto);
  const find = (party: EdhocParty) => (idCred: { readonly kind: string; readonly kid?: Bytes }) =>
    Promise.resolve(
      idCred.kid !== undefined && equalBytes(idCred.kid, party.kid) ? party.peer : undefined,
    );
  const first = await createMessage1(suite);

  const asked = performance.now();
  const { state: ready } = await processMessage1([suite], first.message1);
  const second = await createMessage2(ready, hospital.own);
  const answered = performance.now();

  const got = await processMessage2(first.state, second.message2, find(hospital));
  const third = await createMessage3(got.state, device.own, { length: MESSAGE_3_BYTES });

  const askedAgain = performance.now();
  const done = await processMessage3(second.state, third.message3, find(device), {
    cR: third.cR,
    length: MESSAGE_3_BYTES,
  });
  const { message4 } = await createMessage4(done.state, { ead4: EAD_4, length: MESSAGE_4_BYTES });
  const answeredAgain = performance.now();

  await processMessage4(third.state, message4, { length: MESSAGE_4_BYTES, knownEad: [EAD_GRANT] });
  return answered - asked + answeredAgain - askedAgain;
}
