import type { Policy } from "@siphms/tlog";
import { LOG_PATHS } from "./log-source.ts";

/** Whether a log goes on under a later key: a policy names a log's keys from the oldest to the newest, each under an origin of its own. */
export function isRetired(origin: string, policy: Policy): boolean {
  return laterOrigins(origin, policy).length > 0;
}

/** The origins under which a log went on before this one, the oldest first. */
export function retiredOrigins(origin: string, policy: Policy): readonly string[] {
  const own = policy.logs.map(({ key }) => key.name).filter((name) => isSameLog(name, origin));
  return [...new Set(own)].filter((name) => isRetired(name, policy));
}

/**
 * Whether a log left this origin because it was restored from a backup: what it wrote after the backup is gone, and its
 * witnesses have seen it. The next origin has then a time for its number; after a rotation it is the next number.
 */
export function isRestoredAfter(origin: string, policy: Policy): boolean {
  const [next] = laterOrigins(origin, policy);
  return next !== undefined && Number(numberOf(next)) !== Number(numberOf(origin)) + 1;
}

/** The last checkpoint that the key of this origin signed. */
export function lastCheckpointPath(origin: string): string {
  return `${LOG_PATHS.checkpoint}.last/${numberOf(origin)}`;
}

function laterOrigins(origin: string, { logs }: Policy): readonly string[] {
  const names = logs.map(({ key }) => key.name);
  return names.slice(names.lastIndexOf(origin) + 1).filter((name) => isSameLog(name, origin));
}

function isSameLog(one: string, other: string): boolean {
  const prefix = other.slice(0, other.lastIndexOf("/") + 1);
  return one.startsWith(prefix);
}

function numberOf(origin: string): string {
  return origin.slice(origin.lastIndexOf("/") + 1);
}
