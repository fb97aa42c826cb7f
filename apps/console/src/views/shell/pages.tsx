import { Alert, Anchor, Skeleton, Stack, Title } from "@mantine/core";
import type { Role } from "@siphms/api";
import { Suspense, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, Navigate, Route, Routes } from "react-router";
import { useEmergency } from "../../emergency/emergency.ts";
import { isThereInEmergency } from "../../emergency/places.ts";
import { AdministratorLanding } from "../first-run/administrator-landing.tsx";
import { homeOf, isFor, PLACE_NAMES, PLACES, type PlaceName } from "./places.ts";
import { SCREENS } from "./screens.tsx";

interface DeadProps {
  readonly title: string;
  readonly detail: string;
  /** Where this person's work is; absent where that is nowhere now. */
  readonly home?: string | undefined;
}

function Dead({ title, detail, home }: DeadProps): ReactElement {
  const { t } = useTranslation("shell");
  return (
    <Stack align="start">
      <Title order={1} size="h2">
        {title}
      </Title>
      <Alert>{detail}</Alert>
      {home === undefined ? null : (
        <Anchor component={Link} to={home}>
          {t("home")}
        </Anchor>
      )}
    </Stack>
  );
}

/** Props of {@link Pages}. */
export interface PagesProps {
  readonly role: Role;
}

function Screen({ name, role }: PagesProps & { readonly name: PlaceName }): ReactElement {
  const { t } = useTranslation("shell");
  const { t: inEmergency } = useTranslation("emergency");
  const isEmergency = useEmergency() !== undefined;
  const Found = SCREENS[name];
  const home = homeOf(role);
  if (isEmergency && !isThereInEmergency(name, role)) {
    const back = isThereInEmergency("worklist", role) ? home : undefined;
    return <Dead title={inEmergency("notHereTitle")} detail={inEmergency("notHere")} home={back} />;
  }
  if (!isFor(name, role)) {
    const detail = t("notForRole", { role: t(`roles.${role}`) });
    return <Dead title={t("notForRoleTitle")} detail={detail} home={home} />;
  }
  return <Found />;
}

/** The bare address of the console means "where my work is", whoever asks. */
function Landing({ role }: PagesProps): ReactElement {
  if (role === "administrator") return <AdministratorLanding />;
  return <Navigate to={homeOf(role)} replace />;
}

function Unknown({ role }: PagesProps): ReactElement {
  const { t } = useTranslation("shell");
  const home = homeOf(role);
  return <Dead title={t("unknownTitle")} detail={t("unknown")} home={home} />;
}

/** The page of the present address, for somebody in this role. */
export function Pages({ role }: PagesProps): ReactElement {
  const { t } = useTranslation();
  const isEmergency = useEmergency() !== undefined;
  return (
    <Suspense
      fallback={<Skeleton height={240} className="siphms-late" aria-label={t("loading")} />}
    >
      <Routes>
        {PLACE_NAMES.map((name) => (
          <Route
            key={name}
            path={PLACES[name].path}
            element={
              name === "worklist" && !isFor(name, role) && !isEmergency ? (
                <Landing role={role} />
              ) : (
                <Screen name={name} role={role} />
              )
            }
          />
        ))}
        <Route path="*" element={<Unknown role={role} />} />
      </Routes>
    </Suspense>
  );
}
