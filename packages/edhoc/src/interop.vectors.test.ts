import { fromHex, toHex } from "@siphms/cose";
import { ownVectors, publishedVectors } from "@siphms/testkit";
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
import type { Exporter, Suite } from "./index.ts";
import { recording } from "./recording.suite.ts";
import { suite2, suite3, suiteMinus21WithoutProfile } from "./rfc-suites.suite.ts";
import type { P256Trace, RecordedParty } from "./trace.suite.ts";
import {
  eadFromSequence,
  ephemeralOf,
  idCredFromMap,
  identityOf,
  replay,
  resolveTo,
  signingAs,
} from "./trace.suite.ts";

/** Traces made with another implementation in one role or in both, ECDSA signatures recorded. */
type TraceFile = Readonly<Record<string, string>>;

const NODE_EDHOC = [
  ["edhoc/interop-method0-suite2-kid-ccs.json", suite2],
  ["edhoc/interop-method0-suite2-kid-ccs-ead.json", suite2],
  ["edhoc/interop-method0-suite3-kid-ccs.json", suite3],
  ["edhoc/interop-method0-suite3-kid-ccs-ead.json", suite3],
] as const;

const OWN = [
  "edhoc/selfmade-method0-suite-21-kid.json",
  "edhoc/selfmade-method0-suite-21-kccs.json",
] as const;

/** Values that the engine must have computed or signed on the way, where a trace names them. */
const INTERMEDIATE = ["G_XY", "H_message_1", "TH_2", "TH_3", "TH_4", "PRK_2e", "PRK_3e2m"].concat(
  ["PRK_4e3m", "MAC_2", "MAC_3", "PLAINTEXT_3", "Sig_structure_2", "Sig_structure_3", "M_2", "M_3"],
  ["PRK_out", "PRK_exporter"],
);

const NOTHING = new Uint8Array();

describe.each(NODE_EDHOC)("trace %s", (file, suite) => {
  const vectors = publishedVectors(file);
  it.skipIf(vectors.skip)(`is reproduced byte for byte in both roles${vectors.why}`, async () => {
    expect(await checkBothRoles(vectors.load<TraceFile>(), suite)).toBe(15);
  });
});

describe.each(OWN)("trace %s", (file) => {
  it("is reproduced byte for byte in both roles", async () => {
    const found = await checkBothRoles(ownVectors<TraceFile>(file), suiteMinus21WithoutProfile);
    expect(found).toBe(14);
  });
});

const libedhoc = publishedVectors("edhoc/interop-libedhoc-method0-suite2-kid-ccs.json");

describe(`handshakes with libedhoc, method 0, suite 2${libedhoc.why}`, () => {
  it.skipIf(libedhoc.skip)("are repeated: 4 as initiator, 4 as responder", async () => {
    const { traces } = libedhoc.load<{ readonly traces: readonly TraceFile[] }>();
    const count = { I: 0, R: 0 };
    for (const trace of traces) {
      const role = trace["ourRole"] === "I" ? "I" : "R";
      const exporter = await (role === "I" ? asInitiator(trace) : asResponder(trace));
      const exported = toHex(await exporter(32768, NOTHING, 32));
      expect(exported, trace["name"]).toBe(trace["exporter_label32768_len32"]);
      count[role] += 1;
    }
    expect(count).toEqual({ I: 4, R: 4 });
  });
});

/** Replays a trace that holds both sides, and returns how many intermediate values were found. */
async function checkBothRoles(trace: TraceFile, plainSuite: Suite): Promise<number> {
  const { suite, has } = recording(plainSuite);
  const { messages, exporters } = await replayBoth(trace, suite);
  expect(messages.map(toHex)).toEqual(
    ["message_1", "message_2", "message_3", "message_4"].map((name) => trace[name]),
  );
  for (const exporter of exporters) {
    expect(toHex(await exporter(0, NOTHING, 16))).toBe(trace["exporter_label0_len16"]);
    expect(toHex(await exporter(32768, NOTHING, 32))).toBe(trace["exporter_label32768_len32"]);
  }
  const named = INTERMEDIATE.filter((name) => trace[name] !== undefined);
  expect(named.filter((name) => !has(trace[name] ?? ""))).toEqual([]);
  return named.length;
}

async function replayBoth(
  trace: TraceFile,
  suite: Suite,
): Promise<Awaited<ReturnType<typeof replay>>> {
  const both: P256Trace = {
    suite,
    initiator: partyOf(trace, "I"),
    responder: partyOf(trace, "R"),
    ead1: eadFromSequence(trace["EAD_1"]).items,
    ead2: eadFromSequence(trace["EAD_2"]).items,
    ead3: eadFromSequence(trace["EAD_3"]).items,
  };
  return replay(both);
}

async function asInitiator(trace: TraceFile): Promise<Exporter> {
  const self = partyOf(trace, "I");
  const { message1, state } = await createMessage1(signingAs(suite2, self), {
    cI: self.connectionId,
    unsafeEphemeral: await ephemeralOf(self),
  });
  expect(toHex(message1)).toBe(trace["message_1"]);
  const message2 = fromHex(trace["message_2"] ?? "");
  const received2 = await processMessage2(state, message2, resolveTo(partyOf(trace, "R")));
  const third = await createMessage3(received2.state, await identityOf(self));
  expect(toHex(third.message3)).toBe(trace["message_3"]);
  expect(toHex(third.cR)).toBe(trace["C_R_raw"]);
  return (await processMessage4(third.state, fromHex(trace["message_4"] ?? ""))).exporter;
}

async function asResponder(trace: TraceFile): Promise<Exporter> {
  const self = partyOf(trace, "R");
  const suites = [signingAs(suite2, self)];
  const { cI, state } = await processMessage1(suites, fromHex(trace["message_1"] ?? ""));
  expect(toHex(cI)).toBe(trace["C_I_raw"]);
  const second = await createMessage2(state, await identityOf(self), {
    cR: self.connectionId,
    unsafeEphemeral: await ephemeralOf(self),
  });
  expect(toHex(second.message2)).toBe(trace["message_2"]);
  const message3 = fromHex(trace["message_3"] ?? "");
  const received3 = await processMessage3(second.state, message3, resolveTo(partyOf(trace, "I")));
  const { message4 } = await createMessage4(received3.state);
  expect(toHex(message4)).toBe(trace["message_4"]);
  return received3.exporter;
}

function partyOf(trace: TraceFile, role: "I" | "R"): RecordedParty {
  const point =
    trace[`PK_${role}`] ?? `04${trace[`PK_${role}_x`] ?? ""}${trace[`PK_${role}_y`] ?? ""}`;
  const ephemeral = trace[role === "I" ? "X" : "Y"] ?? trace["ephemeralPrivateOfOurRole"];
  return {
    idCred: idCredFromMap(trace[`ID_CRED_${role}`] ?? ""),
    cred: fromHex(trace[`CRED_${role}`] ?? ""),
    point: { x: fromHex(point.slice(2, 66)), y: fromHex(point.slice(66)) },
    scalar: fromHex(trace[`SK_${role}`] ?? ""),
    signature: fromHex(trace[`Signature_or_MAC_${role === "I" ? "3" : "2"}`] ?? ""),
    ephemeral: fromHex(ephemeral ?? ""),
    connectionId: fromHex(trace[`C_${role}_raw`] ?? ""),
  };
}
