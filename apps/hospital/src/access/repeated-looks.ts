import { BACKGROUND_HEADER } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import type { FastifyRequest } from "fastify";
import { signedInOf } from "../staff/index.ts";
import type { Disclosure, ShownRecord } from "./disclosures.ts";

/** So long a screen that stays open and asks anew by itself is one look. */
export const ONE_LOOK_MS = 5 * 60_000;
/** What is forgotten is noted once more: nothing is lost but room in the log. */
const MAX_REMEMBERED = 20_000;

/** The session in which a page asked by itself; `undefined` where the person did something, which is noted each time. */
export function repeatingSession(request: FastifyRequest): string | undefined {
  return request.headers[BACKGROUND_HEADER] === "1" ? signedInOf(request).sessionKey : undefined;
}

/** What one session is shown again and again. */
export interface RepeatedLook {
  readonly session: string;
  readonly what: Disclosure["what"];
  readonly records: readonly ShownRecord[];
}

/** Remembers which looks were noted a short while ago, so that a screen that stays open does not drown an access log. */
export interface RepeatedLooks {
  /** The records of a look that are still to be noted. */
  unnoted(look: RepeatedLook): readonly ShownRecord[];
  /** To be called when they are noted, and not before: what failed to be noted must be noted next time. */
  noted(look: RepeatedLook): void;
}

/** Begins with nothing noted, as after each start of the service. */
export function createRepeatedLooks(clock: Clock, max: number = MAX_REMEMBERED): RepeatedLooks {
  const notedAt = new Map<string, number>();
  const isRecent = (at: number | undefined): boolean => {
    const now = clock.now();
    return at !== undefined && now >= at && now < at + ONE_LOOK_MS;
  };
  return {
    unnoted: (look) => look.records.filter((record) => !isRecent(notedAt.get(keyOf(look, record)))),
    noted(look) {
      for (const record of look.records) {
        const key = keyOf(look, record);
        // Deleted first, so that the map's order is that of the times.
        notedAt.delete(key);
        notedAt.set(key, clock.now());
      }
      for (const key of notedAt.keys()) {
        if (notedAt.size <= max) break;
        notedAt.delete(key);
      }
    },
  };
}

function keyOf({ session, what }: RepeatedLook, { patientId, purpose }: ShownRecord): string {
  return [session, what, patientId, purpose].join(" ");
}
