import type { SessionRef } from "./ports.ts";

/** A session as a text, for maps: by hospital, so that no hospital can touch another's by guessing an id. */
export function sessionText(session: SessionRef): string {
  return `${session.hospital} ${Buffer.from(session.sid).toString("base64url")}`;
}
