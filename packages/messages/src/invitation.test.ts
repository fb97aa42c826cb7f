import {
  createCredential,
  createWebCrypto,
  DEVICE_SUB,
  hospitalSub,
  toBase64Url,
} from "@siphms/cose";
import {
  encodeInvitation,
  type Invitation,
  invitationLink,
  isGatewayUrl,
  isHospitalId,
  parseInvitation,
  parseInvitationLink,
} from "@siphms/messages";
import { ownVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";

interface InvitationVector {
  readonly appOrigin: string;
  readonly bytes: string;
  readonly link: string;
  readonly base64url: string;
}

const crypto = createWebCrypto();
const vector = ownVectors<InvitationVector>("siphms/invitation.json");
const invitation = await parseInvitationLink(vector.link, crypto);

describe("the published invitation", () => {
  it("is read and written the same, byte for byte, bytes and link", async () => {
    expect(toBase64Url(encodeInvitation(invitation))).toBe(vector.base64url);
    expect(invitationLink(vector.appOrigin, invitation)).toBe(vector.link);
    expect(await parseInvitation(encodeInvitation(invitation), crypto)).toEqual(invitation);
  });

  it("says where to enrol and with whom", () => {
    expect(invitation).toMatchObject({
      gatewayUrl: "https://gateway.example",
      hospitalId: "st-anna",
      expires: 1_795_349_700_000,
      hospitalName: "St. Anna Hospital",
    });
    expect(invitation.credential.sub).toBe(hospitalSub("st-anna"));
  });
});

describe("an invitation", () => {
  const wrong: Readonly<Record<string, Partial<Invitation>>> = {
    "a gateway by http": { gatewayUrl: "http://gateway.example" },
    "a gateway-url of 129 characters": { gatewayUrl: `https://${"g".repeat(121)}` },
    "a hospital-id with a dot": { hospitalId: "st.anna" },
    "another hospital's id": { hospitalId: "st-otto" },
    "a token of 17 bytes": { token: new Uint8Array(17) },
    "a negative time": { expires: -1 },
  };
  for (const [title, change] of Object.entries(wrong)) {
    it(`is not made with ${title}`, () => {
      expect(() => encodeInvitation({ ...invitation, ...change })).toThrow(RangeError);
    });
  }

  it("is not made with a device's credential", async () => {
    const credential = await createCredential(DEVICE_SUB, invitation.credential.point, crypto);
    expect(() => encodeInvitation({ ...invitation, credential })).toThrow(RangeError);
  });

  it("carries the key that it names: another point beside the kid is refused", async () => {
    const key = await crypto.generateSigningKey();
    const other = await createCredential(hospitalSub("st-anna"), key.publicPoint, crypto);
    const bytes = invitation.credential.bytes.slice();
    bytes.set(other.bytes.subarray(-67), bytes.length - 67);
    const forged = encodeInvitation({
      ...invitation,
      credential: { ...invitation.credential, bytes },
    });
    await expect(parseInvitation(forged, crypto)).rejects.toMatchObject({
      code: "INVITATION_INVALID",
      reason: "kid",
    });
  });

  it("holds a name of any script and an expiry that has passed", async () => {
    const other = { ...invitation, hospitalName: "병원 St. Ännä", expires: 0 };
    expect(await parseInvitation(encodeInvitation(other), crypto)).toEqual(other);
  });

  it("is not linked to anything but an https origin or this machine", () => {
    for (const origin of ["http://app.example", "https://app.example/", "app.example", ""]) {
      expect(() => invitationLink(origin, invitation)).toThrow(RangeError);
    }
    expect(invitationLink("http://localhost:8091", invitation)).toMatch(
      /^http:\/\/localhost:8091\/enrol#/,
    );
  });
});

describe("a link", () => {
  const fragment = vector.base64url;
  const wrong: Readonly<Record<string, readonly [link: string, reason: string]>> = {
    "that is none": ["enrol", "link"],
    "without a fragment": ["https://app.example/enrol", "link"],
    "with an empty fragment": ["https://app.example/enrol#", "link"],
    "with another path": [`https://app.example/other#${fragment}`, "link"],
    "with its data in the query": [`https://app.example/enrol?${fragment}`, "link"],
    "with padding": [`https://app.example/enrol#${fragment}=`, "base64url"],
    "with a character that base64url has not": [
      `https://app.example/enrol#${fragment}+`,
      "base64url",
    ],
    "that was cut short": [`https://app.example/enrol#${fragment.slice(0, -4)}`, "cbor"],
  };
  for (const [title, [link, reason]] of Object.entries(wrong)) {
    it(`${title} is refused`, async () => {
      await expect(parseInvitationLink(link, crypto)).rejects.toMatchObject({
        code: "INVITATION_INVALID",
        reason,
      });
    });
  }
});

describe("a gateway-url", () => {
  it("is an https origin, or http on loopback", () => {
    const good = [
      "https://gateway.example",
      "https://gateway.example:8443",
      "https://192.0.2.1",
      "https://[2001:db8::1]",
      "http://127.0.0.1:8080",
      "http://127.8.9.1",
      "http://localhost:8080",
      "http://[::1]:8080",
    ];
    for (const url of good) expect(`${url} ${isGatewayUrl(url)}`).toBe(`${url} true`);
  });

  it("is nothing else", () => {
    const wrong = [
      "",
      "gateway.example",
      "https://",
      "https://gateway.example/",
      "https://gateway.example/v1",
      "https://gateway.example?x",
      "https://gateway.example#x",
      "https://a@gateway.example",
      "https://gateway.example:443",
      "https://Gateway.example",
      "HTTPS://gateway.example",
      " https://gateway.example",
      "https://gateway.example\n",
      "http://gateway.example",
      "http://127.0.0.1.example",
      "http://localhost.example",
      "http://0.0.0.0",
      "http://128.0.0.1",
      "ws://localhost",
      "file:///etc",
      "null",
      "javascript:alert(1)",
    ];
    for (const url of wrong) expect(`${url} ${isGatewayUrl(url)}`).toBe(`${url} false`);
  });
});

describe("a hospital-id", () => {
  it("is 1 to 63 of the small letters, digits and dash", () => {
    for (const id of ["a", "st-anna", "0", "a".repeat(63)]) expect(isHospitalId(id)).toBe(true);
    for (const id of ["", "a".repeat(64), "St-anna", "st_anna", "st anna", "ä", "a\n"]) {
      expect(isHospitalId(id)).toBe(false);
    }
  });
});
