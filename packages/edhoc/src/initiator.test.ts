import { concatBytes, encodeCbor } from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  encodeErrorMessage,
  processMessage1,
  processMessage2,
  processMessage4,
} from "./index.ts";
import type { EdhocErrorCode, OwnIdentity } from "./index.ts";
import {
  begin,
  byValue,
  createDevice,
  createHospital,
  ENROLMENT,
  GRANT,
  resolveAmong,
  suite,
  toReadyForMessage3,
  toReadyForMessage4,
} from "./party.suite.ts";
import type { Party } from "./party.suite.ts";

let device: Party;
let hospital: Party;
let impostor: Party;

beforeAll(async () => {
  [device, hospital, impostor] = await Promise.all([
    createDevice(),
    createHospital(),
    createHospital(),
  ]);
});

/** The device means `hospital`, and `own` answers. */
async function expectRefusalOf(own: OwnIdentity, code: EdhocErrorCode): Promise<void> {
  const { initiator, message2 } = await begin(own);
  await expect(processMessage2(initiator, message2, resolveAmong(hospital))).rejects.toMatchObject({
    code,
  });
}

describe("processMessage2 refuses [HS-312d]", () => {
  it("a hospital other than the one that is meant", async () => {
    await expectRefusalOf(impostor.own, "EDHOC_UNKNOWN_CREDENTIAL");
  });

  it("the kid that is meant over another key", async () => {
    await expectRefusalOf({ ...impostor.own, idCred: hospital.own.idCred }, "EDHOC_UNAUTHENTIC");
  });

  it("the key that is meant over another credential", async () => {
    const cred = encodeCbor(new Map([[2, "siphms-hospital:another"]]));
    await expectRefusalOf({ ...hospital.own, cred }, "EDHOC_UNAUTHENTIC");
  });

  it("a device in the place of the hospital", async () => {
    await expectRefusalOf(device.own, "EDHOC_UNKNOWN_CREDENTIAL");
  });

  it("a credential by value, which only a device may show", async () => {
    await expectRefusalOf(byValue(hospital), "EDHOC_UNKNOWN_CREDENTIAL");
  });

  it.each([
    ["an item that could be ignored", [{ label: 1, critical: false }], "EDHOC_MALFORMED"],
    ["an unknown critical item", [{ label: 1, critical: true }], "EDHOC_CRITICAL_EAD"],
    ["the enrolment", [ENROLMENT], "EDHOC_CRITICAL_EAD"],
    ["the grant", [GRANT], "EDHOC_CRITICAL_EAD"],
  ] as const)("EAD_2 with %s", async (_what, ead2, code) => {
    const { message1, state } = await createMessage1(suite);
    const received = await processMessage1([suite], message1);
    const { message2 } = await createMessage2(received.state, hospital.own, { ead2 });
    await expect(processMessage2(state, message2, resolveAmong(hospital))).rejects.toMatchObject({
      code,
    });
  });

  it("message_2 of another handshake", async () => {
    const [one, other] = [await begin(hospital.own), await begin(hospital.own)];
    await expect(
      processMessage2(one.initiator, other.message2, resolveAmong(hospital)),
    ).rejects.toThrow(/^EDHOC_/);
  });

  it("an error message, telling the suites that it names", async () => {
    const { state } = await createMessage1(suite);
    const error = encodeErrorMessage(2, [2, 3]);
    await expect(processMessage2(state, error, resolveAmong(hospital))).rejects.toMatchObject({
      code: "EDHOC_PEER_ERROR",
      suitesR: [2, 3],
    });
  });

  it.each([0, 31, 32, 40])("a byte string of %d bytes", async (length) => {
    const { state } = await createMessage1(suite);
    const message2 = encodeCbor(new Uint8Array(length));
    await expect(processMessage2(state, message2, resolveAmong(hospital))).rejects.toMatchObject({
      code: "EDHOC_MALFORMED",
    });
  });

  it("message_2 with something behind it", async () => {
    const { initiator, message2 } = await begin(hospital.own);
    const longer = concatBytes(message2, new Uint8Array([0]));
    await expect(processMessage2(initiator, longer, resolveAmong(hospital))).rejects.toMatchObject({
      code: "EDHOC_MALFORMED",
    });
  });

  it("more than 4 KiB", async () => {
    const { state } = await createMessage1(suite);
    const message2 = encodeCbor(new Uint8Array(4094));
    await expect(processMessage2(state, message2, resolveAmong(hospital))).rejects.toMatchObject({
      code: "EDHOC_LENGTH",
    });
  });
});

