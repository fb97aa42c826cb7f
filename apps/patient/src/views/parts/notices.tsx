import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { useEffect, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useDeviceStatus } from "../../app/device-store.ts";
import type { AnswerFault, AnswerState } from "../../readings/answer.ts";

/** A sentence in a frame with a shape in front: never a colour alone. */
export function Notice({
  tone,
  children,
  role,
}: {
  readonly tone: "info" | "warn" | "stop";
  readonly children: ReactNode;
  readonly role?: "alert" | "status";
}): ReactElement {
  return (
    <div className={`siphms-notice-box siphms-notice-${tone}`} role={role}>
      <span aria-hidden="true" className="siphms-notice-sign">
        {SIGNS[tone]}
      </span>
      <div>{children}</div>
    </div>
  );
}

const SIGNS = { info: "i", warn: "▲", stop: "■" } as const;

/** What went wrong with something that a button was pressed for; nothing where nothing did. */
export function Failed({ fault }: { readonly fault: string | undefined }): ReactElement | null {
  if (fault === undefined) return null;
  return (
    <Notice tone="stop" role="alert">
      {fault}
    </Notice>
  );
}

/** What stands where an answer of the hospital will be: a skeleton, or in words why there is none. */
export function Answered<T>({
  state,
  ask,
  children,
}: {
  readonly state: AnswerState<T>;
  readonly ask: () => Promise<void>;
  readonly children: (value: T) => ReactNode;
}): ReactElement {
  const { connection } = useDeviceStatus();
  const isOpen = connection === "open";
  const needsAsking = state.value === undefined || state.fault !== undefined;
  // Asked when the screen comes up, and again as soon as the connection is back.
  useEffect(() => {
    void ask();
  }, [ask]);
  useEffect(() => {
    if (isOpen && needsAsking) void ask();
    // Only the connection's return asks anew: a fault alone waits for the button.
  }, [isOpen]);
  return (
    <Stack gap="sm" aria-busy={state.isAsking}>
      <AnswerTrouble state={state} isOpen={isOpen} onRetry={() => void ask()} />
      {state.value === undefined ? null : children(state.value)}
      {state.value === undefined && state.isAsking && isOpen ? <Waiting /> : null}
    </Stack>
  );
}

/** Why there is no answer, or none of now. */
function AnswerTrouble({
  state,
  isOpen,
  onRetry,
}: {
  readonly state: AnswerState<unknown>;
  readonly isOpen: boolean;
  readonly onRetry: () => void;
}): ReactElement | null {
  const { t } = useTranslation("readings");
  const { fault, isAsking, value } = state;
  const isOffline = !isOpen && (isAsking || fault === "unanswered");
  if (!isOffline && fault === undefined) return null;
  return (
    <>
      {isOffline || fault === undefined ? (
        <Notice tone="info">{t("offline")}</Notice>
      ) : (
        <Fault fault={fault} onRetry={onRetry} />
      )}
      {value === undefined ? null : (
        <Text size="sm" c="dimmed">
          {t("stillShown")}
        </Text>
      )}
    </>
  );
}

function Fault({
  fault,
  onRetry,
}: {
  readonly fault: AnswerFault;
  readonly onRetry: () => void;
}): ReactElement {
  const { t } = useTranslation("readings");
  return (
    <Notice tone="warn" role="alert">
      <p>{t(`fault.${fault}`)}</p>
      <Button variant="default" onClick={onRetry}>
        {t("retry")}
      </Button>
    </Notice>
  );
}

/** Grey lines in the place of what is coming. */
export function Waiting(): ReactElement {
  const { t } = useTranslation("readings");
  return (
    <Stack gap="xs" role="status" aria-label={t("loading")}>
      <Skeleton height={20} width="60%" />
      <Skeleton height={20} />
      <Skeleton height={20} width="80%" />
    </Stack>
  );
}
