import type { Bytes } from "@siphms/cose";
import { createWebCrypto, equalBytes } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";
import { beforeAll, describe, expect, it } from "vitest";
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
} from "./index.ts";
import type { Suite } from "./index.ts";
import {
  begin,
  byValue,
  createDevice,
  createHospital,
  ENROLMENT,
  GRANT,
  resolveAmong,
  runSession,
  suite,
  toReadyForMessage3,
  toReadyForMessage4,
} from "./party.suite.ts";
import type { Party } from "./party.suite.ts";

const NOTHING = new Uint8Array();
/** First byte of `info` for PRK_out (RFC 9528 §4.1.2). */
const PRK_OUT_LABEL = 7;
let device: Party;
let hospital: Party;

beforeAll(async () => {
  [device, hospital] = await Promise.all([createDevice(), createHospital()]);
});

describe("a handshake that goes well", () => {
  it("gives both sides the same key, and another one each time [HS-312e2ii]", async () => {
    const [keyAtDevice, keyAtHospital] = await runSession({ device, hospital });
    const [laterKey] = await runSession({ device, hospital });
    expect(equalBytes(keyAtDevice, keyAtHospital)).toBe(true);
    expect(equalBytes(keyAtDevice, laterKey)).toBe(false);
  });

  it("works between WebCrypto at the device and node:crypto at the hospital", async () => {
    const [web, node] = [createWebCrypto(), createNodeCrypto()];
    const [keyAtDevice, keyAtHospital] = await runSession({
      device: await createDevice({ own: web, peer: node }),
      hospital: await createHospital({ own: node, peer: web }),
      deviceSuite: createSuiteMinus21(web),
    });
    expect(equalBytes(keyAtDevice, keyAtHospital)).toBe(true);
  });

  it("makes message_3 of 384 and message_4 of 768 bytes, enrolment or not", async () => {
    const lengths: number[] = [];
    for (const [own, ead3] of [
      [device.own, []],
      [byValue(device), [ENROLMENT]],
    ] as const) {
      const { state, responder } = await toReadyForMessage3(hospital);
      const third = await createMessage3(state, own, { ead3 });
      const received = await processMessage3(responder, third.message3, resolveAmong(device));
      expect(received.ead3).toEqual(ead3);
      expect(received.idCred).toEqual(own.idCred);
      const { message4 } = await createMessage4(received.state, { ead4: [GRANT] });
      expect((await processMessage4(third.state, message4)).ead4).toEqual([GRANT]);
      lengths.push(third.message3.length, message4.length);
    }
    expect(lengths).toEqual([384, 768, 384, 768]);
  });

  it("chooses 8 random bytes for C_I and C_R", async () => {
    const { message1 } = await createMessage1(suite);
    const { cI, state } = await processMessage1([suite], message1);
    const { cR } = await createMessage2(state, hospital.own);
    expect([cI.length, cR.length]).toEqual([8, 8]);
    expect(equalBytes(cI, cR)).toBe(false);
  });

  it("hands out states that show neither keys nor hashes and cannot be changed", async () => {
    const { state } = await createMessage1(suite);
    expect(JSON.stringify(state)).toBe('{"role":"initiator","next":"processMessage2"}');
    expect(Object.isFrozen(state)).toBe(true);
  });

  it("erases G_XY, every PRK but PRK_exporter, K_3 and K_4, at both sides", async () => {
    const secrets: Bytes[] = [];
    const keep = (secret: Bytes): Bytes => {
      secrets.push(secret);
      return secret;
    };
    const observed: Suite = {
      ...suite,
      agree: async (...input) => {
        const gXY = await suite.agree(...input);
        return gXY === undefined ? undefined : keep(gXY);
      },
      extract: async (...input) => keep(await suite.extract(...input)),
      expand: async (prk, info, length) => {
        const output = await suite.expand(prk, info, length);
        return info[0] === PRK_OUT_LABEL ? keep(output) : output;
      },
      seal: (aead, plaintext) => suite.seal({ ...aead, key: keep(aead.key) }, plaintext),
      open: (aead, ciphertext) => suite.open({ ...aead, key: keep(aead.key) }, ciphertext),
    };
    await runSession({ device, hospital, deviceSuite: observed, hospitalSuite: observed });
    // At each side: G_XY, PRK_2e (which is PRK_3e2m and PRK_4e3m as well), PRK_out, K_3, K_4.
    expect(secrets.map((secret) => [secret.length, secret.every((byte) => byte === 0)])).toEqual(
      Array.from({ length: 2 * 5 }, () => [32, true]),
    );
  });

  it("leaves what it is given as it was", async () => {
    const begun = await begin(hospital.own);
    const before = begun.message2.slice();
    await processMessage2(begun.initiator, begun.message2, resolveAmong(hospital));
    expect(begun.message2).toEqual(before);
  });

  it("keeps nothing of the caller's buffer", async () => {
    const begun = await begin(hospital.own);
    const { state } = await processMessage2(
      begun.initiator,
      begun.message2,
      resolveAmong(hospital),
    );
    begun.message2.fill(0);
    const { message3 } = await createMessage3(state, device.own);
    const received = processMessage3(begun.responder, message3, resolveAmong(device));
    await expect(received).resolves.toBeDefined();
  });
});

describe("the exporter", () => {
  it.each([-1, 0.5, 65536, Number.NaN])("refuses the label %d", async (label) => {
    const { exporter } = await toReadyForMessage4({ device, hospital });
    await expect(exporter(label, NOTHING, 16)).rejects.toThrow(RangeError);
  });

  it("separates labels, contexts and lengths", async () => {
    const { exporter } = await toReadyForMessage4({ device, hospital });
    const outputs = await Promise.all([
      exporter(32768, NOTHING, 32),
      exporter(32769, NOTHING, 32),
      exporter(32768, new Uint8Array(1), 32),
      exporter(32768, NOTHING, 33),
    ]);
    expect(new Set(outputs.map((output) => output.slice(0, 32).join())).size).toBe(4);
  });

  it("goes on working after message_4 is made and the key schedule is erased", async () => {
    const { exporter, responder } = await toReadyForMessage4({ device, hospital });
    const before = await exporter(32768, NOTHING, 32);
    await createMessage4(responder, { ead4: [GRANT] });
    expect(await exporter(32768, NOTHING, 32)).toEqual(before);
  });
});
