import { Server as TlsServer, createSecureContext, type SecureContext } from "node:tls";
import { TLS_RULES } from "@siphms/server-kit";

/** Files for a listener with TLS. */
export interface TlsFiles {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** A certificate that can be renewed while its listener runs. */
export interface RenewableTls {
  /** For the listener. */
  readonly options: TlsFiles &
    typeof TLS_RULES & {
      readonly SNICallback: (
        name: string,
        done: (error: Error | null, context?: SecureContext) => void,
      ) => void;
    };
  /** Shows another certificate from the next connection on. @throws where the files cannot be served: then the one before stays. */
  renew(listener: unknown, files: TlsFiles): void;
}

/** Begins with the certificate that the start has read. */
export function createRenewableTls(first: TlsFiles): RenewableTls {
  let context = contextOf(first);
  return {
    options: {
      ...first,
      ...TLS_RULES,
      // On localhost there is a second listener, on the other loopback address, which is Fastify's own: it asks here.
      SNICallback: (_name, done) => {
        done(null, context);
      },
    },
    renew(listener, files) {
      context = contextOf(files);
      // For whoever says no name.
      if (listener instanceof TlsServer) listener.setSecureContext({ ...files, ...TLS_RULES });
    },
  };
}

function contextOf(files: TlsFiles): SecureContext {
  return createSecureContext({ ...files, ...TLS_RULES });
}
