import type { AuditPart, AuditPlace } from "./audit-log.ts";

/** What comparing every row of the audit log with its leaf gave. Names rows and leaves by number alone. */
export interface AuditComparison {
  readonly ok: boolean;
  /** Leaves of the log, all of which were compared. */
  readonly size: number;
  /** Rows that are no leaf yet. */
  readonly waiting: number;
  /** Entries whose details were erased with their patient's key: the log says that there were some. */
  readonly erased: number;
  /** Rows from before there was a log. */
  readonly earlier: number;
  /** By index; then rows that are no leaf, details of no row, and the rows from before the log. */
  readonly findings: AuditPart["findings"];
  /** Whether there are more than those. */
  readonly hasMore: boolean;
}

/** Findings in one answer, and in a whole comparison. More than anybody reads. */
export const MAX_AUDIT_FINDINGS = 100;

/**
 * Compares the whole audit log, part by part, and adds up what each gave.
 *
 * @param ask - Compares the part at a place; the first one without.
 * @param onNext - Told where the next part begins, and how many leaves were compared so far.
 */
export async function compareByParts(
  ask: (place: AuditPlace | undefined) => Promise<AuditPart>,
  onNext?: (place: AuditPlace, compared: number) => void,
): Promise<AuditComparison> {
  let part = await ask(undefined);
  let sum = add({ size: 0, waiting: 0, erased: 0, earlier: 0, findings: [], hasMore: false }, part);
  while (part.next !== undefined) {
    onNext?.(part.next, sum.size);
    part = await ask(part.next);
    sum = add(sum, part);
  }
  return { ok: sum.findings.length === 0, ...sum };
}

function add(sum: Omit<AuditComparison, "ok">, part: AuditPart): Omit<AuditComparison, "ok"> {
  const findings = [...sum.findings, ...part.findings];
  return {
    size: sum.size + part.compared,
    waiting: sum.waiting + part.waiting,
    erased: sum.erased + part.erased,
    earlier: sum.earlier + part.earlier,
    findings: findings.slice(0, MAX_AUDIT_FINDINGS),
    hasMore: sum.hasMore || part.hasMore || findings.length > MAX_AUDIT_FINDINGS,
  };
}
