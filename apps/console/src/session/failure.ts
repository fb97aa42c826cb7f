import type { TFunction } from "i18next";
import type { ApiError } from "../client.ts";
import { formatInstant } from "../format.ts";
import { PasskeyError } from "./passkeys.ts";

/** What went wrong while somebody proved who they are, and when, by the hospital's clock. */
export interface Failure {
  readonly error: ApiError | PasskeyError;
  readonly at: number;
}

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
  switch (error.problem) {
    case "log-in-refused":
      return refused;
    case "too-many-tries":
      return error.retryAfterMs === undefined
        ? t("failure.tooManyNow")
        : t("failure.tooMany", { time: formatInstant(at + error.retryAfterMs) });
    // A token that was cut short is none at all.
    case "link-invalid":
    case "malformed":
      return t("failure.link");
    case "code-refused":
      return t("failure.code");
    case "passkey-refused":
      return t("failure.passkeyRefused");
    default:
      return t("failure.unexpected", { title: error.title, detail: error.detail });
  }
}
