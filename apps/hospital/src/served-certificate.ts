import { errorFields, type Lifecycle, type Logger } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import type { TlsFiles } from "./http/index.ts";
import { readTlsFiles, type TlsSettings } from "./served-files.ts";

/** The certificate that browsers see, and whether a renewed one could take its place. */
export interface ServedCertificate {
  /** As PEM; `undefined` where a proxy ends TLS, or nobody does. */
  readonly shown: Buffer | undefined;
  /** Whether what lies on the disk was another one that cannot be served, when it was last looked. */
  readonly isRenewalRefused: boolean;
}

/** Takes up a certificate that was renewed on the disk. */
export interface CertificateWatch extends ServedCertificate {
  look(): Promise<void>;
  /** Looks every five minutes from now on, for these listeners. */
  start(listeners: readonly FastifyInstance[], lifecycle: Pick<Lifecycle, "onStop">): void;
}

const LOOK_EVERY_MS = 5 * 60_000;

/**
 * Creates the watch over the certificate that the start has read. Certificate and key are often written one after the other: a
 * pair that does not fit leaves the one before in its place, and is looked at again.
 */
export function createCertificateWatch({
  settings,
  log,
  ...at
}: {
  readonly settings: TlsSettings;
  readonly log: Logger;
  readonly start: TlsFiles | undefined;
}): CertificateWatch {
  let shown = at.start;
  let isRenewalRefused = false;
  let served: readonly FastifyInstance[] = [];

  const renew = async (): Promise<void> => {
    const files = await readTlsFiles(settings);
    if (files === undefined || (shown !== undefined && isSame(files, shown))) return;
    for (const listener of served) listener.renewTls(files);
    shown = files;
    log.info("the renewed certificate is served");
  };
  const look = async (): Promise<void> => {
    try {
      await renew();
      isRenewalRefused = false;
    } catch (error) {
      if (!isRenewalRefused) {
        const what = "the certificate on the disk cannot be served; the one before is served on";
        log.error(what, errorFields(error));
      }
      isRenewalRefused = true;
    }
  };
  return {
    get shown() {
      return shown?.cert;
    },
    get isRenewalRefused() {
      return isRenewalRefused;
    },
    look,
    start(listeners, lifecycle) {
      if (shown === undefined) return;
      served = listeners;
      const timer = setInterval(() => void look(), LOOK_EVERY_MS);
      lifecycle.onStop({
        name: "certificate",
        stop: () => {
          clearInterval(timer);
        },
      });
    },
  };
}

function isSame(one: TlsFiles, other: TlsFiles): boolean {
  return one.cert.equals(other.cert) && one.key.equals(other.key);
}
