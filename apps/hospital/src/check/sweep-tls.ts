import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { HOSPITAL_SETTINGS, type HospitalSettings } from "../settings.ts";
import type { AroundPorts } from "./around.ts";
import { createSweep, type Sweep } from "./sweep.ts";

const DAY_MS = 86_400_000;
/** So long before its end a certificate should have been renewed. */
const RENEW_DAYS = 21;
const RENEWAL_REFUSED =
  "cannot be served as it lies on the disk, with its key: the one before is served on, and the next start will fail";

/**
 * Looks at the certificate that browsers are shown: its end, and the names that it is good for; and whether a renewed one could
 * not take its place. The versions and ciphers are fixed, so there is nothing to look at.
 */
export function sweepTls(
  ports: Pick<AroundPorts, "certificate" | "clock" | "settings" | "surroundings">,
): Sweep {
  const { settings, surroundings, certificate, clock } = ports;
  const sweep = createSweep("tls");
  const { tlsCertificate, tlsKey, behindProxy } = settings;
  const origins = [surroundings.consoleOrigin, surroundings.appOrigin];
  if (tlsCertificate !== undefined && tlsKey !== undefined) {
    if (certificate?.isRenewalRefused === true) sweep.find(tlsCertificate, RENEWAL_REFUSED);
    const file = { path: tlsCertificate, shown: certificate?.shown };
    for (const [subject, detail] of faultsOf(file, origins, clock.now())) {
      sweep.find(subject, detail);
    }
  } else if (behindProxy) {
    sweep.note(
      "proxy",
      "a reverse proxy ends TLS: look there that it takes TLS 1.2 and 1.3 alone, and when its certificate ends",
    );
  }
  return sweep.done(origins.length);
}

/** Reports each setting that says of itself that it is unsafe, and is in use. */
export function sweepUnsafeSettings({ settings }: AroundPorts): Sweep {
  const sweep = createSweep("unsafe-settings");
  const names = (Object.keys(HOSPITAL_SETTINGS) as (keyof HospitalSettings)[]).filter((name) =>
    name.startsWith("unsafe"),
  );
  for (const name of names) {
    if (settings[name] !== true) continue;
    const { variable } = HOSPITAL_SETTINGS[name];
    sweep.find(variable, "is set: siphms config says what that gives away");
  }
  return sweep.done(names.length);
}

function faultsOf(
  { path: file, shown }: { readonly path: string; readonly shown: Buffer | undefined },
  origins: readonly string[],
  now: number,
): readonly (readonly [string, string])[] {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(shown ?? readFileSync(file));
  } catch {
    return [[file, "cannot be read any more: the next start will fail"]];
  }
  const faults: [string, string][] = [];
  const end = Date.parse(certificate.validTo);
  const day = new Date(end).toISOString().slice(0, 10);
  if (end <= now) faults.push([file, `the certificate has ended on ${day}; renew it`]);
  else if (end - now < RENEW_DAYS * DAY_MS) {
    faults.push([file, `the certificate ends on ${day}; renew it`]);
  }
  for (const origin of origins) {
    const { hostname } = new URL(origin);
    if (!isGoodFor(certificate, hostname.replace(/^\[(.*)\]$/, "$1"))) {
      faults.push([origin, "the certificate is not good for this name"]);
    }
  }
  return faults;
}

function isGoodFor(certificate: X509Certificate, host: string): boolean {
  const good = isIP(host) === 0 ? certificate.checkHost(host) : certificate.checkIP(host);
  return good !== undefined;
}
