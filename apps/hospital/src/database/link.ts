import { readFileSync } from "node:fs";
import { isIP } from "node:net";
import { TLS_RULES } from "@siphms/server-kit";
import type pg from "pg";
import { DatabaseError } from "./error.ts";

/**
 * How a database is reached: on this machine, by TLS with its certificate checked, or in clear over a network, which an
 * address asks for by `sslmode=disable`.
 */
export type DatabaseLink = "local" | "tls" | "unsafe-plain";

/** What the driver reads from an address about TLS, and makes weaker by it than what is set here. */
const TLS_PARAMETERS = ["ssl", "sslmode", "sslrootcert", "sslcert", "sslkey", "uselibpqcompat"];

/** Tells how a database of this address is reached. */
export function databaseLink(address: string): DatabaseLink {
  const url = new URL(address);
  if (isLocal(hostOf(url))) return "local";
  return url.searchParams.get("sslmode") === "disable" ? "unsafe-plain" : "tls";
}

/**
 * What the driver is given for an address. Beyond this machine that is TLS of our rules (SR-40), and a server whose
 * certificate is good for its name: `sslmode=require` would take anybody's.
 *
 * `sslrootcert` in the address names the authority's file, where it is not one of the system's; `sslcert` and `sslkey` what
 * the hospital shows of itself.
 *
 * @throws {DatabaseError} `DATABASE_UNREACHABLE` where such a file cannot be read.
 */
export function connectionOptions(address: string): pg.ClientConfig {
  if (databaseLink(address) !== "tls") return { connectionString: address };
  const url = new URL(address);
  const file = (name: string): string | undefined => url.searchParams.get(name) ?? undefined;
  const [ca, cert, key] = [file("sslrootcert"), file("sslcert"), file("sslkey")];
  for (const parameter of TLS_PARAMETERS) url.searchParams.delete(parameter);
  const { minVersion, maxVersion, ciphers } = TLS_RULES;
  const ssl = {
    ...{ minVersion, maxVersion, ciphers, rejectUnauthorized: true, host: hostOf(url) },
    ...(ca === undefined ? {} : { ca: readTlsFile(ca) }),
    ...(cert === undefined ? {} : { cert: readTlsFile(cert) }),
    ...(key === undefined ? {} : { key: readTlsFile(key) }),
  };
  return { connectionString: url.href, ssl };
}

/** Says why a database cannot be used, in words that name neither its address nor a password. */
export function unreachable(cause: unknown): DatabaseError {
  return new DatabaseError(
    "DATABASE_UNREACHABLE",
    `the database does not answer; ${remedy(cause)}`,
    {
      cause,
    },
  );
}

function remedy(cause: unknown): string {
  const { message = "", code = "" } =
    cause instanceof Error ? { code: codeOf(cause), message: cause.message } : {};
  if (/CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code)) {
    return "its certificate is not good: name its authority's file by sslrootcert= in the address, and the host as the certificate does";
  }
  if (message.includes("does not support SSL")) {
    return "it speaks no TLS: turn it on there (ssl = on), or reach it on this machine";
  }
  return "check that PostgreSQL runs and that the address, user and password are right";
}

function codeOf(error: Error): string {
  return "code" in error && typeof error.code === "string" ? error.code : "";
}

function hostOf(url: URL): string {
  return url.searchParams.get("host") ?? url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** A socket's folder, or this machine by one of its own names. */
function isLocal(host: string): boolean {
  if (host === "" || host === "localhost" || host.startsWith("/")) return true;
  return isIP(host) === 4 ? host.startsWith("127.") : host === "::1";
}

function readTlsFile(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new DatabaseError(
      "DATABASE_UNREACHABLE",
      `${file}, which the database's address names, cannot be read; check the path and its permissions`,
      { cause },
    );
  }
}
