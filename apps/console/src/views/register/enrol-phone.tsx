import { Alert, Button, Skeleton, Stack, Text } from "@mantine/core";
import { patientPartPath, type Invitation, type RegistryDevice } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi, hospitalNow } from "../../client.ts";
import { useSignedIn } from "../../session/session.ts";
import { useDevices, devicesKey } from "../devices/use-devices.ts";
import { useNow } from "../live-age.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { isCaring } from "../shell/places.ts";
import { CompareCodes } from "./compare-codes.tsx";
import { EnrolSteps } from "./enrol-steps.tsx";
import { stageOf, type EnrolmentStage } from "./enrolment-stage.ts";
import { FirstReading } from "./first-reading.tsx";
import { InvitationCard } from "./invitation-card.tsx";
import "./register.css";

const TICK_MS = 1000;

/** One attempt to connect a phone: its invitation, and which phones were there before. */
interface Attempt {
  readonly invitation: Invitation;
  readonly before: ReadonlySet<string>;
}

/** Connects a phone to a patient: invitation, six digits, active, and for those who may see it the first reading. */
export function EnrolPhone({ patient }: { readonly patient: string }): ReactElement {
  const { t } = useTranslation("enrol");
  const [attempt, setAttempt] = useState<Attempt>();
  const [ended, setEnded] = useState<"gone" | "stopped">();
  const devices = useDevices(patient, attempt !== undefined);
  const queries = useQueryClient();
  useNow(TICK_MS);
  const invite = useMutation({
    mutationFn: async () => {
      const before = activeIn(devices.data?.devices ?? []);
      const path = patientPartPath(patient, "invitations");
      return { before, invitation: await callApi<Invitation>(path, { method: "POST", body: {} }) };
    },
    onSuccess: (made) => {
      setAttempt(made);
      setEnded(undefined);
      return queries.invalidateQueries({ queryKey: devicesKey(patient) });
    },
  });
  if (devices.data === undefined) {
    if (devices.error === null) return <Skeleton height={120} className="siphms-late" />;
    return <ProblemAlert error={devices.error} onRetry={() => void devices.refetch()} />;
  }
  const known = devices.data.devices;
  const stage = stageOf({
    devices: known,
    before: attempt?.before ?? activeIn(known),
    invitation: attempt?.invitation,
    now: hospitalNow(),
  });
  const end = (how: "gone" | "stopped"): void => {
    setAttempt(undefined);
    setEnded(how);
  };
  return (
    <Stack gap="md">
      {stage.kind === "idle" ? null : <EnrolSteps at={STEP_OF[stage.kind]} />}
      {ended === undefined ? null : <Alert role="status">{t(`connect.${ended}`)}</Alert>}
      <Stage
        patient={patient}
        stage={stage}
        invitation={attempt?.invitation}
        isBusy={invite.isPending}
        onInvite={() => invite.mutate()}
        onStopped={() => end("stopped")}
        onGone={() => end("gone")}
        onAnother={() => setAttempt(undefined)}
      />
      <ProblemAlert error={invite.error} />
    </Stack>
  );
}

const STEP_OF = { inviting: "invite", comparing: "compare", active: "active" } as const;

function activeIn(devices: readonly RegistryDevice[]): ReadonlySet<string> {
  return new Set(devices.filter(({ state }) => state === "active").map(({ kid }) => kid));
}

interface StageProps {
  readonly patient: string;
  readonly stage: EnrolmentStage;
  readonly invitation: Invitation | undefined;
  readonly isBusy: boolean;
  readonly onInvite: () => void;
  readonly onStopped: () => void;
  readonly onGone: () => void;
  readonly onAnother: () => void;
}

function Stage(props: StageProps): ReactElement | null {
  const { t } = useTranslation("enrol");
  const { patient, stage, invitation, isBusy, onInvite } = props;
  switch (stage.kind) {
    case "idle":
      return (
        <Stack align="start" gap="xs">
          <Text>{t("connect.idle")}</Text>
          <Button loading={isBusy} onClick={onInvite}>
            {t("connect.invite")}
          </Button>
        </Stack>
      );
    case "inviting":
      return invitation === undefined ? null : (
        <InvitationCard
          invitation={invitation}
          isGood={stage.isGood}
          isBusy={isBusy}
          onAgain={onInvite}
        />
      );
    case "comparing":
      return (
        <CompareCodes
          patient={patient}
          device={stage.device}
          digits={stage.digits}
          onStopped={props.onStopped}
          onGone={props.onGone}
        />
      );
    case "active":
      return <Active patient={patient} device={stage.device} onAnother={props.onAnother} />;
  }
}

interface ActiveProps {
  readonly patient: string;
  readonly device: RegistryDevice;
  readonly onAnother: () => void;
}

function Active({ patient, device, onAnother }: ActiveProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { role } = useSignedIn().staff;
  return (
    <Stack align="start" gap="sm">
      <Alert role="status">
        <span aria-hidden="true">✓</span> {t("connect.active", { name: device.name })}
      </Alert>
      {isCaring(role) ? (
        <FirstReading patient={patient} since={device.confirmed?.at ?? device.enrolled} />
      ) : null}
      <Button variant="default" size="sm" onClick={onAnother}>
        {t("connect.anotherPhone")}
      </Button>
    </Stack>
  );
}
