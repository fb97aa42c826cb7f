import { Alert, Button, Group, Stack, Text, Title } from "@mantine/core";
import type { PatientDevices } from "@siphms/api";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { EnrolPhone } from "../register/enrol-phone.tsx";
import { IdentityCheck } from "./identity-check.tsx";
import { RevocableDevices } from "./revocable-devices.tsx";

const STEPS = ["check", "revoke", "invite"] as const;
type Step = (typeof STEPS)[number];

/** Props of {@link LostPhone}. */
export interface LostPhoneProps {
  readonly answer: PatientDevices;
  readonly onClose: () => void;
}

/** Leads through what is to be done when a phone is gone: who calls, the old one out, the new one in. */
export function LostPhone({ answer, onClose }: LostPhoneProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [step, setStep] = useState<Step>("check");
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), [step]);
  return (
    <Stack gap="md">
      <Title order={2} size="h4">
        {t("lost.title")}
      </Title>
      <ol className="siphms-steps">
        {STEPS.map((name, index) => (
          <li key={name} aria-current={name === step ? "step" : undefined}>
            {index + 1}. {t(`lost.step.${name}`)}
          </li>
        ))}
      </ol>
      <Title order={3} size="h5" ref={heading} tabIndex={-1}>
        {t(`lost.step.${step}`)}
      </Title>
      {step === "check" ? (
        <IdentityCheck patient={answer.patient} onDone={() => setStep("revoke")} />
      ) : null}
      {step === "revoke" ? <RevokeStep answer={answer} onDone={() => setStep("invite")} /> : null}
      {step === "invite" ? (
        <>
          <Text>{t("lost.inviteHelp")}</Text>
          <EnrolPhone patient={answer.patient.id} />
        </>
      ) : null}
      <Group>
        <Button variant="default" onClick={onClose}>
          {t(step === "invite" ? "connect.close" : "devices.cancel")}
        </Button>
      </Group>
    </Stack>
  );
}

interface RevokeStepProps {
  readonly answer: PatientDevices;
  readonly onDone: () => void;
}

function RevokeStep({ answer, onDone }: RevokeStepProps): ReactElement {
  const { t } = useTranslation("enrol");
  const [revoked, setRevoked] = useState<string>();
  const active = answer.devices.filter(({ state }) => state === "active" || state === "pending");
  return (
    <Stack gap="sm" align="stretch">
      {revoked === undefined ? (
        <Text>{t(active.length === 0 ? "lost.none" : "lost.which")}</Text>
      ) : (
        <Alert role="status">{t("devices.revoked", { name: revoked })}</Alert>
      )}
      <RevocableDevices patient={answer.patient.id} devices={active} onRevoked={setRevoked} />
      {revoked !== undefined || active.length === 0 ? (
        <Button w="fit-content" onClick={onDone}>
          {t("lost.goOn")}
        </Button>
      ) : null}
    </Stack>
  );
}
