import type { Bytes } from "@siphms/cose";
import { concatBytes, encodeCbor } from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createMessage1,
  createMessage3,
  createMessage4,
  processMessage1,
  processMessage3,
} from "./index.ts";
import type { AwaitingMessage3, EadItem, EdhocErrorCode, OwnIdentity } from "./index.ts";
import {
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
import { suite2, suiteMinus21WithoutProfile } from "./rfc-suites.suite.ts";

let device: Party;
let otherDevice: Party;
let hospital: Party;

beforeAll(async () => {
  [device, otherDevice, hospital] = await Promise.all([
    createDevice(),
    createDevice(),
    createHospital(),
  ]);
});

describe("processMessage1 refuses", () => {
  it("an earlier suite that it supports as well (SR-37) [HS-312e2ii]", async () => {
    const { message1 } = await createMessage1(suite);
    const offer = concatBytes(new Uint8Array(1), encodeCbor([-21, 2]), message1.slice(2));
    await expect(processMessage1([suite, suite2], offer)).rejects.toMatchObject({
      code: "EDHOC_SUITE",
      suitesR: [-21, 2],
    });
    await expect(processMessage1([suite2], offer)).resolves.toBeDefined();
  });

  it("a suite that it does not support, naming its own (SR-37) [HS-312e2ii]", async () => {
    const { message1 } = await createMessage1(suite);
    await expect(processMessage1([suite2], message1)).rejects.toMatchObject({
      code: "EDHOC_SUITE",
      suitesR: [2],
    });
  });

  it.each([1, 2, 3, 4, -1])("method %d", async (method) => {
    const { message1 } = await createMessage1(suite);
    const changed = concatBytes(encodeCbor(method), message1.slice(1));
    await expect(processMessage1([suite], changed)).rejects.toMatchObject({ code: "EDHOC_METHOD" });
  });

  it("more than 4 KiB", async () => {
    await expect(processMessage1([suite], new Uint8Array(4097))).rejects.toMatchObject({
      code: "EDHOC_LENGTH",
    });
  });

  it("every message_1 that is cut short", async () => {
    const { message1 } = await createMessage1(suite);
    for (let length = 0; length < message1.length; length++) {
      await expect(processMessage1([suite], message1.slice(0, length))).rejects.toMatchObject({
        code: "EDHOC_MALFORMED",
      });
    }
  });

  it("padding in EAD_1, which the RFC allows and the profile does not", async () => {
    const { message1 } = await createMessage1(suite);
    const padded = concatBytes(message1, new Uint8Array([0]));
    await expect(processMessage1([suite], padded)).rejects.toMatchObject({
      code: "EDHOC_MALFORMED",
    });
    const { ead1 } = await processMessage1([suiteMinus21WithoutProfile], padded);
    expect(ead1).toEqual([]);
  });
});

/** message_3 from `own` for a hospital that waits for it. */
async function message3From(
  own: OwnIdentity,
  options: { ead3?: readonly EadItem[]; length?: number } = {},
): Promise<{ message3: Bytes; responder: AwaitingMessage3 }> {
  const { state, responder } = await toReadyForMessage3(hospital);
  const { message3 } = await createMessage3(state, own, options);
  return { message3, responder };
}

/** The hospital knows `device` alone, and `own` writes to it. */
async function expectRefusalOf(
  own: OwnIdentity,
  code: EdhocErrorCode,
  options: { ead3?: readonly EadItem[]; length?: number } = {},
): Promise<void> {
  const { message3, responder } = await message3From(own, options);
  await expect(processMessage3(responder, message3, resolveAmong(device))).rejects.toMatchObject({
    code,
  });
}

describe("processMessage3 refuses [HS-312d]", () => {
  it("a device that nobody knows", async () => {
    await expectRefusalOf(otherDevice.own, "EDHOC_UNKNOWN_CREDENTIAL");
  });

  it("another hospital in the place of a device", async () => {
    const otherHospital = await createHospital();
    await expectRefusalOf(otherHospital.own, "EDHOC_UNKNOWN_CREDENTIAL");
  });

  it("the kid of a known device over another key", async () => {
    const own = { ...otherDevice.own, idCred: device.own.idCred };
    await expectRefusalOf(own, "EDHOC_UNAUTHENTIC");
  });

  it("the key of a known device over another credential", async () => {
    const cred = encodeCbor(new Map([[2, "siphms-device:1"]]));
    await expectRefusalOf({ ...device.own, cred }, "EDHOC_UNAUTHENTIC");
  });

  it("ID_CRED_I of another form, a hash of a certificate", async () => {
    const map = encodeCbor(new Map([[34, [-15, new Uint8Array(8)]]]));
    await expectRefusalOf(
      { ...device.own, idCred: { kind: "other", map } },
      "EDHOC_UNKNOWN_CREDENTIAL",
    );
  });

  it("a credential by value that the lookup turns into another one", async () => {
    const { message3, responder } = await message3From(byValue(device), { ead3: [ENROLMENT] });
    await expect(
      processMessage3(responder, message3, () => Promise.resolve(otherDevice.peer)),
    ).rejects.toMatchObject({ code: "EDHOC_UNKNOWN_CREDENTIAL" });
  });

  it("a C_R that is not its own", async () => {
    const { message3, responder } = await message3From(device.own);
    await expect(
      processMessage3(responder, message3, resolveAmong(device), { cR: new Uint8Array(8) }),
    ).rejects.toMatchObject({ code: "EDHOC_MALFORMED" });
  });

  it.each([383, 385, 512])("a length of %d", async (length) => {
    await expectRefusalOf(device.own, "EDHOC_LENGTH", { length });
  });

  it("message_3 of another handshake", async () => {
    const { message3 } = await message3From(device.own);
    const { responder } = await toReadyForMessage3(hospital);
    await expect(processMessage3(responder, message3, resolveAmong(device))).rejects.toMatchObject({
      code: "EDHOC_UNAUTHENTIC",
    });
  });

  it("an enrolment beside a kid, and by value none, two, or one that could be ignored", async () => {
    await expectRefusalOf(device.own, "EDHOC_MALFORMED", { ead3: [ENROLMENT] });
    const own = byValue(device);
    await expectRefusalOf(own, "EDHOC_MALFORMED");
    await expectRefusalOf(own, "EDHOC_MALFORMED", { ead3: [ENROLMENT, ENROLMENT] });
    const ignorable = { ...ENROLMENT, critical: false };
    await expectRefusalOf(own, "EDHOC_MALFORMED", { ead3: [ignorable] });
  });

  it("a critical label, unless the caller says that it knows it", async () => {
    const ead3 = [{ label: 77, critical: true }];
    await expectRefusalOf(device.own, "EDHOC_CRITICAL_EAD", { ead3 });
    const { message3, responder } = await message3From(device.own, { ead3 });
    const known = await processMessage3(responder, message3, resolveAmong(device), {
      knownEad: [77],
    });
    expect(known.ead3).toEqual(ead3);
  });

  it("the grant, even if the caller says that it knows it", async () => {
    const { message3, responder } = await message3From(device.own, { ead3: [GRANT] });
    await expect(
      processMessage3(responder, message3, resolveAmong(device), { knownEad: [GRANT.label] }),
    ).rejects.toMatchObject({ code: "EDHOC_CRITICAL_EAD" });
  });

  it("and passes on what the lookup itself throws", async () => {
    const { message3, responder } = await message3From(device.own);
    const failure = new Error("the store is away");
    await expect(processMessage3(responder, message3, () => Promise.reject(failure))).rejects.toBe(
      failure,
    );
  });
});

describe("createMessage4 refuses", () => {
  it("content that does not fit into 768 bytes", async () => {
    const { responder } = await toReadyForMessage4({ device, hospital });
    const ead4 = [{ ...GRANT, value: new Uint8Array(760) }];
    await expect(createMessage4(responder, { ead4 })).rejects.toMatchObject({
      code: "EDHOC_LENGTH",
    });
  });
});
