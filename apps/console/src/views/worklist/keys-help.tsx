import { Kbd, Modal, Stack, Switch, Table, Text } from "@mantine/core";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";

const KEYS = [
  ["j", "down"],
  ["k", "up"],
  ["↓", "downInList"],
  ["↑", "upInList"],
  ["Home", "first"],
  ["End", "last"],
  ["Enter", "open"],
  ["/", "search"],
  ["?", "help"],
] as const;

/** Props of {@link KeysHelp}. */
export interface KeysHelpProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly singleKeys: boolean;
  readonly onSingleKeys: (on: boolean) => void;
}

/** All keys of the worklist, and how to switch off those that speech input would press by mistake. */
export function KeysHelp(props: KeysHelpProps): ReactElement {
  const { t } = useTranslation("worklist");
  const { opened, onClose, singleKeys, onSingleKeys } = props;
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title={t("keys.title")}
      closeButtonProps={{ "aria-label": t("keys.close") }}
    >
      <Stack gap="md">
        <Table>
          <Table.Tbody>
            {KEYS.map(([key, meaning]) => (
              <Table.Tr key={key}>
                <Table.Th scope="row" dir="ltr">
                  <Kbd>{key}</Kbd>
                </Table.Th>
                <Table.Td>{t(`keys.${meaning}`)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
        <Switch
          checked={singleKeys}
          onChange={(event) => onSingleKeys(event.currentTarget.checked)}
          label={t("keys.single")}
        />
        <Text size="sm" c="dimmed">
          {t("keys.singleHelp")}
        </Text>
      </Stack>
    </Modal>
  );
}
