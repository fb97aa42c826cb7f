import { parseRegistration, type Registration } from "@siphms/relay";
import type { HospitalAdmission } from "../domain/ports.ts";
import type { Environment } from "./environment.ts";

const GENERATION_KEY = Buffer.from("hospitals");

interface Loaded {
  readonly generation: string;
  readonly byId: ReadonlyMap<string, Registration>;
  readonly byText: ReadonlyMap<string, Registration>;
  readonly origins: ReadonlySet<string>;
}

/**
 * Opens the directory of admitted hospitals in the data folder.
 *
 * Every question first reads a mark that each change moves on, so a running gateway notices at once
 * what `gateway admit` and `gateway expel` do in another process. A hospital that has not changed keeps its object,
 * so that others can tell by comparing objects.
 */
export function openHospitalDirectory(environment: Environment): HospitalAdmission {
  const { hospitals, counters, commits } = environment;
  let loaded: Loaded | undefined;

  function current(): Loaded {
    // A read would else see the data as they were when this turn's first read began.
    counters.resetReadTxn();
    const generation = counters.get(GENERATION_KEY)?.toString("hex") ?? "";
    if (loaded?.generation !== generation) loaded = load(environment, generation, loaded);
    return loaded;
  }

  // Runs inside a transaction.
  function moveOn(): void {
    const next = Buffer.alloc(8);
    next.writeBigUInt64BE((counters.get(GENERATION_KEY)?.readBigUInt64BE(0) ?? 0n) + 1n);
    void counters.put(GENERATION_KEY, next);
  }

  return {
    find: (id) => current().byId.get(id),
    list: () => [...current().byId.values()],
    isAppOrigin: (origin) => current().origins.has(origin),
    admit(registration) {
      return commits.run(() => {
        void hospitals.put(Buffer.from(registration.id), Buffer.from(JSON.stringify(registration)));
        moveOn();
      });
    },
    expel(id) {
      const key = Buffer.from(id);
      return commits.run(() => {
        if (hospitals.get(key) === undefined) return false;
        void hospitals.remove(key);
        moveOn();
        return true;
      });
    },
  };
}

function load({ hospitals }: Environment, generation: string, earlier?: Loaded): Loaded {
  const byText = new Map<string, Registration>();
  for (const { value } of hospitals.getRange()) {
    const text = value.toString("utf8");
    byText.set(text, earlier?.byText.get(text) ?? parseRegistration(text));
  }
  const all = [...byText.values()];
  return {
    generation,
    byText,
    byId: new Map(all.map((one) => [one.id, one])),
    origins: new Set(all.map((one) => one.appOrigin)),
  };
}
