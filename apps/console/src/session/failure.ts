import type { ProblemName } from "@siphms/api";
import type { TFunction } from "i18next";
import type { ApiError } from "../client.ts";
import { formatInstant } from "../format.ts";
import { PasskeyError } from "./passkeys.ts";

/** What went wrong while somebody proved who they are, and when, by the hospital's clock. */
export interface Failure {
  readonly error: ApiError | PasskeyError;
  readonly at: number;
}

const WORDS: Readonly<Partial<Record<ProblemName, string>>> = {
  "link-invalid": "failure.link",
  // A token that was cut short is none at all.
  malformed: "failure.link",
  "code-refused": "failure.code",
  "passkey-refused": "failure.passkeyRefused",
};

/**
 * What to say of a failure.
 *
 * @param t - Of the namespace `session`.
 * @param refused - What `log-in-refused` is called here: one and the same text, whatever was wrong (SR-09).
 */
export function failureText(
  { error, at }: Failure,
  t: TFunction<"session">,
  refused: string,
): string {
  if (error instanceof PasskeyError) {
    return t(error.why === "unsupported" ? "failure.passkeyUnsupported" : "failure.passkeyGivenUp");
  }
  if (error.status === 0) return t("failure.network");
  if (error.problem === "log-in-refused") return refused;
  if (error.problem === "too-many-tries") {
    return error.retryAfterMs === undefined
      ? t("failure.tooManyNow")
      : t("failure.tooMany", { time: formatInstant(at + error.retryAfterMs) });
  }
  const known = error.problem === undefined ? undefined : WORDS[error.problem];
  return known === undefined
    ? t("failure.unexpected", { title: error.title, detail: error.detail })
    : t(known);
}
