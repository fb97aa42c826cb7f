import { randomBytes } from "node:crypto";

import { toBase64Url } from "@siphms/cose";
import type { Bytes, Crypto } from "@siphms/cose";
import { createMessage1, createSuiteMinus21, prefixMessage1 } from "@siphms/edhoc";
import { envelopesPath, handshakesPath, HEADERS, MEDIA_TYPES } from "@siphms/relay";

import type { BenchSession } from "../harness/bench-device.ts";
import type { FloodKind } from "./flood-calls.ts";

/** Makes the n-th request of a flood. */
export type RequestSource = (n: number) => Uint8Array;

/** What requests are made of. */
export interface RequestParts {
  readonly port: number;
  /** At least two. */
  readonly sessions: readonly BenchSession[];
  readonly crypto: Crypto;
}

/** Floods that are made of single requests. */
export type RequestFlood = Extract<
  FloodKind,
  "message-1" | "garbage-passes" | "forged-passes" | "foreign-passes"
>;

/** Bytes of an envelope that never gets as far as being looked at. */
const ENVELOPE: Bytes = new Uint8Array(1_024);
const SIGNATURE_BYTES = 64;
/** Handshakes that are made beforehand and sent in turn: to gateway and hospital each is a new one. */
const MESSAGES_1 = 256;

/** Makes ready what a flood sends. */
export async function requestsOf(kind: RequestFlood, parts: RequestParts): Promise<RequestSource> {
  const { port, sessions } = parts;
  const [own, other] = sessions;
  if (own === undefined || other === undefined) throw new RangeError("sessions: at least two");
  const post = (pass: string): Uint8Array => writePost(parts, own, pass);
  switch (kind) {
    case "message-1": {
      const bodies = await createMessages1(parts.crypto);
      const { hospital, hospitalId } = own.device;
      const path = handshakesPath(hospitalId, hospital.credential.kid);
      const headers = { [HEADERS.contentType]: MEDIA_TYPES.handshakeRequest };
      const all = bodies.map((body) => writeRequest({ method: "POST", port, path, headers, body }));
      return (n) => all[n % all.length] ?? ENVELOPE;
    }
    case "garbage-passes":
      return (n) => post(`no-pass-${String(n)}`);
    case "forged-passes":
      return () => post(forge(own.pass));
    case "foreign-passes": {
      const request = post(other.pass);
      return () => request;
    }
  }
}

/** A pass that says what a good one says, under another signature. */
export function forge(pass: string): string {
  const signed = pass.slice(0, pass.lastIndexOf("."));
  return `${signed}.${toBase64Url(new Uint8Array(randomBytes(SIGNATURE_BYTES)))}`;
}

/** A whole post of an envelope with a pass of this text. */
export function writePost(
  { port }: Pick<RequestParts, "port">,
  { keys }: BenchSession,
  pass: string,
): Uint8Array {
  const headers = {
    [HEADERS.contentType]: MEDIA_TYPES.envelope,
    [HEADERS.authorization]: `Bearer ${pass}`,
  };
  const path = envelopesPath(keys.sid);
  return writeRequest({ method: "POST", port, path, headers, body: ENVELOPE });
}

/** The beginning of a post whose body is yet to come. */
export function writePostHead(
  { port }: Pick<RequestParts, "port">,
  { keys, pass }: BenchSession,
  bodyBytes: number,
): Uint8Array {
  const headers = {
    [HEADERS.contentType]: MEDIA_TYPES.envelope,
    [HEADERS.authorization]: `Bearer ${pass}`,
    "content-length": String(bodyBytes),
  };
  return writeHead({ method: "POST", port, path: envelopesPath(keys.sid), headers });
}

/** A whole request of HTTP/1.1 on a connection that is kept. */
export function writeRequest(request: {
  readonly method: "POST" | "GET";
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}): Uint8Array {
  const { headers, body } = request;
  const head = writeHead({
    ...request,
    headers: { ...headers, "content-length": String(body.length) },
  });
  return Buffer.concat([head, body]);
}

function writeHead(request: {
  readonly method: "POST" | "GET";
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}): Uint8Array {
  const { method, port, path, headers } = request;
  const all = { host: `127.0.0.1:${String(port)}`, ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
}

async function createMessages1(crypto: Crypto): Promise<readonly Bytes[]> {
  const suite = createSuiteMinus21(crypto);
  const made: Bytes[] = [];
  for (let n = 0; n < MESSAGES_1; n += 1) {
    made.push(prefixMessage1((await createMessage1(suite)).message1));
  }
  return made;
}
