import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { explainSettings } from "@siphms/server-kit";
import { describe, expect, it } from "vitest";
import { HOSPITAL_SETTINGS, loadHospitalSettings } from "./settings.ts";
import { surroundingsOf } from "./surroundings.ts";

const least = { DATABASE_URL: "postgres://service:pw@localhost/siphms" };
const load = (more: Record<string, string> = {}) => loadHospitalSettings({ ...least, ...more });

describe("the hospital's settings", () => {
  it("need a database's address and nothing else", () => {
    const settings = load();
    expect(settings.demo).toBe(false);
    expect(surroundingsOf(settings)).toMatchObject({
      consoleOrigin: "http://localhost:8090",
      appOrigin: "http://localhost:8091",
      kek: { kind: "file", path: ".siphms/secrets/kek" },
    });
  });

  it("say what to do without a database's address", () => {
    expect(() => loadHospitalSettings({})).toThrow(/DATABASE_URL is not set.*PostgreSQL/);
  });

  it.each<[string, Record<string, string>]>([
    ["a mistyped name", { SIPHMS_HOSPITAL_PROT: "1" }],
    ["an id in capitals", { HOSPITAL_ID: "City" }],
    ["a name with a line break", { SIPHMS_HOSPITAL_NAME: "City\nHospital" }],
    ["a gateway with a path", { SIPHMS_HOSPITAL_GATEWAYS: "https://gateway.example/v1" }],
    ["a gateway by plain http [HS-312e1]", { SIPHMS_HOSPITAL_GATEWAYS: "http://gateway.example" }],
    [
      "a second gateway by plain http [HS-312e1]",
      { SIPHMS_HOSPITAL_GATEWAYS: "https://gateway.example,http://192.168.0.7:8080" },
    ],
    ["no gateway", { SIPHMS_HOSPITAL_GATEWAYS: "," }],
    ["a gateway of 129 characters", { SIPHMS_HOSPITAL_GATEWAYS: `https://${"a".repeat(121)}` }],
    ["a gateway of another scheme", { SIPHMS_HOSPITAL_GATEWAYS: "ws://127.0.0.1:8080" }],
    [
      "a patient app by plain http [HS-312e1]",
      { SIPHMS_HOSPITAL_APP_ORIGIN: "http://app.example" },
    ],
    [
      "a patient app at localhost's namesake [HS-312e1]",
      { SIPHMS_HOSPITAL_APP_ORIGIN: "http://localhost.example" },
    ],
    [
      "a console by plain http [HS-312e1]",
      { SIPHMS_HOSPITAL_CONSOLE_ORIGIN: "http://console.example" },
    ],
    [
      "a console by plain http at an address [HS-312e1]",
      { SIPHMS_HOSPITAL_CONSOLE_ORIGIN: "http://10.0.0.1:8090" },
    ],
    ["a console with a path", { SIPHMS_HOSPITAL_CONSOLE_ORIGIN: "https://console.example/" }],
    ["no thread", { UV_THREADPOOL_SIZE: "0" }],
    ["no port", { SIPHMS_HOSPITAL_PORT: "0" }],
    ["an origin without a scheme", { SIPHMS_HOSPITAL_APP_ORIGIN: "app.example" }],
    ["a demonstration that is neither yes nor no", { SIPHMS_DEMO: "perhaps" }],
    ["a key from nowhere", { SIPHMS_HOSPITAL_KEK: "vault:x" }],
    ["a time zone that there is not", { SIPHMS_HOSPITAL_TIME_ZONE: "Europe/Nowhere" }],
    ["a proxy by name", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "proxy.example" }],
    ["every proxy there is", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "0.0.0.0/0" }],
    ["every proxy of a large network", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "10.0.0.0/8" }],
    ["every proxy of IPv6", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "::/0" }],
    ["a proxy and nobody", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "10.0.0.1," }],
    ["a network without its size", { SIPHMS_HOSPITAL_TRUSTED_PROXIES: "10.0.0.0/" }],
  ])("refuse %s", (_what, more) => {
    expect(() => load(more)).toThrow(expect.objectContaining({ code: "SETTING_INVALID" }));
  });

  it("name no proxy whose word is taken, unless told", () => {
    expect(load().trustedProxies).toBeUndefined();
    const proxies = "192.0.2.7, 10.1.0.0/24,2001:db8::/64";
    expect(load({ SIPHMS_HOSPITAL_TRUSTED_PROXIES: proxies }).trustedProxies).toEqual([
      "192.0.2.7",
      "10.1.0.0/24",
      "2001:db8::/64",
    ]);
  });

  it.each(["http://localhost:1", "http://127.0.0.1:1", "http://[::1]:1", "https://name.example"])(
    "take %s as an origin and as a gateway",
    (origin) => {
      const more = {
        SIPHMS_HOSPITAL_CONSOLE_ORIGIN: origin,
        SIPHMS_HOSPITAL_APP_ORIGIN: "https://app.example",
        SIPHMS_HOSPITAL_GATEWAYS: `${origin}, https://second.example`,
      };
      expect(load(more).gateways).toEqual([origin, "https://second.example"]);
      expect(surroundingsOf(load(more))).toMatchObject({ consoleOrigin: origin });
    },
  );

  it("refuse the size of the thread pool in a file, where Node cannot see it", () => {
    const folder = mkdtempSync(path.join(tmpdir(), "settings-"));
    const file = path.join(folder, "hospital.env");
    writeFileSync(file, "UV_THREADPOOL_SIZE=8\n");
    try {
      expect(() => load({ SIPHMS_HOSPITAL_SETTINGS: file })).toThrow(/Set it in the environment/);
      expect(load({ UV_THREADPOOL_SIZE: "8" }).poolThreads).toBe(8);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each<[string, Record<string, string>]>([
    ["plain http beyond loopback", { SIPHMS_HOSPITAL_HOST: "0.0.0.0" }],
    [
      "a database elsewhere in clear (SR-40) [HS-312e1]",
      { DATABASE_URL: "postgres://service:pw@db.example/siphms?sslmode=disable" },
    ],
    [
      "its owner's address in clear (SR-40) [HS-312e1]",
      { DATABASE_ADMIN_URL: "postgres://owner:pw@db.example/siphms?sslmode=disable" },
    ],
    ["an address that is none", { DATABASE_URL: "siphms" }],
    ["one origin for console and app", { SIPHMS_HOSPITAL_APP_PORT: "8090" }],
    [
      "a certificate without its key beyond loopback",
      { SIPHMS_HOSPITAL_HOST: "0.0.0.0", SIPHMS_HOSPITAL_TLS_CERTIFICATE: "cert.pem" },
    ],
    [
      "a certificate without its key, also where plain http may be [HS-312e1]",
      { SIPHMS_HOSPITAL_TLS_CERTIFICATE: "cert.pem" },
    ],
    ["a key without its certificate", { SIPHMS_HOSPITAL_TLS_KEY: "key.pem" }],
    [
      "half of TLS behind a proxy",
      { SIPHMS_HOSPITAL_BEHIND_PROXY: "yes", SIPHMS_HOSPITAL_TLS_KEY: "key.pem" },
    ],
  ])("refuse %s", (_what, more) => {
    expect(() => surroundingsOf(load(more))).toThrow(
      expect.objectContaining({ code: "SETTING_INVALID" }),
    );
  });

  it("take a database elsewhere in clear where they say that it is unsafe", () => {
    const more = { DATABASE_URL: "postgres://service:pw@db.example/siphms?sslmode=disable" };
    const unsafe = { ...more, SIPHMS_HOSPITAL_UNSAFE_DATABASE_WITHOUT_TLS: "yes" };
    expect(() => surroundingsOf(load(unsafe))).not.toThrow();
  });

  it.each([
    ["postgres://service:hunter2@db.example/x?sslmode=disable"],
    ["postgres//service:hunter2@db.example/x"],
  ])("never repeat the database's password where its address is refused: %s", (address) => {
    expect(() => surroundingsOf(load({ DATABASE_URL: address }))).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") as string }),
    );
  });

  it("never repeat the database's password", () => {
    const secret = { DATABASE_URL: "postgres://service:hunter2@localhost/x", HOSPITAL_ID: "NO" };
    expect(() => loadHospitalSettings(secret)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining("hunter2") as string }),
    );
  });

  it("are each explained in a whole sentence", () => {
    for (const { variable, explanation } of explainSettings(HOSPITAL_SETTINGS)) {
      expect(`${variable}: ${explanation}`).toMatch(/^[A-Z_]+: [A-Z].{20,}\.$/s);
    }
  });
});
