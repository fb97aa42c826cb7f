import { Alert, Button, Stack, Text } from "@mantine/core";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import type { UnlockOutcome } from "../../app/patient-app.ts";
import { PatientError, type PatientErrorCode } from "../../errors.ts";
import type { VaultStatus } from "../../vault/vault.ts";
import { PinInput } from "./pin-input.tsx";
import { useCountdown } from "./use-countdown.ts";

/** Props of {@link UnlockForm}. */
export interface UnlockFormProps {
  readonly vault: VaultStatus;
  readonly onPin: (pin: string) => Promise<UnlockOutcome>;
  readonly onPasskey: () => Promise<UnlockOutcome>;
}

type Problem = PatientErrorCode | "FAILED" | "wrong" | "wrongPasskey" | undefined;

/** Asks for the PIN, the fingerprint or the face, whichever are set. */
export function UnlockForm({ vault, onPin, onPasskey }: UnlockFormProps): ReactElement {
  const { t } = useTranslation(["unlock", "problems"]);
  const [pin, setPin] = useState("");
  const { attempt, isBusy, problem, waitMs } = useAttempts();
  const leftMs = useCountdown(Math.max(vault.waitMs, waitMs));
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void attempt(() => onPin(pin), "wrong");
    setPin("");
  };

  return (
    <Stack gap="md">
      {problem === undefined ? null : (
        <Alert role="alert">
          {problem === "wrong" || problem === "wrongPasskey"
            ? t(problem)
            : t(`problems:${problem}`)}
        </Alert>
      )}
      {vault.prf === undefined ? null : (
        <Button disabled={isBusy} onClick={() => void attempt(onPasskey, "wrongPasskey")}>
          {t("usePasskey")}
        </Button>
      )}
      {vault.pin === "set" ? (
        <form onSubmit={submit}>
          <Stack gap="xs">
            <PinInput label={t("pin")} value={pin} onValue={setPin} disabled={leftMs > 0} />
            {leftMs > 0 ? <Text role="timer">{t("wait", { time: minutesOf(leftMs) })}</Text> : null}
            <Button
              type="submit"
              variant={vault.prf === undefined ? "filled" : "default"}
              loading={isBusy}
              disabled={leftMs > 0}
            >
              {t("unlock")}
            </Button>
          </Stack>
        </form>
      ) : null}
    </Stack>
  );
}

/** Tries ways in, and keeps what stood against the last one and how long to wait. */
function useAttempts() {
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem>();
  const [waitMs, setWaitMs] = useState(0);
  const attempt = async (
    unlock: () => Promise<UnlockOutcome>,
    wrong: "wrong" | "wrongPasskey",
  ): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const outcome = await unlock();
      if ("waitMs" in outcome) setWaitMs(outcome.waitMs);
      if (outcome.kind === "wrong") setProblem(wrong);
    } catch (error) {
      setProblem(error instanceof PatientError ? error.code : "FAILED");
    } finally {
      setBusy(false);
    }
  };
  return { attempt, isBusy, problem, waitMs };
}

function minutesOf(ms: number): string {
  const seconds = Math.ceil(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
