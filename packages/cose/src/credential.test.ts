import {
  createCredential,
  createWebCrypto,
  DEVICE_SUB,
  encodeCbor,
  hospitalSub,
  parseCredential,
  type CborKey,
  type CborValue,
  type Credential,
} from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";

const crypto = createWebCrypto();
let credential: Credential;

beforeAll(async () => {
  const key = await crypto.generateSigningKey();
  credential = await createCredential(DEVICE_SUB, key.publicPoint, crypto);
});

/** The valid credential's CCS with one thing changed. */
function broken(change: {
  readonly sub?: CborValue;
  readonly key?: readonly [CborKey, CborValue];
  readonly without?: CborKey;
  readonly claim?: readonly [CborKey, CborValue];
}): Uint8Array {
  const { point, kid } = credential;
  const key = new Map<CborKey, CborValue>([
    [1, 2],
    [2, kid],
    [-1, 1],
    [-2, point.x],
    [-3, point.y],
  ]);
  if (change.key !== undefined) key.set(...change.key);
  if (change.without !== undefined) key.delete(change.without);
  const claims = new Map<CborKey, CborValue>([
    [2, change.sub ?? DEVICE_SUB],
    [8, new Map([[1, key]])],
  ]);
  if (change.claim !== undefined) claims.set(...change.claim);
  return encodeCbor(claims);
}

describe("a credential", () => {
  it("is taken back as it was made", async () => {
    const parsed = await parseCredential(credential.bytes, DEVICE_SUB, crypto);
    expect(parsed).toEqual(credential);
    expect(parsed.kid).toEqual(parsed.thumbprint.slice(0, 8));
    expect(broken({})).toEqual(credential.bytes);
  });

  it("keeps its bytes when the input changes afterwards", async () => {
    const input = new Uint8Array(credential.bytes);
    const parsed = await parseCredential(input, DEVICE_SUB, crypto);
    input.fill(0);
    expect(parsed.bytes).toEqual(credential.bytes);
  });

  it.each<[string, string, () => Uint8Array]>([
    ["sub", "the sub of a hospital", () => broken({ sub: hospitalSub("st-anna") })],
    ["sub", "an empty sub", () => broken({ sub: "" })],
    ["kid", "another kid", () => broken({ key: [2, new Uint8Array(8)] })],
    ["kid", "an empty kid", () => broken({ key: [2, new Uint8Array(0)] })],
    ["kid", "x and y of another point", () => broken({ key: [-3, credential.point.x] })],
    ["schema", "a sub that is a number", () => broken({ sub: 1 })],
    ["schema", "a kid that is a text", () => broken({ key: [2, "kid"] })],
    ["schema", "a key type of 1", () => broken({ key: [1, 1] })],
    ["schema", "curve P-521", () => broken({ key: [-1, 3] })],
    ["schema", "an x of 31 bytes", () => broken({ key: [-2, credential.point.x.slice(1)] })],
    ["schema", "no y", () => broken({ without: -3 })],
    ["schema", "no key type", () => broken({ without: 1 })],
    ["schema", "a private key", () => broken({ key: [-4, new Uint8Array(32)] })],
    ["schema", "key_ops", () => broken({ key: [4, [2]] })],
    ["schema", "an audience", () => broken({ claim: [3, "aud"] })],
    ["schema", "an empty cnf", () => broken({ claim: [8, new Map()] })],
    ["schema", "a cnf that is an array", () => broken({ claim: [8, []] })],
    ["schema", "no map at all", () => encodeCbor([1, 2])],
    ["schema", "bytes behind it", () => Uint8Array.of(...credential.bytes, 0)],
    ["schema", "its last byte missing", () => credential.bytes.slice(0, -1)],
    ["schema", "no bytes", () => new Uint8Array(0)],
  ])("is refused for its %s: %s", async (reason, _what, make) => {
    await expect(parseCredential(make(), DEVICE_SUB, crypto)).rejects.toMatchObject({
      name: "CoseError",
      code: "CREDENTIAL_INVALID",
      reason,
    });
  });

  it("is not made for a point off the curve (SR-34)", async () => {
    const { x } = credential.point;
    await expect(createCredential(DEVICE_SUB, { x, y: x }, crypto)).rejects.toMatchObject({
      code: "CREDENTIAL_INVALID",
      reason: "point",
    });
  });

  it("is refused when any one byte of it is changed", async () => {
    for (let i = 0; i < credential.bytes.length; i++) {
      const changed = new Uint8Array(credential.bytes);
      changed[i] = (changed[i] ?? 0) ^ 1;
      const taking = parseCredential(changed, DEVICE_SUB, crypto);
      await expect(taking).rejects.toMatchObject({ code: "CREDENTIAL_INVALID" });
    }
  });
});

describe("the sub of a hospital", () => {
  it("names the hospital", () => {
    expect(hospitalSub("st-anna")).toBe("siphms-hospital:st-anna");
  });

  it.each(["", "St-Anna", "st anna", "st.anna", "st-anna\n", "a".repeat(64), "münchen"])(
    "is refused for the id %j",
    (id) => {
      expect(() => hospitalSub(id)).toThrow(RangeError);
    },
  );
});
