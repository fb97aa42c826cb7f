import { existsSync } from "node:fs";
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createNodeCrypto } from "@siphms/node-crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createInstallationKey, openInstallationKey, openKeyring } from "./index.ts";
import { createKek, loadKek, type KekOptions } from "./kek.ts";
import { kekSourceText, parseKekSource } from "./kek-source.ts";
import { createRecovery } from "./recovery.ts";

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "kek-"));
  file = path.join(folder, "secrets", "kek");
});

afterEach(() => rm(folder, { recursive: true }));

describe("a key-encryption key in a file [HS-312a2iv]", () => {
  it("is made once, closed to others, and loaded again", async () => {
    const source = { kind: "file", path: file } as const;
    expect(await createKek(source)).toBe(true);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kek = await loadKek(source);
    expect(kek.bytes).toHaveLength(32);
    expect(await createKek(source)).toBe(false);
    expect(await loadKek(source)).toEqual(kek);
  });

  it("is made by one of many who make it at once, and nothing else is left behind", async () => {
    const source = { kind: "file", path: file } as const;
    const made = await Promise.all(Array.from({ length: 8 }, () => createKek(source)));
    expect(made.filter((one) => one)).toHaveLength(1);
    expect(await readdir(path.dirname(file))).toEqual(["kek"]);
    await loadKek(source);
  });

  it.each([0o644, 0o640, 0o604, 0o660])("is refused with the mode %o (SR-36)", async (mode) => {
    const source = { kind: "file", path: file } as const;
    await createKek(source);
    await chmod(file, mode);
    await expect(loadKek(source)).rejects.toMatchObject({ code: "KEK_FILE_MODE" });
  });

  it("is missed where there is none", async () => {
    await mkdir(path.dirname(file));
    await expect(loadKek({ kind: "file", path: file })).rejects.toMatchObject({
      code: "KEK_MISSING",
    });
  });

  it.each(["", "00", "g".repeat(64), "0".repeat(63), "0".repeat(66)])(
    "is refused when it reads %j, and not repeated",
    async (text) => {
      await mkdir(path.dirname(file));
      await writeFile(file, text, { mode: 0o600 });
      await expect(loadKek({ kind: "file", path: file })).rejects.toMatchObject({
        code: "KEK_MALFORMED",
        message: expect.not.stringContaining("ggg") as string,
      });
    },
  );

  it.each(["PG_VERSION", "backup_manifest", "backup_label"])(
    "is refused in a folder that a file %s marks as the database's or a backup's",
    async (mark) => {
      await writeFile(path.join(folder, mark), "");
      const source = { kind: "file", path: file } as const;
      await expect(createKek(source)).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
      expect(await createKek(source, { unsafeKekWithData: true })).toBe(true);
      await expect(loadKek(source)).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
      await loadKek(source, { unsafeKekWithData: true });
    },
  );

  it("is refused anywhere inside the backup's folder", async () => {
    const source = { kind: "file", path: file } as const;
    await createKek(source);
    await expect(loadKek(source, { dataFolders: [folder] })).rejects.toMatchObject({
      code: "KEK_WITH_DATA",
    });
  });
});

describe("a key-encryption key from a passphrase [HS-312a2iv]", () => {
  const withPassphrase = async (passphrase: string) => {
    const passphraseFile = path.join(folder, "passphrase");
    await writeFile(passphraseFile, passphrase, { mode: 0o600 });
    return { passphraseFile };
  };

  it("is the same for the same passphrase only", async () => {
    const source = { kind: "passphrase", path: file } as const;
    await createKek(source);
    const right = await loadKek(source, await withPassphrase("correct horse battery\n"));
    expect(await loadKek(source, await withPassphrase("correct horse battery"))).toEqual(right);
    expect(await loadKek(source, await withPassphrase("correct horse batterz"))).not.toEqual(right);
  });

  it("does not stand in the file of its parameters", async () => {
    const source = { kind: "passphrase", path: file } as const;
    await createKek(source);
    const kek = await loadKek(source, await withPassphrase("correct horse battery"));
    expect(await readFile(file, "utf8")).not.toContain(Buffer.from(kek.bytes).toString("hex"));
  });

  it("is refused with a passphrase of fewer than 15 characters, and with none", async () => {
    const source = { kind: "passphrase", path: file } as const;
    await createKek(source);
    await expect(loadKek(source, await withPassphrase("too short"))).rejects.toMatchObject({
      code: "KEK_MALFORMED",
    });
    await expect(loadKek(source)).rejects.toMatchObject({ code: "KEK_MISSING" });
  });
});

describe("a key-encryption key from a command", () => {
  it("is what the command prints", async () => {
    const kek = await loadKek(parseKekSource(`command:/bin/echo ${"0f".repeat(32)}`));
    expect(kek.bytes).toEqual(new Uint8Array(32).fill(15));
  });

  it("is refused when the command fails, without what it printed", async () => {
    const program = path.join(folder, "unwrap");
    await writeFile(program, `#!/bin/sh\necho ${"0f".repeat(32)}\nexit 3\n`, { mode: 0o700 });
    const failure: unknown = await loadKek(parseKekSource(`command:${program}`)).catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: "KEK_COMMAND_FAILED" });
    expect(JSON.stringify(failure)).not.toContain("0f0f");
  });
});

