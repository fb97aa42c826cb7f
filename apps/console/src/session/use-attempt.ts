import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, hospitalNow } from "../client.ts";
import { failureText, type Failure } from "./failure.ts";
import { PasskeyError } from "./passkeys.ts";

/** Something that is tried, may take a moment and may fail. */
export interface Attempt {
  readonly isBusy: boolean;
  /** What went wrong the last time, in words. */
  readonly failure: string | undefined;
  /** Tries it; while one try is on its way nothing else is begun. */
  readonly run: (act: () => Promise<void>) => Promise<void>;
  /** Says what went wrong elsewhere. */
  readonly fail: (error: unknown) => void;
}

/** Tries acts of the session's screens, one at a time. @param refused - What `log-in-refused` is called here. */
export function useAttempt(refused = ""): Attempt {
  const { t } = useTranslation("session");
  const [isBusy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Failure>();
  const fail = useCallback((error: unknown) => {
    if (!(error instanceof ApiError) && !(error instanceof PasskeyError)) throw error;
    // The person gave the act up: they know.
    const isGivenUp = error instanceof ApiError && error.problem === "step-up-required";
    setFailed(isGivenUp ? undefined : { error, at: hospitalNow() });
  }, []);
  const run = useCallback(
    async (act: () => Promise<void>) => {
      setBusy(true);
      setFailed(undefined);
      try {
        await act();
      } catch (error) {
        fail(error);
      } finally {
        setBusy(false);
      }
    },
    [fail],
  );
  const failure = failed === undefined ? undefined : failureText(failed, t, refused);
  return { isBusy, failure, run, fail };
}
