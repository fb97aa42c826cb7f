import { Button, Group, Stack, Text } from "@mantine/core";
import { CONSOLE_PATHS, secondFactorOf, type SessionInfo } from "@siphms/api";
import { useState, useSyncExternalStore, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { callOnce } from "../client.ts";
import { Dialog } from "../views/dialog.tsx";
import { proveByPasskey } from "./passkeys.ts";
import { faultsOf, ProofFields, type ProofFaults, type TypedProof } from "./proof-fields.tsx";
import { useSession, useSignedIn } from "./session.ts";
import { useAttempt } from "./use-attempt.ts";
import { useFactors } from "./use-factors.ts";
import { Failure } from "./failure-alert.tsx";

const PATHS = { request: CONSOLE_PATHS.stepUpPasskeyRequest, proof: CONSOLE_PATHS.stepUpPasskey };
const EMPTY: TypedProof = { password: "", code: "" };

/** Asks for a fresh proof of who the person is, whenever a call needs one (SR-20). */
export function StepUp(): ReactElement | null {
  const { stepUp } = useSession();
  const isAsked = useSyncExternalStore(stepUp.subscribe, stepUp.isAsked);
  return isAsked ? <StepUpDialog /> : null;
}

function StepUpDialog(): ReactElement {
  const { t } = useTranslation("session");
  const { store, stepUp } = useSession();
  const attempt = useAttempt(t("stepUp.refused"));
  const { data: factors } = useFactors();
  const { method } = useSignedIn();
  // While it is not known yet what the person has: what they signed in with.
  const hasPasskey = factors === undefined ? method === "passkey" : factors.passkeys.length > 0;
  const hasPassword = factors?.password ?? method === "password";
  const prove = (ask: () => Promise<SessionInfo>): Promise<void> =>
    attempt.run(async () => {
      store.renew(await ask());
      stepUp.answer(true);
    });
  return (
    <Dialog title={t("stepUp.title")} onClose={() => stepUp.answer(false)}>
      <Text size="sm">{t("stepUp.help")}</Text>
      {hasPasskey ? (
        <Button loading={attempt.isBusy} onClick={() => void prove(() => proveByPasskey(PATHS))}>
          {t("stepUp.passkey")}
        </Button>
      ) : null}
      {hasPasskey && hasPassword ? <div className="siphms-or">{t("stepUp.or")}</div> : null}
      <Failure text={attempt.failure} />
      {hasPassword ? (
        <ProofForm
          isBusy={attempt.isBusy}
          onProof={(body) =>
            prove(() =>
              callOnce<SessionInfo>(CONSOLE_PATHS.stepUpPassword, { method: "POST", body }),
            )
          }
        />
      ) : null}
      <Group justify="flex-end">
        <Button variant="default" onClick={() => stepUp.answer(false)}>
          {t("stepUp.cancel")}
        </Button>
      </Group>
    </Dialog>
  );
}

interface ProofFormProps {
  readonly isBusy: boolean;
  readonly onProof: (body: TypedProof) => Promise<void>;
}

function ProofForm({ isBusy, onProof }: ProofFormProps): ReactElement {
  const { t } = useTranslation("session");
  const { staff } = useSignedIn();
  const [typed, setTyped] = useState(EMPTY);
  const [faults, setFaults] = useState<ProofFaults>({});
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const found = faultsOf(typed);
    setFaults(found);
    const code = secondFactorOf(typed.code);
    if (Object.keys(found).length > 0 || code === undefined) return;
    void onProof({ ...typed, code }).then(() => setTyped((now) => ({ ...now, code: "" })));
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <input
          type="text"
          name="username"
          autoComplete="username"
          value={staff.name}
          readOnly
          hidden
        />
        <ProofFields typed={typed} faults={faults} onTyped={setTyped} />
        <Button type="submit" loading={isBusy}>
          {t("stepUp.submit")}
        </Button>
      </Stack>
    </form>
  );
}
