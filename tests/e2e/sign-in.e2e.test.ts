import { stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { Installation, siphms } from "../system/installation.ts";

describe("a new installation", () => {
  let installation: Installation;
  /** Commands without the tests' own log-in. */
  const run = (...args: string[]) => siphms([...args, "--data", installation.data]);

  beforeAll(async () => {
    installation = await Installation.start();
  });
  afterAll(() => installation.remove());

  it("has nobody, and says how the first administrator gets in (SR-14)", async () => {
    await vi.waitFor(() => expect(installation.output).toContain("Nobody has an account yet."), {
      timeout: 10_000,
    });
    expect(installation.output).toContain('staff add "YOUR NAME" --role administrator');
    const { stdout } = await run("staff", "add", "Ada Admin", "--role", "administrator", "--json");
    const { link } = JSON.parse(stdout) as { link: string };
    const address = new URL(link);
    const answer = await fetch(new URL("/api/set-up", address), {
      method: "POST",
      headers: { "content-type": "application/json", origin: address.origin },
      body: JSON.stringify({ token: address.hash.slice(1) }),
    });
    expect(await answer.json()).toMatchObject({ name: "Ada Admin", role: "administrator" });
  });

  it("shows nothing of a patient to who has not logged in, and all to a machine with its key [HS-312a1]", async () => {
    const shut = await run("patient", "list");
    expect([shut.status, shut.stdout]).toEqual([1, ""]);
    expect(shut.stderr).toContain("siphms login --key FILE");
    const key = join(installation.data, "..", "import.key");
    expect(
      (await run("staff", "add", "Import", "--role", "integration", "--key", key)).status,
    ).toBe(0);
    expect((await stat(key)).mode & 0o777).toBe(0o600);
    expect((await run("login", "--key", key)).status).toBe(0);
    expect((await run("patient", "list", "--purpose", "payment")).status).toBe(0);
    await run("staff", "disable", "Import");
    expect((await run("patient", "list")).status).toBe(1);
    expect((await run("login", "--key", key)).stderr).toContain("disabled");
    expect((await run("logout")).status).toBe(0);
  });

  it("asks no person for a password where there is no terminal", async () => {
    const { status, stderr } = await run("login");
    expect(status).toBe(1);
    expect(stderr).toContain("siphms login --key FILE");
  });
});
