import { Alert, Button, Stack, Text, TextInput } from "@mantine/core";
import { CONSOLE_PATHS, secondFactorOf, type SessionInfo } from "@siphms/api";
import { browserSupportsWebAuthnAutofill, WebAuthnAbortService } from "@simplewebauthn/browser";
import { useEffect, useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, callOnce } from "../client.ts";
import { FrontPage } from "./front-page.tsx";
import { proveByPasskey } from "./passkeys.ts";
import { faultsOf, ProofFields, type ProofFaults } from "./proof-fields.tsx";
import type { SessionStore, Unended, WhySignedOut } from "./session-store.ts";
import { useSession } from "./session.ts";
import { useAttempt, type Attempt } from "./use-attempt.ts";
import { Failure } from "./failure-alert.tsx";
import { UnendedNotice } from "./unended-notice.tsx";

const PATHS = { request: CONSOLE_PATHS.logInPasskeyRequest, proof: CONSOLE_PATHS.logInPasskey };
const EMPTY = { name: "", password: "", code: "" };

interface LogInProps {
  readonly why: WhySignedOut;
  readonly unended: Unended | undefined;
}

/** What somebody sees who is not signed in, with the reason where a session has ended: a passkey, or both factors at once. */
export function LogIn({ why, unended }: LogInProps): ReactElement {
  const { t } = useTranslation("session");
  const { store } = useSession();
  const attempt = useAttempt(t("logIn.refused"));
  useOfferedPasskeys(attempt, store);
  return (
    <FrontPage title={t("logIn.title")}>
      {why === "nobody" || unended !== undefined ? null : (
        <Alert role="status">{t(`why.${why}`)}</Alert>
      )}
      {unended === undefined ? null : <UnendedNotice {...unended} />}
      <Button
        size="md"
        loading={attempt.isBusy}
        onClick={() => void attempt.run(async () => store.enter(await proveByPasskey(PATHS)))}
      >
        {t("logIn.passkey")}
      </Button>
      <Failure text={attempt.failure} />
      <div className="siphms-or">{t("logIn.or")}</div>
      <PasswordForm
        isBusy={attempt.isBusy}
        onProof={(body) =>
          attempt.run(async () => {
            const path = CONSOLE_PATHS.logInPassword;
            store.enter(await callOnce<SessionInfo>(path, { method: "POST", body }));
          })
        }
      />
      <Text size="sm" c="dimmed">
        {t("logIn.lost")}
      </Text>
    </FrontPage>
  );
}

interface PasswordFormProps {
  readonly isBusy: boolean;
  readonly onProof: (body: typeof EMPTY) => Promise<void>;
}

function PasswordForm({ isBusy, onProof }: PasswordFormProps): ReactElement {
  const { t } = useTranslation("session");
  const [typed, setTyped] = useState(EMPTY);
  const [faults, setFaults] = useState<ProofFaults & { readonly name?: "missing" }>({});
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    const found = {
      ...faultsOf(typed),
      ...(typed.name.trim() === "" ? { name: "missing" as const } : {}),
    };
    setFaults(found);
    const code = secondFactorOf(typed.code);
    if (Object.keys(found).length > 0 || code === undefined) return;
    // A code works once: whatever comes of it, the next try needs another one.
    void onProof({ ...typed, name: typed.name.trim(), code }).then(() =>
      setTyped((now) => ({ ...now, code: "" })),
    );
  };
  return (
    <form noValidate onSubmit={submit}>
      <Stack gap="sm">
        <TextInput
          name="username"
          label={t("logIn.name")}
          autoComplete="username webauthn"
          value={typed.name}
          onChange={(event) => setTyped({ ...typed, name: event.currentTarget.value })}
          error={faults.name === undefined ? undefined : t("logIn.missing")}
        />
        <ProofFields
          typed={typed}
          faults={faults}
          onTyped={(proof) => setTyped({ ...typed, ...proof })}
        />
        <Button type="submit" variant="default" loading={isBusy}>
          {t("logIn.submit")}
        </Button>
      </Stack>
    </form>
  );
}

/** A challenge is good for five minutes; people may look at this screen for longer. */
const OFFER_MS = 4 * 60_000;

/** Lets the browser offer passkeys in the name field, where it can; the button stays for those that can't. */
function useOfferedPasskeys({ isBusy, fail }: Attempt, store: SessionStore): void {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    // The button's own question and this one would end each other.
    if (isBusy) return;
    let isOver = false;
    const isGone = (): boolean => isOver;
    const offer = async (): Promise<void> => {
      if (!(await browserSupportsWebAuthnAutofill()) || isGone()) return;
      const session = await proveByPasskey(PATHS, { autofill: true });
      if (!isGone()) store.enter(session);
    };
    offer().catch((error: unknown) => {
      // That nobody picked one, or that none can be offered, is no failure: the form is there.
      if (isGone() || !(error instanceof ApiError)) return;
      if (error.problem === "log-in-refused") fail(error);
    });
    const timer = setTimeout(() => setTurn(turn + 1), OFFER_MS);
    return () => {
      isOver = true;
      clearTimeout(timer);
      WebAuthnAbortService.cancelCeremony();
    };
  }, [isBusy, fail, store, turn]);
}
