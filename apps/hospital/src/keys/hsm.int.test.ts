import { execFileSync, spawnSync } from "node:child_process";
import { constants, publicEncrypt, randomBytes, createPublicKey } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadKek, parseKekSource, type Kek } from "./index.ts";

/** As docs/operations/keys.md tells it. */
const SCRIPT = fileURLToPath(new URL("../../../../docs/operations/unwrap-kek.sh", import.meta.url));
const MODULE = "/usr/lib/softhsm/libsofthsm2.so";
const PIN = "24681357";
const isHere =
  existsSync(MODULE) &&
  ["softhsm2-util", "pkcs11-tool"].every(
    (program) => spawnSync("sh", ["-c", `command -v ${program}`]).status === 0,
  );
const why = isHere ? "" : " (skipped: softhsm2 and opensc are not on this machine)";

let folder: string;
const at = (name: string): string => path.join(folder, name);
const run = (program: string, words: readonly string[]): Buffer =>
  execFileSync(program, words, { stdio: ["ignore", "pipe", "ignore"] });
const tool = (...words: string[]): Buffer =>
  run("pkcs11-tool", ["--module", MODULE, "--token-label", "siphms", ...words]);
const load = (): Promise<Kek> => loadKek(parseKekSource(`command:${SCRIPT} ${folder}`));

beforeAll(async () => {
  if (!isHere) return;
  folder = await mkdtemp(path.join(tmpdir(), "hsm-"));
  await mkdir(at("tokens"));
  await writeFile(at("softhsm2.conf"), `directories.tokendir = ${at("tokens")}\n`);
  process.env["SOFTHSM2_CONF"] = at("softhsm2.conf");
  run("softhsm2-util", [
    ...["--init-token", "--free", "--label", "siphms", "--pin", PIN],
    ...["--so-pin", "87654321"],
  ]);
  await writeFile(at("module"), MODULE);
  await writeFile(at("token"), "siphms");
  await writeFile(at("pin"), PIN);
});
afterAll(async () => {
  if (!isHere) return;
  delete process.env["SOFTHSM2_CONF"];
  await rm(folder, { recursive: true });
});

/** Makes a key pair in the HSM, and a key-encryption key that it alone can decrypt. */
const wrapNew = async (): Promise<Buffer> => {
  tool("--login", "--pin", PIN, "--keypairgen", "--key-type", "rsa:2048", "--id", "01");
  tool("--read-object", "--type", "pubkey", "--id", "01", "--output-file", at("public.der"));
  const key = createPublicKey({
    key: await readFile(at("public.der")),
    format: "der",
    type: "spki",
  });
  const kek = randomBytes(32);
  const padding = constants.RSA_PKCS1_OAEP_PADDING;
  await writeFile(at("kek.wrapped"), publicEncrypt({ key, padding, oaepHash: "sha1" }, kek));
  return kek;
};

describe.skipIf(!isHere)(`a key-encryption key that an HSM decrypts [HS-312a2iv]${why}`, () => {
  let kek: Buffer;
  beforeAll(async () => {
    kek = await wrapNew();
  });

  it("is the one that was wrapped for it", async () => {
    expect(Buffer.from((await load()).bytes)).toEqual(kek);
  });

  it("lies on the disk in no form", async () => {
    for (const file of ["kek.wrapped", "public.der"]) {
      const content = await readFile(at(file));
      expect(content.includes(kek)).toBe(false);
      expect(content.includes(kek.toString("hex"))).toBe(false);
    }
  });

  it("is not given for another PIN", async () => {
    await writeFile(at("pin"), "00000000");
    await expect(load()).rejects.toMatchObject({ code: "KEK_MALFORMED" });
    await writeFile(at("pin"), PIN);
  });

  it("is not given where what was wrapped is another thing by one bit", async () => {
    const wrapped = await readFile(at("kek.wrapped"));
    const changed = Buffer.from(wrapped);
    changed[40] = (changed[40] ?? 0) ^ 1;
    await writeFile(at("kek.wrapped"), changed);
    await expect(load()).rejects.toMatchObject({ code: "KEK_MALFORMED" });
    await writeFile(at("kek.wrapped"), wrapped);
  });

  it("is not given once the HSM's key is destroyed", async () => {
    tool("--login", "--pin", PIN, "--delete-object", "--type", "privkey", "--id", "01");
    await expect(load()).rejects.toMatchObject({ code: "KEK_MALFORMED" });
  });
});
