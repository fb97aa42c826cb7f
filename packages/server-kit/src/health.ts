import { createDeferred } from "./deferred.ts";
/** One thing without which a server does not work, such as its database. */
export interface HealthCheck {
  /** A short word for the operator's list. */
  readonly name: string;
  /** Whether it works now; a throw counts as no. */
  readonly works: () => boolean | Promise<boolean>;
}

/** What {@link Health.check} found. */
export interface HealthReport {
  readonly ok: boolean;
  /** Names of the checks that failed, for the operator; never given to the outside. */
  readonly failing: readonly string[];
}

/** Answers whether a server works. */
export interface Health {
  check(): Promise<HealthReport>;
  /** From now on the answer is no, so that a load balancer sends nobody here while the server stops. */
  startStopping(): void;
}

/** Creates the health of a server from the things it needs; a check that takes over `timeoutMs` counts as failed. */
export function createHealth(checks: readonly HealthCheck[], timeoutMs = 2000): Health {
  let stopping = false;
  return {
    async check() {
      const results = await Promise.all(checks.map((check) => worksInTime(check, timeoutMs)));
      const failing = checks.filter((_, at) => results[at] !== true).map((check) => check.name);
      if (stopping) failing.push("stopping");
      return { ok: failing.length === 0, failing };
    },
    startStopping() {
      stopping = true;
    },
  };
}

async function worksInTime(check: HealthCheck, timeoutMs: number): Promise<boolean> {
  const timeout = createDeferred<boolean>();
  const timer = setTimeout(() => {
    timeout.resolve(false);
  }, timeoutMs);
  try {
    return await Promise.race([Promise.resolve(check.works()), timeout.promise]);
  } catch {
    // Health is yes or no; the part that failed logs its own reason.
    return false;
  } finally {
    clearTimeout(timer);
  }
}
