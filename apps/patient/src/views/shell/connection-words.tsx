import { Text } from "@mantine/core";
import type { DeviceStatus } from "@siphms/device";
import { useSyncExternalStore, type ReactElement } from "react";
import { useTranslation } from "react-i18next";

/** The kinds of network that have a word here. */
const NETWORKS = ["wifi", "cellular", "ethernet", "bluetooth"] as const;

/** The part of the Network Information API that is needed; few browsers have it. */
interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/** Connected, and by what where the browser tells; or not. */
export function ConnectionWords({ status }: { readonly status: DeviceStatus }): ReactElement {
  const { t } = useTranslation("frame");
  const type = useNetworkType();
  const network = NETWORKS.find((name) => name === type);
  if (status.connection !== "open") return <Text>{t("notConnected")}</Text>;
  if (network === undefined) return <Text>{t("connected")}</Text>;
  return <Text>{t("connectedBy", { network: t(`network.${network}`) })}</Text>;
}

function useNetworkType(): string | undefined {
  return useSyncExternalStore(subscribe, () => information()?.type);
}

function subscribe(listener: () => void): () => void {
  const connection = information();
  connection?.addEventListener("change", listener);
  return () => connection?.removeEventListener("change", listener);
}

function information(): NetworkInformation | undefined {
  return (navigator as { readonly connection?: NetworkInformation }).connection;
}
