import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { loadStoreKey } from "./store-key.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "siphms-key-"));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

const file = (): string => path.join(folder, "store-key.json");

describe("the key of a simulated device's store", () => {
  it("comes back with the right passphrase", async () => {
    const key = await loadStoreKey(folder, "an invented passphrase");
    expect(key).toHaveLength(32);
    expect(await loadStoreKey(folder, "an invented passphrase")).toEqual(key);
  });

  it("does not stand in the file where there is a passphrase", async () => {
    const key = await loadStoreKey(folder, "an invented passphrase");
    const text = await readFile(file(), "utf8");
    expect(text).not.toContain(Buffer.from(key).toString("base64url"));
  });

  it("lies in a file of mode 0600 that is marked demo where there is none", async () => {
    await loadStoreKey(folder, undefined);
    expect((await stat(file())).mode & 0o777).toBe(0o600);
    expect(await readFile(file(), "utf8")).toContain("demo");
  });

  it("refuses a wrong passphrase", async () => {
    await loadStoreKey(folder, "right");
    await expect(loadStoreKey(folder, "wrong")).rejects.toThrow("is not the passphrase");
  });

  it("asks for the passphrase where none is given", async () => {
    await loadStoreKey(folder, "right");
    await expect(loadStoreKey(folder, undefined)).rejects.toThrow("Set SIPHMS_DEVICE_PASSPHRASE");
  });

  it.each(["", "{}", "null", '{"salt":"x"}', '{"key":7,"unsafe":"x"}'])(
    "refuses a damaged file: %s",
    async (text) => {
      await writeFile(file(), text);
      await expect(loadStoreKey(folder, "right")).rejects.toThrow("is damaged");
    },
  );
});
