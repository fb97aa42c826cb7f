import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createSecureContext } from "node:tls";
import { ServerKitError } from "@siphms/server-kit";
import { readStaticFiles, type StaticFiles, type TlsFiles } from "./http/index.ts";
import { isPrivateFile } from "./keys/index.ts";
import { ENROL_PAGE_FOLDER } from "./pages/index.ts";
import { HOSPITAL_SETTINGS, type HospitalSettings } from "./settings.ts";

/** Where certificate and key lie. */
export type TlsSettings = Pick<HospitalSettings, "tlsCertificate" | "tlsKey">;

/** What the listeners take from the disk at the start; the certificate is looked at anew later. */
export interface ServedFiles {
  readonly tls: TlsFiles | undefined;
  /** The built console; empty where only the API is served. */
  readonly console: StaticFiles;
  readonly app: StaticFiles;
}

/** Reads all that the settings name. @throws {ServerKitError} `SETTING_INVALID` where something cannot be served. */
export async function readServedFiles(settings: HospitalSettings): Promise<ServedFiles> {
  const { consoleFolder, appFolder } = settings;
  return {
    tls: await readTlsFiles(settings),
    console:
      consoleFolder === undefined
        ? new Map()
        : await readFolder(consoleFolder, HOSPITAL_SETTINGS.consoleFolder.variable),
    app: await readFolder(appFolder ?? ENROL_PAGE_FOLDER, HOSPITAL_SETTINGS.appFolder.variable),
  };
}

/** Reads the certificate and its key, where the settings name them. @throws {ServerKitError} `SETTING_INVALID` */
export async function readTlsFiles(settings: TlsSettings): Promise<TlsFiles | undefined> {
  const { tlsCertificate, tlsKey } = settings;
  if (tlsCertificate === undefined || tlsKey === undefined) return undefined;
  if (existsSync(tlsKey) && !(await isPrivateFile(tlsKey))) {
    throw new ServerKitError(
      "SETTING_INVALID",
      `Other users can read ${tlsKey}, the key of the certificate. Run: chmod 600 ${tlsKey}`,
    );
  }
  try {
    const files = { cert: await readFile(tlsCertificate), key: await readFile(tlsKey) };
    // Says now what the listener would say later: no PEM, or a key that is not the certificate's.
    createSecureContext(files);
    return files;
  } catch (cause) {
    throw new ServerKitError(
      "SETTING_INVALID",
      "SIPHMS_HOSPITAL_TLS_CERTIFICATE and SIPHMS_HOSPITAL_TLS_KEY cannot be used. Check paths and permissions, that both are PEM files, and that the key is the certificate's.",
      { cause },
    );
  }
}

async function readFolder(folder: string, variable: string): Promise<StaticFiles> {
  try {
    return await readStaticFiles(folder);
  } catch (cause) {
    throw new ServerKitError(
      "SETTING_INVALID",
      `The folder ${folder} cannot be served. Check ${variable}: it names a folder with a built web application, or is left out.`,
      { cause },
    );
  }
}
