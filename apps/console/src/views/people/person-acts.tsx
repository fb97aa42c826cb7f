import { NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import {
  CONSOLE_PATHS,
  personRoleSchema,
  TEXT_LIMITS,
  type PersonRole,
  type StaffAccount,
  type StaffLink,
} from "@siphms/api";
import { useMutation } from "@tanstack/react-query";
import { useState, type ReactElement, type SyntheticEvent } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { DialogButtons } from "../dialog-buttons.tsx";
import { Dialog } from "../dialog.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { LinkShown } from "./link-shown.tsx";

/** What is about to be done with somebody's account. */
export type PersonAct =
  | { readonly kind: "invite" }
  | { readonly kind: "changeRole" | "disable" | "newLink"; readonly account: StaffAccount };

interface ActsProps {
  readonly act: PersonAct;
  readonly onClose: () => void;
  /** The list is another one now. `isOver`: nothing more is to be shown of the act. */
  readonly onChanged: (isOver: boolean) => void;
}

/** Asks what an act needs, says its consequence once, and carries it out. */
export function PersonActs({ act, onClose, onChanged }: ActsProps): ReactElement {
  const done = (): void => {
    onChanged(true);
    onClose();
  };
  switch (act.kind) {
    case "invite":
      return <Invite onClose={onClose} onMade={() => onChanged(false)} />;
    case "newLink":
      return <NewLink account={act.account} onClose={onClose} />;
    case "changeRole":
      return <ChangeRole account={act.account} onClose={onClose} onDone={done} />;
    case "disable":
      return <Disable account={act.account} onClose={onClose} onDone={done} />;
  }
}

const ROLES: readonly PersonRole[] = personRoleSchema.enum;

function RoleSelect({
  label,
  value,
  onChange,
}: {
  readonly label: string;
  readonly value: PersonRole;
  readonly onChange: (role: PersonRole) => void;
}): ReactElement {
  const { t } = useTranslation("session");
  return (
    <NativeSelect
      label={label}
      value={value}
      onChange={(event) => {
        const chosen = ROLES.find((role) => role === event.currentTarget.value);
        if (chosen !== undefined) onChange(chosen);
      }}
      data={ROLES.map((role) => ({ value: role, label: t(`role.${role}`) }))}
    />
  );
}

interface MadeLink extends StaffLink {
  readonly name: string;
}

async function makeLink(person: {
  readonly name: string;
  readonly role: string;
}): Promise<MadeLink> {
  const { name } = person;
  const made = await callApi<StaffLink>(CONSOLE_PATHS.staff, { method: "POST", body: person });
  return { ...made, name };
}

function Invite({
  onClose,
  onMade,
}: {
  readonly onClose: () => void;
  readonly onMade: () => void;
}): ReactElement {
  const { t } = useTranslation("access");
  const [name, setName] = useState("");
  const [role, setRole] = useState<PersonRole>("doctor");
  const make = useMutation({ mutationFn: makeLink, onSuccess: onMade });
  if (make.data !== undefined) return <LinkShown {...make.data} onClose={onClose} />;
  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (name.trim() !== "") make.mutate({ name: name.trim(), role });
  };
  return (
    <Dialog title={t("people.inviteTitle")} onClose={onClose}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={t("people.name")}
            description={t("people.inviteHelp")}
            required
            maxLength={TEXT_LIMITS.staffName}
            autoComplete="off"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <RoleSelect label={t("people.role")} value={role} onChange={setRole} />
          <ProblemAlert error={make.error} />
          <DialogButtons
            label={t("people.create")}
            isSubmit
            isBusy={make.isPending}
            onClose={onClose}
          />
        </Stack>
      </form>
    </Dialog>
  );
}

interface OneProps {
  readonly account: StaffAccount;
  readonly onClose: () => void;
}

function NewLink({ account: { name, role }, onClose }: OneProps): ReactElement {
  const { t } = useTranslation("access");
  const make = useMutation({ mutationFn: makeLink });
  if (make.data !== undefined) return <LinkShown {...make.data} onClose={onClose} />;
  return (
    <Dialog title={t("people.newLinkTitle", { name })} onClose={onClose}>
      <Text size="sm">{t("people.newLinkHelp")}</Text>
      <ProblemAlert error={make.error} />
      <DialogButtons
        label={t("people.create")}
        isBusy={make.isPending}
        onClose={onClose}
        onDo={() => make.mutate({ name, role })}
      />
    </Dialog>
  );
}

interface DoneProps extends OneProps {
  readonly onDone: () => void;
}

function ChangeRole({ account: { name, role }, onClose, onDone }: DoneProps): ReactElement {
  const { t } = useTranslation("access");
  const [chosen, setChosen] = useState<PersonRole>(
    ROLES.find((other) => other !== role) ?? "doctor",
  );
  const change = useMutation({
    mutationFn: () =>
      callApi(CONSOLE_PATHS.staffRole, { method: "POST", body: { name, role: chosen } }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={t("people.roleTitle", { name })} onClose={onClose}>
      <RoleSelect label={t("people.newRole")} value={chosen} onChange={setChosen} />
      <Text size="sm">{t("people.roleHelp")}</Text>
      <ProblemAlert error={change.error} />
      <DialogButtons
        label={t("people.confirmRole")}
        isBusy={change.isPending}
        onClose={onClose}
        onDo={() => change.mutate()}
      />
    </Dialog>
  );
}

function Disable({ account: { name }, onClose, onDone }: DoneProps): ReactElement {
  const { t } = useTranslation("access");
  const disable = useMutation({
    mutationFn: () => callApi(CONSOLE_PATHS.disableStaff, { method: "POST", body: { name } }),
    onSuccess: onDone,
  });
  return (
    <Dialog title={t("people.disableTitle", { name })} onClose={onClose}>
      <Text size="sm">{t("people.disableHelp")}</Text>
      <ProblemAlert error={disable.error} />
      <DialogButtons
        label={t("people.confirmDisable")}
        isDangerous
        isBusy={disable.isPending}
        onClose={onClose}
        onDo={() => disable.mutate()}
      />
    </Dialog>
  );
}
