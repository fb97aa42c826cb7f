import type { Bytes } from "@siphms/relay";
import type { FastifyInstance } from "fastify";

/** Lets the routes of this scope take one media type, as raw bytes; every other one is refused with 415. */
export function takeOnly(scope: FastifyInstance, mediaType: string): void {
  scope.addContentTypeParser(mediaType, { parseAs: "buffer" }, (_request, body, done) => {
    done(null, body);
  });
}

/** The bytes of a request's body, or `undefined` where there are none. */
export function bytesOf(body: unknown): Bytes | undefined {
  return Buffer.isBuffer(body) && body.length > 0 ? new Uint8Array(body) : undefined;
}

/** Bytes in the form in which the framework sends them, without a copy. */
export function toBuffer(bytes: Bytes): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
