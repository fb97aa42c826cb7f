import { PasswordInput, TextInput } from "@mantine/core";
import { secondFactorOf } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** What is typed to prove who somebody is. */
export interface TypedProof {
  readonly password: string;
  readonly code: string;
}

/** What is wrong with what was typed before anybody is asked: only its form. */
export interface ProofFaults {
  readonly password?: "missing";
  readonly code?: "codeForm" | "missing";
}

/** Judges the form of what was typed; whether it is right is the hospital's word alone. */
export function faultsOf({ password, code }: TypedProof): ProofFaults {
  const isForm = secondFactorOf(code) !== undefined;
  return {
    ...(password === "" ? { password: "missing" } : {}),
    ...(isForm ? {} : { code: code.trim() === "" ? "missing" : "codeForm" }),
  };
}

interface ProofFieldsProps {
  readonly typed: TypedProof;
  readonly faults: ProofFaults;
  readonly onTyped: (typed: TypedProof) => void;
}

/** Password and code, ready for password managers, for paste, and for codes that a phone offers. */
export function ProofFields({ typed, faults, onTyped }: ProofFieldsProps): ReactElement {
  const { t } = useTranslation("session");
  return (
    <>
      <PasswordInput
        name="password"
        label={t("logIn.password")}
        autoComplete="current-password"
        value={typed.password}
        onChange={(event) => onTyped({ ...typed, password: event.currentTarget.value })}
        error={faults.password === undefined ? undefined : t(`logIn.${faults.password}`)}
        visibilityToggleButtonProps={{ "aria-label": t("logIn.show") }}
      />
      <TextInput
        name="code"
        label={t("logIn.code")}
        description={t("logIn.codeHelp")}
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        dir="ltr"
        value={typed.code}
        onChange={(event) => onTyped({ ...typed, code: event.currentTarget.value })}
        error={faults.code === undefined ? undefined : t(`logIn.${faults.code}`)}
      />
    </>
  );
}
