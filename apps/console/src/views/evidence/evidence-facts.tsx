import { Text } from "@mantine/core";
import type { Evidence } from "@siphms/api";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { formatInstant } from "../../format.ts";
import { DeviceStateMark } from "../devices/device-state.tsx";
import { Fact, Facts } from "../parts/fact.tsx";
import { groupsOf } from "./hex.ts";

function Fingerprint({ hex }: { readonly hex: string }): ReactElement {
  return (
    <span className="siphms-hex" dir="ltr">
      {groupsOf(hex)}
    </span>
  );
}

/** Whose key signed, and who had confirmed that it is the patient's phone. */
export function SignerFacts({ device }: Pick<Evidence, "device">): ReactElement {
  const { t } = useTranslation("evidence");
  const { confirmed, ended } = device;
  return (
    <Facts>
      <Fact term={t("phone")}>
        <bdi>{device.name}</bdi> <DeviceStateMark state={device.state} />
      </Fact>
      <Fact term={t("connected")}>{formatInstant(device.enrolled)}</Fact>
      <Fact term={t("confirmed")}>
        {confirmed === undefined
          ? t("notConfirmed")
          : t("confirmedBy", { name: confirmed.by, when: formatInstant(confirmed.at) })}
      </Fact>
      {ended === undefined ? null : <Fact term={t("ended")}>{formatInstant(ended)}</Fact>}
      <Fact term={t("key")}>
        <span className="siphms-hex">{device.kid}</span>
      </Fact>
      <Fact term={t("fingerprint")}>
        <Fingerprint hex={device.thumbprint} />
      </Fact>
    </Facts>
  );
}

/** The message itself: when, how large, and what the hospital's receipt says became of it. */
export function MessageFacts({ message }: Pick<Evidence, "message">): ReactElement {
  const { t } = useTranslation("evidence");
  return (
    <Facts>
      <Fact term={t("created")}>{formatInstant(message.created)}</Fact>
      <Fact term={t("received")}>{formatInstant(message.received)}</Fact>
      <Fact term={t("stored")}>{formatInstant(message.stored)}</Fact>
      <Fact term={t("receipt")}>{t(`outcome.${message.outcome}`)}</Fact>
      <Fact term={t("size")}>{t("bytes", { count: message.bytes })}</Fact>
      <Fact term={t("messageId")}>
        <span className="siphms-hex">{message.messageId}</span>
      </Fact>
    </Facts>
  );
}

/** The hospital's keys that have a part in it, and which. */
export function HospitalFacts({ hospital }: Pick<Evidence, "hospital">): ReactElement {
  const { t } = useTranslation("evidence");
  return (
    <>
      <Text>
        <bdi>{hospital.name}</bdi>
      </Text>
      {hospital.keys.map(({ kid, thumbprint, uses }) => (
        <Facts key={kid}>
          <Fact term={t("key")}>
            <span className="siphms-hex">{kid}</span>:{" "}
            {uses.map((use) => t(`use.${use}`)).join(", ")}
          </Fact>
          <Fact term={t("fingerprint")}>
            <Fingerprint hex={thumbprint} />
          </Fact>
        </Facts>
      ))}
    </>
  );
}
