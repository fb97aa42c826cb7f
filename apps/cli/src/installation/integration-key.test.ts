import { chmod, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { keyLogInText } from "@siphms/api";
import { fromBase64Url } from "@siphms/cose";
import { createNodeCrypto } from "@siphms/node-crypto";

import {
  createIntegrationKey,
  publicHalf,
  readKeyFile,
  signKeyLogIn,
  writeKeyFile,
} from "./integration-key.ts";

const OF = { hospital: "city-hospital", name: "Nightly import" };
const crypto = createNodeCrypto();
let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-key-"));
  file = path.join(folder, "import.key");
});
afterEach(() => rm(folder, { recursive: true }));

describe("the key file of an integration account", () => {
  it("holds a key that only this user can read, and comes back as it was (SR-36)", async () => {
    const key = await createIntegrationKey(OF);
    await writeKeyFile(file, key);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readKeyFile(file)).toEqual(key);
  });

  it("is never written over another file", async () => {
    await writeFile(file, "something else");
    await expect(writeKeyFile(file, await createIntegrationKey(OF))).rejects.toThrow(
      "is there already",
    );
    expect(await readFile(file, "utf8")).toBe("something else");
  });

  it("is refused where other users can read it", async () => {
    await writeKeyFile(file, await createIntegrationKey(OF));
    await chmod(file, 0o640);
    await expect(readKeyFile(file)).rejects.toThrow("chmod 600");
  });

  it.each(["", "{}", "null", '{"kind":"siphms-integration-key-2"}', "-----BEGIN PRIVATE KEY-----"])(
    "is refused with %j in it",
    async (content) => {
      await writeFile(file, content, { mode: 0o600 });
      await expect(readKeyFile(file)).rejects.toThrow("is no key file");
    },
  );

  it("is another one each time, and its private half is not in what the hospital is given", async () => {
    const [one, two] = [await createIntegrationKey(OF), await createIntegrationKey(OF)];
    expect(one.key.d).not.toBe(two.key.d);
    expect(Object.keys(publicHalf(one)).sort()).toEqual(["crv", "kty", "x", "y"]);
  });
});

describe("what a machine signs to log in", () => {
  const isSigned = async (text: string, change: Partial<typeof OF> = {}) => {
    const made = await createIntegrationKey(OF);
    const signature = await signKeyLogIn({ ...made, ...change }, "a-challenge");
    const point = { x: fromBase64Url(made.key.x), y: fromBase64Url(made.key.y) };
    const key = await crypto.importVerifyKey(point);
    return crypto.verify(key, fromBase64Url(signature), new TextEncoder().encode(text));
  };
  const text = keyLogInText({ ...OF, challenge: "a-challenge" });

  it("is the challenge, for its own hospital, under its own name", async () => {
    expect(await isSigned(text)).toBe(true);
  });

  it.each([{ hospital: "other" }, { name: "Dr. One" }])(
    "is nothing that is good with %j",
    async (change) => {
      expect(await isSigned(text, change)).toBe(false);
    },
  );

  it("keeps name and challenge apart, whatever a name holds", () => {
    const challenge = 'x","y';
    expect(keyLogInText({ hospital: "h", name: "a", challenge })).not.toBe(
      keyLogInText({ hospital: "h", name: 'a","x', challenge: "y" }),
    );
  });
});