describe("createMessage3 refuses", () => {
  it("to answer a responder that showed our own credential", async () => {
    const { initiator, message2 } = await begin(device.own);
    const { state } = await processMessage2(initiator, message2, resolveAmong(device));
    await expect(createMessage3(state, device.own)).rejects.toMatchObject({
      code: "EDHOC_UNKNOWN_CREDENTIAL",
    });
  });

  it("content that does not fit into 384 bytes", async () => {
    const { state } = await toReadyForMessage3(hospital);
    const ead3 = [{ ...ENROLMENT, value: new Uint8Array(200) }];
    await expect(createMessage3(state, byValue(device), { ead3 })).rejects.toMatchObject({
      code: "EDHOC_LENGTH",
    });
  });

  it("a length that no byte string has", async () => {
    const { state } = await toReadyForMessage3(hospital);
    await expect(createMessage3(state, device.own, { length: 258 })).rejects.toThrow(RangeError);
  });

  it.each([0, -1, 1.5])("the EAD label %d", async (label) => {
    const { state } = await toReadyForMessage3(hospital);
    const ead3 = [{ label, critical: true }];
    await expect(createMessage3(state, device.own, { ead3 })).rejects.toThrow(RangeError);
  });
});

describe("processMessage4 refuses", () => {
  it("message_4 of another handshake", async () => {
    const one = await toReadyForMessage4({ device, hospital });
    const other = await toReadyForMessage4({ device, hospital });
    const { message4 } = await createMessage4(other.responder, { ead4: [GRANT] });
    await expect(processMessage4(one.initiator, message4)).rejects.toMatchObject({
      code: "EDHOC_UNAUTHENTIC",
    });
  });

  it.each([
    ["no grant", [], "EDHOC_MALFORMED"],
    ["two grants", [GRANT, GRANT], "EDHOC_MALFORMED"],
    ["a grant that could be ignored", [{ ...GRANT, critical: false }], "EDHOC_MALFORMED"],
    ["an enrolment", [GRANT, ENROLMENT], "EDHOC_CRITICAL_EAD"],
    ["an unknown critical item", [GRANT, { label: 9, critical: true }], "EDHOC_CRITICAL_EAD"],
  ] as const)("EAD_4 with %s", async (_what, ead4, code) => {
    const { responder, initiator } = await toReadyForMessage4({ device, hospital });
    const { message4 } = await createMessage4(responder, { ead4 });
    await expect(processMessage4(initiator, message4)).rejects.toMatchObject({ code });
  });

  it("any other length than 768", async () => {
    const { responder, initiator } = await toReadyForMessage4({ device, hospital });
    const { message4 } = await createMessage4(responder, { ead4: [GRANT], length: 767 });
    await expect(processMessage4(initiator, message4)).rejects.toMatchObject({
      code: "EDHOC_LENGTH",
    });
  });

  it("an error message", async () => {
    const { initiator } = await toReadyForMessage4({ device, hospital });
    await expect(processMessage4(initiator, encodeErrorMessage(3))).rejects.toMatchObject({
      code: "EDHOC_PEER_ERROR",
    });
  });

  it("nothing of an item that may be ignored, and hands it out", async () => {
    const { responder, initiator } = await toReadyForMessage4({ device, hospital });
    const extra = { label: 9, critical: false };
    const { message4 } = await createMessage4(responder, { ead4: [GRANT, extra] });
    expect((await processMessage4(initiator, message4)).ead4).toEqual([GRANT, extra]);
  });
});
