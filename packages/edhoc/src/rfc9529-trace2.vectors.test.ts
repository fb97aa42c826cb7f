import type { Bytes } from "@siphms/cose";
import { concatBytes, fromHex, toHex } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { publishedVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import { encodeErrorMessage } from "./error-message.ts";
import type { IdCred } from "./id-cred.ts";
import { encodeIdCred } from "./id-cred.ts";
import { processMessage1 } from "./index.ts";
import {
  applyKeystream2,
  createExporter,
  deriveAead3,
  deriveAead4,
  derivePrk2e,
  kdf,
} from "./key-schedule.ts";
import { encodeMessage1, parseMessage1, selectSuite } from "./message-1.ts";
import { encodePlaintext2, encodePlaintext3 } from "./plaintext.ts";
import type { Recording } from "./recording.suite.ts";
import { recording } from "./recording.suite.ts";
import type { TraceFile } from "./rfc9529.suite.ts";
import { traceValues } from "./rfc9529.suite.ts";
import { suite2 } from "./rfc-suites.suite.ts";
import { sealMessage } from "./sealed-message.ts";
import type { Suite } from "./suite.ts";
import {
  context2,
  context3,
  transcriptHash2,
  transcriptHash3,
  transcriptHash4,
} from "./transcript.ts";

/**
 * Trace 2 is method 3: both sides authenticate by a static Diffie-Hellman key and a MAC. The engine has method 0 alone,
 * so what trace 2 does not cover here are createMessage2, createMessage3 and the four process functions. Everything
 * under them (formats, suite negotiation, transcript, key schedule, sealing) gives the whole trace byte for byte;
 * the two steps that method 0 leaves out, SALT_3e2m and SALT_4e3m, are made by the test.
 */
const vectors = publishedVectors("edhoc/rfc9529-trace2-method3-suite2-kid-ccs.json");

/** Method 3: the MAC stands in the place of the signature and has the suite's MAC length. */
const STATIC_DH_MAC_BYTES = 8;
const GIVEN = new Set(
  ["METHOD", "SUITES_I", "X", "Y", "C_I", "C_R", "SK_I", "SK_R", "G_X_y", "G_Y_y"].concat(
    ["PK_I_x", "PK_I_y", "PK_R_x", "PK_R_y", "ID_CRED_I", "ID_CRED_R", "CRED_I", "CRED_R"],
    ["EAD_1", "EAD_2", "EAD_3", "context for KeyUpdate"],
    ["Client's OSCORE Sender ID", "Server's OSCORE Sender ID"],
  ),
);
const NOTHING: Bytes = new Uint8Array();

describe(`RFC 9529 trace 2: method 3, suite 2, kid of a CCS (SR-29)${vectors.why}`, () => {
  it.skipIf(vectors.skip)("derives every value of the trace", async () => {
    const trace = vectors.load<TraceFile>();
    const record = recording(suite2);
    await runTrace(trace, record);
    const derived = trace.items.filter(({ name }) => !GIVEN.has(name));
    expect(derived.filter(({ hex }) => !record.has(hex)).map(({ name }) => name)).toEqual([]);
    expect([trace.items.length, derived.length]).toEqual([109, 77]);
  });

  it.skipIf(vectors.skip)("answers the first message_1, suite 6 alone, with error 2", () => {
    const trace = vectors.load<TraceFile>();
    const first = trace.items.find(({ name }) => name === "message_1");
    const { suites } = parseMessage1(fromHex(first?.hex ?? ""));
    expect(suites).toEqual([6]);
    expect(() => selectSuite([suite2], suites)).toThrow(
      expect.objectContaining({ code: "EDHOC_SUITE", suitesR: [2] }),
    );
    expect(toHex(encodeErrorMessage(2, [2]))).toBe(traceValues(trace)("error"));
  });

  it.skipIf(vectors.skip)("takes suite 2 from the second message_1, after suite 6", () => {
    const { suites } = parseMessage1(fromHex(traceValues(vectors.load<TraceFile>())("message_1")));
    expect(suites).toEqual([6, 2]);
    expect(selectSuite([suite2], suites)).toBe(suite2);
  });

  it.skipIf(vectors.skip)("is refused by the engine itself, which has method 0 alone", async () => {
    const trace = vectors.load<TraceFile>();
    const message1 = fromHex(traceValues(trace)("message_1"));
    await expect(processMessage1([suite2], message1)).rejects.toMatchObject({
      code: "EDHOC_METHOD",
    });
  });
});

/** The values of the trace that both halves of the run need. */
interface Given {
  readonly bytes: (name: string, kind?: string) => Bytes;
  readonly idCredI: IdCred;
  readonly idCredR: IdCred;
}

async function runTrace(trace: TraceFile, record: Recording): Promise<void> {
  const value = traceValues(trace);
  const bytes = (name: string, kind?: string): Bytes => fromHex(value(name, kind));
  const given: Given = {
    bytes,
    idCredI: { kind: "kid", kid: bytes("ID_CRED_I").slice(3) },
    idCredR: { kind: "kid", kid: bytes("ID_CRED_R").slice(3) },
  };
  const [firstX, secondX] = trace.items.filter(({ name }) => name === "X");
  noteMessage1(record, await publicX(firstX?.hex), { suites: [6], cI: fromHex("0e") });
  const gX = await publicX(secondX?.hex);
  const message1 = noteMessage1(record, gX, { suites: [6, 2], cI: bytes("C_I", "Raw Value") });
  record.note(encodeErrorMessage(2, [2]));

  const { prk3e2m, th3 } = await runMessage2(record, given, { message1, gX });
  const { prk4e3m, th4 } = await runMessage3(record, given, { prk3e2m, th3 });
  record.note(
    await sealMessage(record.suite, await deriveAead4(record.suite, prk4e3m, th4), NOTHING),
  );
  const exporter = await createExporter(record.suite, prk4e3m, th4);
  await exporter(0, NOTHING, 16);
  await exporter(1, NOTHING, 8);
  await updateKeys(record.suite, bytes);
}

async function publicX(scalar: string | undefined): Promise<Bytes> {
  return (await createNodeCrypto().unsafeImportAgreementKey(fromHex(scalar ?? ""))).publicX;
}

function noteMessage1(
  record: Recording,
  gX: Bytes,
  { suites, cI }: { suites: readonly number[]; cI: Bytes },
): Bytes {
  const message1 = encodeMessage1({ method: 3, suites, gX, cI, ead1: NOTHING });
  record.note(gX, message1);
  return message1;
}

async function runMessage2(
  { suite, note }: Recording,
  { bytes, idCredR }: Given,
  { message1, gX }: { message1: Bytes; gX: Bytes },
): Promise<{ prk3e2m: Bytes; th3: Bytes }> {
  const crypto = createNodeCrypto();
  const ephemeral = await crypto.unsafeImportAgreementKey(bytes("Y"));
  const cR = bytes("C_R", "Raw Value");
  const cred = bytes("CRED_R");
  const th2 = await transcriptHash2(suite, ephemeral.publicX, await suite.hash(message1));
  const prk2e = await derivePrk2e(suite, th2, await crypto.agree(ephemeral, gX));

  const salt3e2m = await kdf(suite, prk2e, { label: 1, context: th2, length: 32 });
  const staticKey = await crypto.unsafeImportAgreementKey(bytes("SK_R"));
  const prk3e2m = await suite.extract(salt3e2m, await crypto.agree(staticKey, gX));

  const context = context2(cR, { idCred: encodeIdCred(idCredR), th: th2, cred, ead: NOTHING });
  const mac2 = await kdf(suite, prk3e2m, { label: 2, context, length: STATIC_DH_MAC_BYTES });
  const plaintext = encodePlaintext2(cR, { idCred: idCredR, signature: mac2, ead: NOTHING });
  const ciphertext2 = await applyKeystream2(suite, { prk2e, th2 }, plaintext);
  const content = concatBytes(ephemeral.publicX, ciphertext2);
  note(context, plaintext, ciphertext2, content, ephemeral.publicX);
  return { prk3e2m, th3: await transcriptHash3(suite, th2, { plaintext, cred }) };
}

async function runMessage3(
  { suite, note }: Recording,
  { bytes, idCredI }: Given,
  { prk3e2m, th3 }: { prk3e2m: Bytes; th3: Bytes },
): Promise<{ prk4e3m: Bytes; th4: Bytes }> {
  const crypto = createNodeCrypto();
  const cred = bytes("CRED_I");
  const gY = bytes("G_Y", "Raw Value");
  const salt4e3m = await kdf(suite, prk3e2m, { label: 5, context: th3, length: 32 });
  const staticKey = await crypto.unsafeImportAgreementKey(bytes("SK_I"));
  const prk4e3m = await suite.extract(salt4e3m, await crypto.agree(staticKey, gY));

  const context = context3({ idCred: encodeIdCred(idCredI), th: th3, cred, ead: NOTHING });
  const mac3 = await kdf(suite, prk4e3m, { label: 6, context, length: STATIC_DH_MAC_BYTES });
  const plaintext = encodePlaintext3({ idCred: idCredI, signature: mac3, ead: NOTHING });
  const message3 = await sealMessage(suite, await deriveAead3(suite, prk3e2m, th3), plaintext);
  note(context, message3);
  return { prk4e3m, th4: await transcriptHash4(suite, th3, { plaintext, cred }) };
}

/** EDHOC_KeyUpdate (RFC 9528 appendix H), which the package leaves out, from its own KDF. */
async function updateKeys(suite: Suite, bytes: Given["bytes"]): Promise<void> {
  const context = bytes("context for KeyUpdate", "Raw Value");
  const prkOut = await kdf(suite, bytes("PRK_out"), { label: 11, context, length: 32 });
  const exporter = await kdf(suite, prkOut, { label: 10, context: NOTHING, length: 32 });
  await kdf(suite, exporter, { label: 0, context: NOTHING, length: 16 });
  await kdf(suite, exporter, { label: 1, context: NOTHING, length: 8 });
}
