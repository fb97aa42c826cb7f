import { toHex } from "@siphms/cose";
import type { ProvenSample, VerifiedEvidence } from "@siphms/evidence";
import type { Language } from "./texts.ts";

/** A time as the page shows it: the reader's zone, to the second, with the zone named. */
export function formatInstant(at: number, language: Language): string {
  const locale = language === "ar" ? "ar-u-nu-latn" : navigator.language;
  return new Intl.DateTimeFormat(locale, {
    ...{ year: "numeric", month: "short", day: "numeric" },
    ...{ hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short" },
  }).format(at);
}

/** A value with its unit: `72 /min`, `122/78 (93) mmHg`. */
export function formatSample({ value, unit }: Pick<ProvenSample, "unit" | "value">): string {
  if (typeof value === "number") return `${String(value)} ${unit}`;
  const [systolic, diastolic, mean] = value.map((part) => (part === null ? "–" : String(part)));
  const pair = `${systolic ?? "–"}/${diastolic ?? "–"}`;
  return mean === "–" ? `${pair} ${unit}` : `${pair} (${mean ?? "–"}) ${unit}`;
}

/** A key's thumbprint as people compare it: hexadecimal in groups of four. */
export function formatThumbprint(thumbprint: Uint8Array): string {
  return (toHex(thumbprint).match(/.{1,4}/g) ?? []).join(" ");
}

/**
 * What a typed fingerprint comes to: spaces, colons and capitals make no difference; empty is nothing typed.
 *
 * Only the statement's key counts: a forger can put a true one beside it, and sign for it.
 */
export function compareThumbprint(
  typed: string,
  { statementKey }: { readonly statementKey: Pick<VerifiedEvidence["statementKey"], "thumbprint"> },
): "different" | "none" | "same" {
  const hex = typed.toLowerCase().replaceAll(/[\s:.-]/g, "");
  if (hex === "") return "none";
  return toHex(statementKey.thumbprint) === hex ? "same" : "different";
}
