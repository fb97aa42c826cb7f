import { createHash } from "node:crypto";
import type { AuditEntry } from "./database/index.ts";
import { HOSPITAL_SETTINGS, type HospitalSettings } from "./settings.ts";

type Name = keyof HospitalSettings;

const NAMES = Object.keys(HOSPITAL_SETTINGS) as readonly Name[];

/**
 * Says for the audit log how a hospital is run: release, witnesses, and unsafe settings by their names, and of all the others
 * one hash, so that a change shows from one start to the next.
 *
 * No secret goes into the hash: who guesses a weak one could try it there.
 */
export function noteSettings(
  settings: HospitalSettings,
  version: string,
): NonNullable<AuditEntry["detail"]> {
  const unsafe = NAMES.filter((name) => name.startsWith("unsafe") && settings[name] === true);
  return {
    version,
    witnesses: settings.witnesses.map(({ name }) => name).join(", "),
    unsafe: unsafe.map((name) => HOSPITAL_SETTINGS[name].variable).join(", "),
    settings: hashSettings(settings),
  };
}

/** SHA-256 over the settings that are no secrets, in hex: pairs of variable and value as JSON, in the order of the variables. */
function hashSettings(settings: HospitalSettings): string {
  const pairs = NAMES.filter((name) => !HOSPITAL_SETTINGS[name].secret)
    .map((name) => [HOSPITAL_SETTINGS[name].variable, plain(openValue(settings, name))] as const)
    .filter(([, value]) => value !== undefined)
    .sort(([one], [other]) => (one < other ? -1 : 1));
  return createHash("sha256").update(JSON.stringify(pairs)).digest("hex");
}

/** A setting's value without what could be a secret in it, or is only worked out from the rest. */
function openValue(settings: HospitalSettings, name: Name): unknown {
  // Its arguments may hold a KMS's token.
  if (name === "kek" && settings.kek?.kind === "command") return settings.kek.kind;
  if (name === "witnesses") return settings.witnesses.map(({ url, key }) => [url, key]);
  return settings[name];
}

/** A value in one form alone, whatever the order in which it was put together. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  // Whatever else is an object says nothing of itself in JSON, and a change of it would not be seen.
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    throw new TypeError("a setting's value has no plain form");
  }
  const members = Object.entries(value).map(([key, one]) => [key, plain(one)] as const);
  return members.sort(([one], [other]) => (one < other ? -1 : 1));
}
