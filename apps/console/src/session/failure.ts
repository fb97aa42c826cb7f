import type { TFunction } from "i18next";
import { ApiError, hospitalNow } from "../client.ts";
import { formatInstant } from "../format.ts";
import { PasskeyError } from "./passkeys.ts";

/**
 * What to say of something that went wrong while somebody proved who they are.
 *
 * @param t - Of the namespace `session`.
 * @param refused - What `log-in-refused` is called here: one and the same text, whatever was wrong (SR-09).
 */
export function failureText(error: unknown, t: TFunction<"session">, refused = ""): string {
  if (error instanceof PasskeyError) {
    return t(error.why === "unsupported" ? "failure.passkeyUnsupported" : "failure.passkeyGivenUp");
  }
  if (!(error instanceof ApiError)) throw error;
  if (error.status === 0) return t("failure.network");
  switch (error.problem) {
    case "log-in-refused":
      return refused;
    case "too-many-tries":
      return tooMany(error, t);
    case "link-invalid":
      return t("failure.link");
    case "code-refused":
      return t("failure.code");
    case "passkey-refused":
      return t("failure.passkeyRefused");
    default:
      return t("failure.unexpected", { title: error.title, detail: error.detail });
  }
}

function tooMany({ retryAfterMs }: ApiError, t: TFunction<"session">): string {
  if (retryAfterMs === undefined) return t("failure.tooManyNow");
  // By the clock on the wall: that is where the person looks.
  const time = formatInstant(hospitalNow() + retryAfterMs);
  return t("failure.tooMany", { time });
}
