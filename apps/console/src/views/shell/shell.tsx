import { Alert, AppShell, Badge, Burger, Drawer, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useContext, useEffect, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { EmergencyBanner } from "../../emergency/emergency-banner.tsx";
import { useEmergency } from "../../emergency/emergency.ts";
import { useConnection } from "../../live/use-store.ts";
import { ListContext } from "../../live/with-records.tsx";
import { useSignedIn } from "../../session/session.ts";
import { SilentNotice, SoundSwitch } from "../../sound/sound-switch.tsx";
import { WaitingLink } from "../alerts/waiting-alerts.tsx";
import { Arrival } from "./arrival.ts";
import { isCaring } from "./places.ts";
import { Rail } from "./rail.tsx";
import "./shell.css";

/** Says whether the screen is live; a lost connection is said loudly, a live one quietly. */
function ConnectionState(): ReactElement {
  const { t } = useTranslation();
  const connection = useConnection();
  return (
    <Text size="sm" role="status" className={connection === "lost" ? "siphms-lost" : "siphms-live"}>
      <span aria-hidden="true">{connection === "live" ? "●" : "○"}</span>{" "}
      {t(`connection.${connection}`)}
    </Text>
  );
}

/** What a lost connection means for what is on the screen. */
function LostNotice(): ReactElement | null {
  const { t } = useTranslation();
  if (useConnection() !== "lost") return null;
  return (
    <Alert role="alert" variant="outline" color="var(--siphms-technical)" mb="sm">
      {t("lostNotice")}
    </Alert>
  );
}

/** On narrow screens the rail comes out of a menu, and goes when a page was chosen. */
function Menu(): ReactElement {
  const { t } = useTranslation("shell");
  const [opened, { open, close }] = useDisclosure();
  const { pathname } = useLocation();
  useEffect(close, [pathname, close]);
  return (
    <>
      <Burger opened={opened} onClick={open} hiddenFrom="md" size="sm" aria-label={t("menu")} />
      <Drawer
        opened={opened}
        onClose={close}
        title={t("menu")}
        size={280}
        closeButtonProps={{ "aria-label": t("closeMenu") }}
      >
        <Rail />
      </Drawer>
    </>
  );
}

function Foot(): ReactElement {
  const { t } = useTranslation();
  const { attributions } = useContext(ListContext);
  return (
    <footer>
      <Text className="siphms-notice" mt="xl">
        {t("notMedicalDevice")}
      </Text>
      {attributions.length > 0 ? (
        <details className="siphms-notice">
          <summary>{t("attributions")}</summary>
          {attributions.map(({ source, text }) => (
            <p key={source} lang="en" dir="ltr">
              {source}: {text}
            </p>
          ))}
        </details>
      ) : null}
    </footer>
  );
}

/** The frame around every page: where to go, who is signed in, whether the screen is live, what this is not. */
export function Shell({ children }: { readonly children: ReactNode }): ReactElement {
  const { t } = useTranslation();
  const session = useSignedIn();
  const caring = isCaring(session.staff.role);
  // In emergency mode nothing comes and nothing rings: the banner says so.
  const isLive = useEmergency() === undefined && caring;
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 208, breakpoint: "md", collapsed: { mobile: true } }}
      padding="md"
      transitionDuration={0}
    >
      <Arrival />
      <a href="#content" className="siphms-skip">
        {t("skipToContent")}
      </a>
      <AppShell.Header px="md" className="siphms-no-print">
        <Group h="100%" justify="space-between" gap="xs" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" miw={0}>
            <Menu />
            <Text fw={700} truncate>
              {t("app")}
            </Text>
            {session.demo ? (
              <Badge
                variant="outline"
                color="var(--siphms-pending)"
                className="siphms-badge"
                visibleFrom="xs"
              >
                {t("demo")}
              </Badge>
            ) : null}
          </Group>
          <Group gap="md" wrap="nowrap" className="siphms-head-state">
            {caring ? <WaitingLink /> : null}
            {isLive ? <ConnectionState /> : null}
            {isLive ? <SoundSwitch /> : null}
            <Text size="sm" visibleFrom="sm">
              {t("signedInAs", { name: session.staff.name })}
            </Text>
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className="siphms-no-print" visibleFrom="md">
        <Rail />
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <EmergencyBanner />
        {isLive ? <LostNotice /> : null}
        {isLive ? <SilentNotice /> : null}
        {children}
        <Foot />
      </AppShell.Main>
    </AppShell>
  );
}
