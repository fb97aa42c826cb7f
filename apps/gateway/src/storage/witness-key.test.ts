import { verify, createPublicKey } from "node:crypto";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openWitnessKey } from "./witness-key.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "siphms-witness-key-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const file = (): string => join(folder, "witness.key");

describe("the key of a witness", () => {
  it("is made once, for this user alone, and keeps its name", () => {
    const made = openWitnessKey(folder, "gateway.example");
    expect(made.key).toMatchObject({ kind: "cosignature", name: "gateway.example" });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(["witness.key"]);
    expect(openWitnessKey(folder, "renamed.example").key).toEqual(made.key);
  });

  it("signs so that its public half verifies", async () => {
    const signer = openWitnessKey(folder, "gateway.example");
    const message = new TextEncoder().encode("a statement");
    const x = Buffer.from(signer.key.publicKey).toString("base64url");
    const publicKey = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
    expect(verify(null, message, publicKey, await signer.sign(message))).toBe(true);
  });

  it.each<[string, () => void]>([
    ["that others may read", () => chmodSync(file(), 0o644)],
    ["that is empty", () => writeFileSync(file(), "", { mode: 0o600 })],
    ["that is something else", () => writeFileSync(file(), "name\nsecret words", { mode: 0o600 })],
  ])("is not taken from a file %s, of which nothing is shown", (_what, spoil) => {
    openWitnessKey(folder, "gateway.example");
    spoil();
    const open = (): unknown => openWitnessKey(folder, "gateway.example");
    expect(open).toThrow(expect.objectContaining({ code: "SETTING_INVALID" }));
    expect(open).not.toThrow(/secret/);
  });
});
