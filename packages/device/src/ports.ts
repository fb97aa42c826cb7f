import type { Bytes, Crypto } from "@siphms/cose";

/** Time as the engine sees it: two clocks and a way to wait, so that tests can turn all three by hand. */
export interface Clock {
  /** The wall clock in ms since 1970-01-01 UTC; it may be wrong and may jump. */
  now(): number;
  /** A clock in ms that never goes back; only differences mean anything. */
  monotonic(): number;
  /**
   * Waits `ms` milliseconds. Resolves (never rejects) as soon as `signal` aborts: the caller looks
   * at its signal afterwards.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** One request to the gateway. */
export interface HttpRequest {
  readonly method: "GET" | "POST";
  /** Absolute URL. Redirects are not followed, cookies neither sent nor kept. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Bytes;
  /** After this the adapter gives up with `NETWORK_TIMEOUT`. */
  readonly timeoutMs: number;
  /** Abort: the adapter ends the request and throws `ABORTED`. */
  readonly signal?: AbortSignal;
  /**
   * Label of a session (or of its handshake). Requests under different labels must not share a TCP or TLS connection
   * where the platform lets one choose: a shared one would join two sessions of one device (protocol section 5).
   */
  readonly connection: string;
}

/** A whole answer, whatever its status. Header names in lower case. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Bytes;
}

/**
 * Does one HTTP request.
 *
 * Any answer resolves, a 500 as well. No answer throws a {@link DeviceError}: `NETWORK_UNREACHABLE`,
 * `NETWORK_TIMEOUT` (nothing complete within `timeoutMs`) or `ABORTED`. Anything else that it throws ends the
 * engine's run as a fault of the adapter.
 */
export type Http = (request: HttpRequest) => Promise<HttpResponse>;

/** One change inside an atomic batch. */
export type StoreOperation =
  | { readonly kind: "put"; readonly name: string; readonly bytes: Bytes }
  | { readonly kind: "delete"; readonly name: string };

/**
 * Named byte strings that survive a power cut. A resolved promise means durable; a rejected one means that the
 * change may or may not have happened, never half of it.
 *
 * Names are 1 to 128 characters of `[a-z0-9/-]`. What is stored is already encrypted by the engine. One engine at a
 * time opens a store: the caller holds a lock (a lock file, the Web Locks API).
 */
export interface DurableStore {
  /** The bytes under this name, `undefined` where there are none. */
  get(name: string): Promise<Bytes | undefined>;
  /** Writes or replaces. */
  put(name: string, bytes: Bytes): Promise<void>;
  /** Removes; a name that is not there is no error. */
  delete(name: string): Promise<void>;
  /** All names that begin with `prefix`, in ascending order of their characters. */
  list(prefix: string): Promise<readonly string[]>;
  /** All of these changes in this order, or none. An empty batch does nothing. */
  batch(operations: readonly StoreOperation[]): Promise<void>;
}

/** All that the engine needs from the platform. */
export interface DevicePorts {
  readonly clock: Clock;
  readonly http: Http;
  readonly store: DurableStore;
  readonly crypto: Crypto;
}
