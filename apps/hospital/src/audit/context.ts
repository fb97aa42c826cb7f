import { AsyncLocalStorage } from "node:async_hooks";
import { randomBytes } from "node:crypto";
import { AUDIT_BYTES } from "@siphms/audit";
import type { Bytes } from "@siphms/cose";

/** Who made a request, as far as it is known by now. */
export interface Caller {
  /** As entries name them. */
  readonly actor: string;
  readonly role: string;
  /** What names the session in the database. */
  readonly sessionHash: Uint8Array;
}

/** What the entries of one request have in common. */
export interface RequestContext {
  /** The same for everything that belongs to the request. */
  readonly correlation: Bytes;
  caller: { readonly actor: string; readonly role: string; readonly session: Bytes } | undefined;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** A request in which nobody is known yet. */
export function createRequestContext(): RequestContext {
  return {
    correlation: new Uint8Array(randomBytes(AUDIT_BYTES.correlation)),
    caller: undefined,
  };
}

/** Runs what belongs to a request, so that its entries say so. */
export function runInContext(context: RequestContext, work: () => void): void {
  storage.run(context, work);
}

/** The request that is being served; `undefined` in what runs by itself. */
export function currentContext(): RequestContext | undefined {
  return storage.getStore();
}

/** To be told by a guard who made the request, before anything is noted of it. */
export function setCaller(caller: Caller): void {
  const context = storage.getStore();
  if (context === undefined) return;
  const { actor, role, sessionHash } = caller;
  context.caller = { actor, role, session: sessionHash.slice(0, AUDIT_BYTES.session) };
}
