import { parsePreferWait } from "@siphms/relay";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Pass, Passes } from "../domain/passes.ts";
import { refuse, type Refusal } from "../domain/refusal.ts";
import { addressKey } from "../domain/rates.ts";
import type { WaitOptions } from "../domain/waits.ts";
import { onceGone } from "./once-gone.ts";

/** Checks the pass of a request for the session that its address names. */
export function checkPass(
  request: FastifyRequest,
  sidText: string,
  passes: Passes,
): Promise<Pass | Refusal> {
  const token = bearerToken(request.headers.authorization);
  if (token === undefined) {
    return Promise.resolve(refuse("pass-invalid", { reason: "pass-malformed" }));
  }
  return passes.check({ token, sidText, address: request.ip });
}

/** What stands behind `Bearer` (RFC 6750 §2.1), or `undefined`. */
export function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer ([\w.~+/-]+=*)$/i.exec(header ?? "")?.[1];
}

/** How long the client of a request wants to wait; the wait ends when the client goes. */
export function waitOf(request: FastifyRequest, reply: FastifyReply): WaitOptions {
  const { prefer } = request.headers;
  const header = Array.isArray(prefer) ? prefer.join(",") : prefer;
  return {
    timeoutMs: parsePreferWait(header) * 1000,
    holder: addressKey(request.ip),
    onGone: (cancel) => {
      onceGone(reply, cancel);
    },
  };
}