describe("a recovery file", () => {
  const crypto = createNodeCrypto();
  const key = createInstallationKey(crypto);
  const passphrase = "correct horse battery";
  const source = () => ({ kind: "recovery", path: file }) as const;
  const withPassphrase = async (text: string) => {
    const passphraseFile = path.join(folder, "passphrase");
    await writeFile(passphraseFile, text, { mode: 0o600 });
    return { passphraseFile };
  };
  const keyring = openKeyring(key, crypto);
  const made = createRecovery({ passphrase, hospitalId: "city-hospital" }, (kek) =>
    keyring.wrapUnder(kek),
  );
  const write = async (): Promise<string> => {
    const text = await made;
    await mkdir(path.dirname(file));
    await writeFile(file, text, { mode: 0o600 });
    return text;
  };

  it("opens the installation key by its passphrase, whatever rows there are", async () => {
    await write();
    const kek = await loadKek(source(), await withPassphrase(`${passphrase}\n`));
    expect(openInstallationKey([], kek, crypto)).toEqual(key);
    const other = openKeyring(createInstallationKey(crypto), crypto);
    const strange = other.wrapUnder({ bytes: crypto.randomBytes(32) });
    expect(openInstallationKey([strange], kek, crypto)).toEqual(key);
  });

  it("shows the key in no form", async () => {
    const text = await write();
    for (const encoding of ["hex", "base64", "base64url"] as const) {
      expect(text).not.toContain(Buffer.from(key.bytes).toString(encoding));
    }
  });

  it("opens nothing by another passphrase", async () => {
    await write();
    const kek = await loadKek(source(), await withPassphrase("correct horse batterz"));
    expect(() => openInstallationKey([], kek, crypto)).toThrow(
      expect.objectContaining({ code: "KEK_WRONG" }),
    );
  });

  it("is not made with a passphrase of fewer than 15 characters", async () => {
    const short = createRecovery({ passphrase: "too short", hospitalId: "city-hospital" }, (kek) =>
      keyring.wrapUnder(kek),
    );
    await expect(short).rejects.toMatchObject({ code: "KEK_MALFORMED" });
  });

  it.each([
    ["cut short", (text: string) => text.slice(0, 100)],
    ["of another version", (text: string) => text.replace("recovery 1", "recovery 2")],
    ["with a line more", (text: string) => `${text}hospital other\n`],
  ])("is refused when it is %s", async (_what, change) => {
    const text = await write();
    await writeFile(file, change(text));
    await expect(loadKek(source(), await withPassphrase(passphrase))).rejects.toMatchObject({
      code: "KEK_MALFORMED",
    });
  });

  it("is refused when others can read it (SR-36)", async () => {
    await write();
    await chmod(file, 0o644);
    await expect(loadKek(source(), await withPassphrase(passphrase))).rejects.toMatchObject({
      code: "KEK_FILE_MODE",
    });
  });
});

describe.each(["passphrase", "recovery"] as const)("a key of the kind %s [HS-312a2iv]", (kind) => {
  const passphrase = "correct horse battery";
  let passphraseFile: string;

  /** A source that loads, in folders that lie beside each other. */
  beforeEach(async () => {
    await mkdir(path.join(folder, "words"));
    passphraseFile = path.join(folder, "words", "passphrase");
    await writeFile(passphraseFile, passphrase, { mode: 0o600 });
    if (kind === "passphrase") {
      await createKek({ kind, path: file });
      return;
    }
    const crypto = createNodeCrypto();
    const keyring = openKeyring(createInstallationKey(crypto), crypto);
    const text = await createRecovery({ passphrase, hospitalId: "city-hospital" }, (kek) =>
      keyring.wrapUnder(kek),
    );
    await mkdir(path.dirname(file));
    await writeFile(file, text, { mode: 0o600 });
  });

  const load = (options: KekOptions = {}) =>
    loadKek({ kind, path: file }, { passphraseFile, ...options });

  it("loads where neither of its files lies with the data", async () => {
    await mkdir(path.join(folder, "backups"));
    await expect(load({ dataFolders: [path.join(folder, "backups")] })).resolves.toBeDefined();
  });

  it.each(["secrets", "words"])("is refused where %s is in the backup's folder", async (name) => {
    const dataFolders = [path.join(folder, name)];
    await expect(load({ dataFolders })).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
    await expect(load({ dataFolders, unsafeKekWithData: true })).resolves.toBeDefined();
  });

  it.each(["secrets", "words"])("is refused where %s is the database's folder", async (name) => {
    await writeFile(path.join(folder, name, "PG_VERSION"), "");
    await expect(load()).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
    await expect(load({ unsafeKekWithData: true })).resolves.toBeDefined();
  });

  it("is refused where the passphrase's file is a link into the backup's folder", async () => {
    const link = path.join(folder, "link");
    await symlink(passphraseFile, link);
    const dataFolders = [path.join(folder, "words")];
    const linked = load({ dataFolders, passphraseFile: link });
    await expect(linked).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
  });
});

describe("parameters of a passphrase [HS-312a2iv]", () => {
  it("are not made where the passphrase lies with the data", async () => {
    await mkdir(path.join(folder, "words"));
    const passphraseFile = path.join(folder, "words", "passphrase");
    await writeFile(passphraseFile, "correct horse battery", { mode: 0o600 });
    const options = { passphraseFile, dataFolders: [path.join(folder, "words")] };
    const made = createKek({ kind: "passphrase", path: file }, options);
    await expect(made).rejects.toMatchObject({ code: "KEK_WITH_DATA" });
    expect(existsSync(file)).toBe(false);
  });
});

describe("parseKekSource", () => {
  it.each(["", "file:", "/etc/kek", "vault:abc", "command:", "command: ", ":x"])(
    "refuses %j",
    (text) => {
      expect(() => parseKekSource(text)).toThrow("must be file:PATH");
    },
  );

  it.each(["file:/etc/kek", "passphrase:kek", "recovery:/mnt/usb/file", "command:/bin/unwrap a b"])(
    "takes %j, which is said in the same words",
    (text) => {
      expect(kekSourceText(parseKekSource(text))).toBe(text);
    },
  );
});
