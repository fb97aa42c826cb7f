import type { Bytes } from "@siphms/cose";
import { fromHex, toHex } from "@siphms/cose";
import { publishedVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
} from "./index.ts";
import type { Exporter, OwnIdentity, Suite } from "./index.ts";
import { kdf } from "./key-schedule.ts";
import type { Recording } from "./recording.suite.ts";
import { recording } from "./recording.suite.ts";
import { importEd25519, importEd25519Public, importX25519, suite0 } from "./rfc-suites.suite.ts";
import { context2, context3 } from "./transcript.ts";
import type { TraceFile } from "./rfc9529.suite.ts";
import { traceValues } from "./rfc9529.suite.ts";

const vectors = publishedVectors("edhoc/rfc9529-trace1-method0-suite0-x5t.json");

/** What the trace gives rather than derives; the messages depend on all of it. */
const GIVEN = new Set(
  ["METHOD", "SUITES_I", "X", "Y", "C_I", "C_R", "SK_I", "SK_R", "PK_I", "PK_R"].concat(
    ["ID_CRED_I", "ID_CRED_R", "CRED_I", "CRED_R", "EAD_1", "EAD_2", "EAD_3", "EAD_4"],
    ["context for KeyUpdate", "Client's OSCORE Sender ID", "Server's OSCORE Sender ID"],
  ),
);

describe(`RFC 9529 trace 1: method 0, suite 0, x5t (SR-29)${vectors.why}`, () => {
  it.skipIf(vectors.skip)("gives the four messages byte for byte, in both roles", async () => {
    const trace = vectors.load<TraceFile>();
    const value = traceValues(trace);
    const run = await runTrace(trace, suite0);
    expect(toHex(run.message1)).toBe(value("message_1"));
    expect(toHex(run.message2)).toBe(value("message_2"));
    expect(toHex(run.message3)).toBe(value("message_3"));
    expect(toHex(run.message4)).toBe(value("message_4"));
  });

  it.skipIf(vectors.skip)("exports the OSCORE master secret and salt at both ends", async () => {
    const trace = vectors.load<TraceFile>();
    const value = traceValues(trace);
    const { exporters } = await runTrace(trace, suite0);
    expect(exporters).toHaveLength(2);
    for (const exporter of exporters) {
      const noContext = new Uint8Array();
      expect(toHex(await exporter(0, noContext, 16))).toBe(value("OSCORE Master Secret"));
      expect(toHex(await exporter(1, noContext, 8))).toBe(value("OSCORE Master Salt"));
    }
  });

  it.skipIf(vectors.skip)("derives every intermediate value of the trace", async () => {
    const trace = vectors.load<TraceFile>();
    const record = recording(suite0);
    const { message2, message3, message4, exporters } = await runTrace(trace, record.suite);
    await exporters[0]?.(0, new Uint8Array(), 16);
    await exporters[0]?.(1, new Uint8Array(), 8);
    await updateKeys(trace, record);
    noteUnhashed(trace, record, { message2, message3, message4 });

    const derived = trace.items.filter(({ name }) => !GIVEN.has(name));
    expect(derived.filter(({ hex }) => !record.has(hex)).map(({ name }) => name)).toEqual([]);
    expect([trace.items.length, derived.length]).toEqual([96, 70]);
  });
});

async function runTrace(
  trace: TraceFile,
  suite: Suite,
): Promise<{
  message1: Bytes;
  message2: Bytes;
  message3: Bytes;
  message4: Bytes;
  exporters: Exporter[];
}> {
  const value = traceValues(trace);
  const bytes = (name: string): Bytes => fromHex(value(name));
  const identity = (role: "I" | "R"): OwnIdentity => ({
    idCred: { kind: "other", map: bytes(`ID_CRED_${role}`) },
    cred: bytes(`CRED_${role}`),
    key: importEd25519(bytes(`SK_${role}`)),
  });
  const resolve = (role: "I" | "R") => () =>
    Promise.resolve({
      cred: bytes(`CRED_${role}`),
      key: importEd25519Public(bytes(`PK_${role}`)),
    });

  const first = await createMessage1(suite, {
    cI: fromHex(value("C_I", "Raw Value")),
    unsafeEphemeral: importX25519(bytes("X")),
  });
  const received1 = await processMessage1([suite], first.message1);
  const second = await createMessage2(received1.state, identity("R"), {
    cR: fromHex(value("C_R", "Raw Value")),
    unsafeEphemeral: importX25519(bytes("Y")),
  });
  const received2 = await processMessage2(first.state, second.message2, resolve("R"));
  const third = await createMessage3(received2.state, identity("I"));
  const received3 = await processMessage3(second.state, third.message3, resolve("I"));
  const fourth = await createMessage4(received3.state);
  const received4 = await processMessage4(third.state, fourth.message4);
  return {
    message1: first.message1,
    message2: second.message2,
    message3: third.message3,
    message4: fourth.message4,
    exporters: [received3.exporter, received4.exporter],
  };
}

/** Values that no operation of the suite takes or gives on its own. */
function noteUnhashed(
  trace: TraceFile,
  record: Recording,
  messages: { message2: Bytes; message3: Bytes; message4: Bytes },
): void {
  const value = traceValues(trace);
  const bytes = (name: string): Bytes => fromHex(value(name));
  const noEad = new Uint8Array();
  const parts2 = { idCred: bytes("ID_CRED_R"), th: fromHex(value("TH_2", "Raw Value")) };
  const parts3 = { idCred: bytes("ID_CRED_I"), th: fromHex(value("TH_3", "Raw Value")) };
  const cR = fromHex(value("C_R", "Raw Value"));
  record.note(importX25519(bytes("X")).publicX, importX25519(bytes("Y")).publicX);
  record.note(context2(cR, { ...parts2, cred: bytes("CRED_R"), ead: noEad }));
  record.note(context3({ ...parts3, cred: bytes("CRED_I"), ead: noEad }));
  // message_2 is bstr(G_Y | CIPHERTEXT_2); PLAINTEXT_2 is what KEYSTREAM_2 leaves of it.
  const ciphertext2 = messages.message2.slice(2 + 32);
  const keystream2 = bytes("KEYSTREAM_2");
  record.note(
    ciphertext2,
    ciphertext2.map((byte, at) => byte ^ (keystream2[at] ?? 0)),
  );
  record.note(messages.message2.slice(2), messages.message3.slice(2), messages.message4.slice(1));
}

/** EDHOC_KeyUpdate (RFC 9528 appendix H), which the package leaves out, from its own KDF. */
async function updateKeys(trace: TraceFile, { suite }: Recording): Promise<void> {
  const value = traceValues(trace);
  const context = fromHex(value("context for KeyUpdate", "Raw Value"));
  const prkOut = await kdf(suite, fromHex(value("PRK_out")), { label: 11, context, length: 32 });
  const noContext = new Uint8Array();
  const exporter = await kdf(suite, prkOut, { label: 10, context: noContext, length: 32 });
  await kdf(suite, exporter, { label: 0, context: noContext, length: 16 });
  await kdf(suite, exporter, { label: 1, context: noContext, length: 8 });
}
