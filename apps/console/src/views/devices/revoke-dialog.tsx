import { Button, Group, Text } from "@mantine/core";
import { patientPartPath, type ChangedDevice, type RegistryDevice } from "@siphms/api";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { callApi } from "../../client.ts";
import { Dialog } from "../dialog.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { devicesKey } from "./use-devices.ts";

/** Props of {@link RevokeDialog}. */
export interface RevokeDialogProps {
  readonly patient: string;
  readonly device: RegistryDevice;
  readonly onClose: () => void;
  readonly onRevoked: (device: RegistryDevice) => void;
}

/** Says what revoking a phone means and asks once; the hospital wants a fresh proof of who asks. */
export function RevokeDialog(props: RevokeDialogProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { patient, device, onClose, onRevoked } = props;
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: ({ kid }: RegistryDevice) =>
      callApi<ChangedDevice>(patientPartPath(patient, "devices/revoke"), {
        method: "POST",
        body: { kid },
      }),
    onSuccess: async (_, revoked) => {
      await queries.invalidateQueries({ queryKey: devicesKey(patient) });
      onRevoked(revoked);
    },
  });
  return (
    <Dialog title={t("devices.revokeTitle")} onClose={onClose}>
      <Text>{t("devices.revokeConsequence", { name: device.name })}</Text>
      <ProblemAlert error={revoke.error} />
      <Group justify="end">
        <Button variant="default" onClick={onClose}>
          {t("devices.cancel")}
        </Button>
        <Button color="red.9" loading={revoke.isPending} onClick={() => revoke.mutate(device)}>
          {t("devices.revokeConfirm")}
        </Button>
      </Group>
    </Dialog>
  );
}
