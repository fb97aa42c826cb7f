import { createWebCrypto } from "@siphms/cose";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createPasskeys, type PasskeyPorts } from "./passkey.ts";

/** Stands for the browser's class: what is no instance of it is no answer. */
class FakeCredential {
  readonly rawId = Uint8Array.of(1, 2, 3).buffer;
  readonly #first: unknown;
  constructor(first: unknown) {
    this.#first = first;
  }
  getClientExtensionResults(): object {
    return this.#first === undefined ? {} : { prf: { results: { first: this.#first } } };
  }
}

const secret = new Uint8Array(32).fill(7);
let asked: unknown[];
let answers: (() => unknown)[];

beforeAll(() => void vi.stubGlobal("PublicKeyCredential", FakeCredential));
afterAll(() => void vi.unstubAllGlobals());
beforeEach(() => {
  asked = [];
  answers = [];
});

function passkeys() {
  const ask = (options: unknown): Promise<never> => {
    asked.push(options);
    const answer = answers.shift();
    return Promise.resolve().then(() => answer?.() as never);
  };
  const ports: PasskeyPorts = {
    crypto: createWebCrypto(),
    credentials: { create: ask, get: ask },
    platform: undefined,
    host: "app.example",
    label: "SIPHMS",
  };
  return createPasskeys(ports);
}

const failing = (name: string) => () => {
  throw Object.assign(new Error("as the test asked"), { name });
};

describe("a fingerprint or face", () => {
  it("gives the secret when it is set up, for a salt of its own", async () => {
    answers = [() => new FakeCredential(secret.buffer)];
    const made = await passkeys().create();
    expect(made.output).toEqual(secret);
    expect(made.salt).toHaveLength(32);
    expect(made.credentialId).toEqual(Uint8Array.of(1, 2, 3));
    expect(asked[0]).toMatchObject({
      publicKey: {
        rp: { id: "app.example" },
        authenticatorSelection: { userVerification: "required" },
        extensions: { prf: { eval: { first: made.salt } } },
      },
    });
  });

  it("is asked once more where the phone answers only then", async () => {
    answers = [() => new FakeCredential(undefined), () => new FakeCredential(secret)];
    const made = await passkeys().create();
    expect(made.output).toEqual(secret);
    expect(asked[1]).toMatchObject({
      publicKey: { rpId: "app.example", userVerification: "required" },
    });
  });

  it("is refused where it keeps no secret", async () => {
    answers = [() => new FakeCredential(undefined), () => new FakeCredential(undefined)];
    await expect(passkeys().create()).rejects.toMatchObject({ code: "PASSKEY_WITHOUT_PRF" });
  });

  it("is refused with a secret of another length", async () => {
    answers = [() => new FakeCredential(new Uint8Array(16))];
    const read = passkeys().read({ credentialId: Uint8Array.of(1), salt: new Uint8Array(32) });
    await expect(read).rejects.toMatchObject({ code: "PASSKEY_WITHOUT_PRF" });
  });

  it.each<[string, () => unknown, string]>([
    ["nobody is recognised", failing("NotAllowedError"), "PASSKEY_REFUSED"],
    ["the phone has none", failing("NotSupportedError"), "PASSKEY_WITHOUT_PRF"],
    ["nothing is answered", () => null, "PASSKEY_REFUSED"],
    ["a password is answered", () => ({ type: "password" }), "PASSKEY_REFUSED"],
  ])("gives nothing where %s", async (_title, answer, code) => {
    answers = [answer];
    const read = passkeys().read({ credentialId: Uint8Array.of(1), salt: new Uint8Array(32) });
    await expect(read).rejects.toMatchObject({ code });
  });

  it("is not offered where the browser knows none", async () => {
    expect(await passkeys().isAvailable()).toBe(false);
  });
});
