import type { Role } from "@siphms/api";
import type { Clock } from "@siphms/server-kit";
import type { Grant } from "../access/index.ts";

/** Whom an event is for. There is none for everybody: whoever publishes says who may see it (SR-23). */
export type Audience =
  /** Everybody to whom this patient's record is open at the moment of sending. */
  | { readonly patient: string }
  /** Everybody in this role. */
  | { readonly role: Role };

/** What one stream may show, as the database last said, and no longer than it said. */
export interface Sight {
  maySee(to: Audience): boolean;
  /** Asks anew. True where something else may be seen than before: events may have been missed. */
  renew(): Promise<boolean>;
  /** Shows nothing of any patient until it has been renewed. */
  shut(): void;
}

/**
 * Creates a sight that shows nothing of a patient yet.
 *
 * @param ports.load - Reads which records are open, and notes that they are shown.
 */
export function createSight(ports: {
  readonly role: Role;
  readonly clock: Clock;
  readonly load: () => Promise<ReadonlyMap<string, Grant>>;
}): Sight {
  const { role, clock, load } = ports;
  let grants: ReadonlyMap<string, Grant> = new Map();
  let renewals = 0;
  let shuts = 0;
  let newest: Promise<boolean> = Promise.resolve(false);

  const take = (loaded: ReadonlyMap<string, Grant>): boolean => {
    const isOther = !isSame(grants, loaded);
    grants = loaded;
    return isOther;
  };
  return {
    maySee(to) {
      if ("role" in to) return to.role === role;
      const grant = grants.get(to.patient);
      return grant !== undefined && (grant.until === null || clock.now() < grant.until);
    },
    renew() {
      renewals += 1;
      const [mine, before] = [renewals, shuts];
      newest = load().then((loaded) => {
        // Somebody has asked later and will know better.
        if (mine !== renewals) return newest;
        // What was read before a change must not be believed after it.
        return before === shuts && take(loaded);
      });
      return newest;
    },
    shut() {
      shuts += 1;
      grants = new Map();
    },
  };
}

function isSame(a: ReadonlyMap<string, Grant>, b: ReadonlyMap<string, Grant>): boolean {
  if (a.size !== b.size) return false;
  for (const [patient, { purpose, until }] of a) {
    const other = b.get(patient);
    if (other?.purpose !== purpose || other.until !== until) return false;
  }
  return true;
}
