import { sessionText } from "./session-text.ts";
import type { SessionRef } from "./ports.ts";

/** Bodies that are on their way to us, by session. */
export interface Uploads {
  /** @returns `false` if the session has too many already. */
  begin(session: SessionRef): boolean;
  /** One that was begun has come, or its connection has ended. */
  end(session: SessionRef): void;
  size(): number;
}

/** Creates the count. Nothing is kept for a session that sends nothing. */
export function createUploads(maxPerSession: number): Uploads {
  const counts = new Map<string, number>();
  return {
    begin(session) {
      const key = sessionText(session);
      const count = counts.get(key) ?? 0;
      if (count >= maxPerSession) return false;
      counts.set(key, count + 1);
      return true;
    },
    end(session) {
      const key = sessionText(session);
      const count = counts.get(key) ?? 0;
      if (count > 1) counts.set(key, count - 1);
      else counts.delete(key);
    },
    size: () => counts.size,
  };
}
