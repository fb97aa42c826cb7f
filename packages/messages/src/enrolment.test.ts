import { type CborKey, type CborValue, createWebCrypto, encodeCbor } from "@siphms/cose";
import {
  commitment,
  confirmationCode,
  encodeEnrolment,
  encodeGrant,
  MAX_PASS_BYTES,
  MAX_SESSION_MS,
  parseEnrolment,
  parseGrant,
} from "@siphms/messages";
import { describe, expect, it } from "vitest";

const crypto = createWebCrypto();
const bytes = (length: number) => new Uint8Array(length).fill(5);
const cbor = (entries: readonly (readonly [CborKey, CborValue])[]) => encodeCbor(new Map(entries));

describe("an enrolment", () => {
  const enrolment = { token: bytes(16), deviceName: "Ännä's 폰", commitment: bytes(32) };
  const entries = [
    [1, bytes(16)],
    [2, "phone"],
    [3, bytes(32)],
  ] as const;

  it("comes back as it was, the name empty or up to 64 bytes", () => {
    for (const deviceName of [enrolment.deviceName, "", "x".repeat(64), "ä".repeat(32)]) {
      const one = { ...enrolment, deviceName };
      expect(parseEnrolment(encodeEnrolment(one))).toEqual(one);
    }
  });

  it("counts its name in bytes, not in letters", () => {
    expect(() => encodeEnrolment({ ...enrolment, deviceName: "ä".repeat(33) })).toThrow(RangeError);
    const long = cbor([entries[0], [2, "폰".repeat(22)], entries[2]]);
    expect(() => parseEnrolment(long)).toThrow(
      expect.objectContaining({ code: "ENROLMENT_INVALID" }),
    );
  });

  it("is not made with a token or commitment of another length", () => {
    expect(() => encodeEnrolment({ ...enrolment, token: bytes(15) })).toThrow(RangeError);
    expect(() => encodeEnrolment({ ...enrolment, commitment: bytes(16) })).toThrow(RangeError);
  });

  it("is refused in any other form", () => {
    const wrong = [
      bytes(0),
      encodeCbor([bytes(16), "phone", bytes(32)]),
      cbor(entries.slice(0, 2)),
      cbor(entries.slice(1)),
      cbor([...entries, [4, 0]]),
      cbor([...entries, ["x", 0]]),
      cbor([entries[0], [2, bytes(5)], entries[2]]),
      Uint8Array.of(...cbor(entries), 0),
    ];
    for (const value of wrong) {
      expect(() => parseEnrolment(value)).toThrow(
        expect.objectContaining({ code: "ENROLMENT_INVALID" }),
      );
    }
  });
});

describe("a grant", () => {
  const now = 1_795_348_800_000;
  const grant = {
    pass: "a.b-c_d.e",
    expires: now + MAX_SESSION_MS,
    binding: 1,
    now,
    nonceH: bytes(16),
  } as const;
  const entries = [
    [1, "a.b.c"],
    [2, now],
    [3, 0],
    [4, now],
    [6, bytes(16)],
  ] as const;
  const without = (key: number) => entries.filter(([one]) => one !== key);

  it("comes back as it was", () => {
    for (const one of [
      grant,
      { ...grant, binding: 0 as const, pass: "p".repeat(MAX_PASS_BYTES) },
    ]) {
      expect(parseGrant(encodeGrant(one))).toEqual(one);
    }
  });

  it("is not made for longer than a day, with a long pass or a short nonce", () => {
    const wrong = [
      { ...grant, expires: grant.expires + 1 },
      { ...grant, pass: "p".repeat(MAX_PASS_BYTES + 1) },
      { ...grant, nonceH: bytes(15) },
    ];
    for (const one of wrong) expect(() => encodeGrant(one)).toThrow(RangeError);
  });

  it("is refused with a pass that no header can carry", () => {
    for (const pass of ["", "a b", "a\r\nHost: x", "a,b", "ä", '"a"']) {
      const value = cbor([[1, pass], ...without(1)]);
      expect(() => parseGrant(value)).toThrow(
        expect.objectContaining({ code: "GRANT_INVALID", reason: "gateway-pass" }),
      );
    }
  });

  it("is refused in any other form", () => {
    const wrong = [
      bytes(0),
      encodeCbor("a.b.c"),
      ...[1, 2, 3, 4, 6].map((key) => cbor(without(key))),
      cbor([...without(3), [3, 2]]),
      cbor([...without(3), [3, true]]),
      cbor([...without(2), [2, now + MAX_SESSION_MS + 1]]),
      cbor([...without(4), [4, -1]]),
      cbor([...entries, [5, 0]]),
      cbor([...entries, [7, 0]]),
      cbor([...without(6), [6, bytes(32)]]),
    ];
    for (const value of wrong) {
      expect(() => parseGrant(value)).toThrow(expect.objectContaining({ code: "GRANT_INVALID" }));
    }
  });
});

describe("the confirmation code", () => {
  const parts = { secret: bytes(32), nonceD: bytes(32), nonceH: bytes(16) };

  it("is six digits that depend on each of its parts", async () => {
    const code = await confirmationCode(parts, crypto);
    expect(code).toMatch(/^\d{6}$/);
    const others = [
      { ...parts, secret: crypto.randomBytes(32) },
      { ...parts, nonceD: crypto.randomBytes(32) },
      { ...parts, nonceH: crypto.randomBytes(16) },
    ];
    const codes = await Promise.all(others.map((one) => confirmationCode(one, crypto)));
    // Three random digits in a row that agree with the first would be one case in 10^18.
    expect(codes.every((one) => one === code)).toBe(false);
  });

  it("takes parts of their own length only, so that none runs into the next", async () => {
    const wrong = [
      { ...parts, secret: bytes(31) },
      { ...parts, nonceD: bytes(33) },
      { ...parts, nonceH: bytes(32) },
    ];
    for (const one of wrong)
      await expect(confirmationCode(one, crypto)).rejects.toThrow(RangeError);
  });

  it("has a commitment that is SHA-256 of the device's nonce", async () => {
    expect(await commitment(parts.nonceD, crypto)).toEqual(await crypto.sha256(parts.nonceD));
  });
});
