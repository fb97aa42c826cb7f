import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { CONSOLE_PATHS, passkeyPath, type Factors } from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { ApiError, callApi } from "../../client.ts";
import { formatInstant } from "../../format.ts";
import { createPasskey } from "../../session/passkeys.ts";
import { useAttempt } from "../../session/use-attempt.ts";
import { DialogButtons } from "../dialog-buttons.tsx";
import { Dialog } from "../dialog.tsx";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { Failure } from "../../session/failure-alert.tsx";

type Passkey = Factors["passkeys"][number];

interface PasskeysProps {
  readonly passkeys: readonly Passkey[];
  readonly onChanged: () => void;
}

/** The own passkeys: to add one, and to take one away. */
export function Passkeys({ passkeys, onChanged }: PasskeysProps): ReactElement {
  const { t } = useTranslation("session");
  const [removing, setRemoving] = useState<Passkey>();
  return (
    <Part title={t("account.passkeysTitle")}>
      {passkeys.length === 0 ? <Text size="sm">{t("account.noPasskeys")}</Text> : null}
      <ul className="siphms-plain-list">
        {passkeys.map((passkey) => (
          <li key={passkey.id}>
            <One passkey={passkey} onRemove={() => setRemoving(passkey)} />
          </li>
        ))}
      </ul>
      <Add onChanged={onChanged} />
      {removing === undefined ? null : (
        <Remove
          passkey={removing}
          onClose={() => setRemoving(undefined)}
          onRemoved={() => {
            setRemoving(undefined);
            onChanged();
          }}
        />
      )}
    </Part>
  );
}

function One({
  passkey: { label, state, added, lastUsed },
  onRemove,
}: {
  readonly passkey: Passkey;
  readonly onRemove: () => void;
}): ReactElement {
  const { t } = useTranslation("session");
  const used =
    lastUsed === null ? t("account.unused") : t("account.used", { time: formatInstant(lastUsed) });
  return (
    <Group justify="space-between" gap="xs">
      <div>
        <Text fw={600} component="bdi">
          {label}
        </Text>
        <Text size="sm" c="dimmed">
          {t("account.added", { time: formatInstant(added) })} · {used}
        </Text>
        {state === "suspended" ? (
          <Text size="sm" className="siphms-warning">
            {t("account.suspended")}
          </Text>
        ) : null}
      </div>
      <Button
        variant="default"
        size="xs"
        aria-label={t("account.removeOf", { label })}
        onClick={onRemove}
      >
        {t("account.remove")}
      </Button>
    </Group>
  );
}

function Add({ onChanged }: Pick<PasskeysProps, "onChanged">): ReactElement {
  const { t } = useTranslation("session");
  const attempt = useAttempt();
  const [label, setLabel] = useState("");
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    void attempt.run(async () => {
      const credential = await createPasskey(CONSOLE_PATHS.passkeyCreation);
      const body = { label: label.trim() || t("passkeys.labelDefault"), credential };
      await callApi(CONSOLE_PATHS.passkeys, { method: "POST", body });
      setLabel("");
      onChanged();
    });
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="xs">
        <Group gap="xs" align="end">
          <TextInput
            label={t("passkeys.label")}
            description={t("passkeys.labelHelp")}
            maxLength={60}
            value={label}
            onChange={(event) => setLabel(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" loading={attempt.isBusy}>
            {t("account.addTitle")}
          </Button>
        </Group>
        <Failure text={attempt.failure} />
      </Stack>
    </form>
  );
}

interface RemoveProps {
  readonly passkey: Passkey;
  readonly onClose: () => void;
  readonly onRemoved: () => void;
}

function Remove({ passkey: { id, label }, onClose, onRemoved }: RemoveProps): ReactElement {
  const { t } = useTranslation("session");
  const remove = useMutation({
    mutationFn: () => callApi(passkeyPath(id), { method: "DELETE" }),
    onSuccess: onRemoved,
    onError: (error) => {
      // Removed meanwhile in another window: it is as it was wanted.
      if (error instanceof ApiError && error.problem === "not-found") onRemoved();
    },
  });
  return (
    <Dialog title={t("account.removeTitle", { label })} onClose={onClose}>
      <Text size="sm">{t("account.removeHelp")}</Text>
      <ProblemAlert error={remove.error} words={{ conflict: t("account.lastFactor") }} />
      <DialogButtons
        label={t("account.remove")}
        isDangerous
        isBusy={remove.isPending}
        onClose={onClose}
        onDo={() => remove.mutate()}
      />
    </Dialog>
  );
}
