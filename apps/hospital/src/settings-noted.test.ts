import { createVerifierKey, encodeVerifierKey } from "@siphms/tlog";
import { describe, expect, it } from "vitest";
import { HOSPITAL_SETTINGS, loadHospitalSettings, type HospitalSettings } from "./settings.ts";
import { noteSettings } from "./settings-noted.ts";

const key = (name: string): string =>
  encodeVerifierKey(createVerifierKey("cosignature", name, new Uint8Array(32)));
const WITNESS = `https://gateway.example/witness ${key("gateway.example")}`;

/** Two values of every setting that is no secret. */
const VALUES = {
  settingsFile: ["", "/dev/null"],
  unsafeDatabaseWithoutTls: ["no", "yes"],
  dataFolder: [".siphms", "/srv/siphms"],
  kek: ["file:/etc/kek", "file:/etc/other"],
  kekPassphraseFile: ["/etc/one", "/etc/other"],
  backupFolder: ["", "/backups"],
  backupHours: ["24", "48"],
  backupsKept: ["14", "2"],
  unsafeKekWithData: ["no", "yes"],
  hospitalId: ["city", "other"],
  hospitalName: ["City", "Other"],
  gateways: ["https://one.example", "https://one.example,https://other.example"],
  host: ["localhost", "0.0.0.0"],
  consolePort: ["8090", "9090"],
  appPort: ["8091", "9091"],
  consoleOrigin: ["", "https://console.example"],
  appOrigin: ["", "https://app.example"],
  tlsCertificate: ["", "/etc/cert.pem"],
  tlsKey: ["", "/etc/key.pem"],
  behindProxy: ["no", "yes"],
  trustedProxies: ["192.0.2.7", "192.0.2.7,192.0.2.8"],
  consoleFolder: ["", "/srv/console"],
  appFolder: ["", "/srv/app"],
  demo: ["no", "yes"],
  timeZone: ["Europe/Berlin", "Asia/Riyadh"],
  smtpServer: ["smtps://one@mail.example:465", "smtps://two@mail.example:465"],
  smtpPasswordFile: ["", "/etc/smtp"],
  smtpFrom: ["", "siphms@hospital.example"],
  unsafeSmtpWithoutTls: ["no", "yes"],
  webhookSecretFile: ["", "/etc/hook"],
  witnesses: ["", WITNESS],
  passEnvelopesPerMinute: ["600", "60"],
  poolThreads: ["4", "8"],
  logLevel: ["info", "debug"],
} as const satisfies Partial<Record<keyof HospitalSettings, readonly [string, string]>>;

/** Two values of every secret, and of settings with one in them. */
const SECRETS = [
  ["databaseUrl", "postgres://service:pw@localhost/siphms", "postgres://service:other@localhost/x"],
  ["databaseAdminUrl", "", "postgres://owner:secret@localhost/siphms"],
  ["drillUrl", "", "postgres://owner:secret@localhost/drill"],
  ["webhookUrl", "", "https://hook.example/token-token"],
  ["kek", "command:/opt/kms --token one", "command:/opt/kms --token other"],
] as const satisfies readonly (readonly [keyof HospitalSettings, string, string])[];

const base = {
  DATABASE_URL: "postgres://service:pw@localhost/siphms",
  SIPHMS_HOSPITAL_TIME_ZONE: "UTC",
};
const noted = (more: Record<string, string> = {}) =>
  noteSettings(loadHospitalSettings({ ...base, ...more }), "1.2.3");
const hash = (name: keyof HospitalSettings, value: string) =>
  noted({ [HOSPITAL_SETTINGS[name].variable]: value })["settings"];

describe("what the audit log says of the settings at each start [HS-312b] (SR-60)", () => {
  it("is the release, the witnesses, the unsafe settings that are on, and a hash of the rest", () => {
    const more = {
      SIPHMS_HOSPITAL_WITNESSES: `${WITNESS},https://b.example/witness ${key("b.example")}`,
      SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA: "yes",
    };
    expect(noted(more)).toEqual({
      version: "1.2.3",
      witnesses: "gateway.example, b.example",
      unsafe: "SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA",
      settings: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
    });
    expect(noted()).toMatchObject({ witnesses: "", unsafe: "" });
  });

  it("is the same for the same settings, however they are written", () => {
    const [one, other] = [
      { SIPHMS_DEMO: "1", SIPHMS_HOSPITAL_PORT: "8090", SIPHMS_CONSOLE_DIR: "" },
      { SIPHMS_HOSPITAL_PORT: "08090", SIPHMS_DEMO: "yes" },
    ].map((more) => noted(more));
    expect(one).toEqual(other);
  });

  it("knows every setting there is", () => {
    const known = [...Object.keys(VALUES), ...SECRETS.map(([name]) => name)];
    expect([...new Set(known)].sort()).toEqual(Object.keys(HOSPITAL_SETTINGS).sort());
    const secret = Object.entries(HOSPITAL_SETTINGS).filter(([, one]) => one.secret);
    expect(SECRETS.map(([name]) => name)).toEqual(
      expect.arrayContaining(secret.map(([name]) => name)),
    );
  });

  it.each(Object.entries(VALUES))("is another one when %s is", (name, [one, other]) => {
    const setting = name as keyof typeof VALUES;
    expect(hash(setting, one)).not.toBe(hash(setting, other));
  });

  it("is another one when a witness of the same name has another address", () => {
    const elsewhere = WITNESS.replace("/witness", "/elsewhere");
    expect(hash("witnesses", WITNESS)).not.toBe(hash("witnesses", elsewhere));
  });

  it.each(SECRETS)("holds nothing of a secret that could be guessed: %s", (name, one, other) => {
    const [first, second] = [one, other].map((value) =>
      noted({ [HOSPITAL_SETTINGS[name].variable]: value }),
    );
    expect(first).toEqual(second);
  });
});
