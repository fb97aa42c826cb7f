/** What can be wrong with a piece of evidence. */
export type EvidenceErrorCode = "EVIDENCE_MALFORMED";

/** Thrown for a file or statement that is not of the form of docs/evidence.md. Carries no value of it. */
export class EvidenceError extends Error {
  override readonly name = "EvidenceError";
  readonly code: EvidenceErrorCode = "EVIDENCE_MALFORMED";
  /** Names the member that is wrong, for people who look into the file. */
  readonly reason: string;

  constructor(reason: string, options?: ErrorOptions) {
    super(`the evidence is not of its form: ${reason}`, options);
    this.reason = reason;
  }
}
