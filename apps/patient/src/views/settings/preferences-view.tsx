import {
  NativeSelect,
  Stack,
  Title,
  useMantineColorScheme,
  type MantineColorScheme,
} from "@mantine/core";
import { useState, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { chooseDemoSensors, isDemo, usesDemoSensors } from "../../app/demo.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { useObserved } from "../../app/patient-app-context.ts";
import { BackButton } from "../back-button.tsx";
import { LanguageSelect } from "../language-select.tsx";

const LOOKS: readonly MantineColorScheme[] = ["auto", "light", "dark"];

/** How the app speaks and shows: language, light or dark, units. */
export function PreferencesView(): ReactElement {
  const { t } = useTranslation("safety");
  // To hold transitions back Mantine writes a style element as text, which Trusted Types refuse.
  const { colorScheme, setColorScheme } = useMantineColorScheme({ keepTransitions: true });
  const { preferences } = useOpenApp();
  const { units } = useObserved(preferences);
  return (
    <Stack gap="md">
      <BackButton />
      <Title order={1} size="h2">
        {t("preferences")}
      </Title>
      <LanguageSelect withLabel />
      <NativeSelect
        label={t("look")}
        value={colorScheme}
        onChange={({ currentTarget }) => {
          const look = LOOKS.find((one) => one === currentTarget.value);
          if (look !== undefined) setColorScheme(look);
        }}
        data={[
          { value: "auto", label: t("lookAuto") },
          { value: "light", label: t("lookLight") },
          { value: "dark", label: t("lookDark") },
        ]}
      />
      <NativeSelect
        label={t("temperature")}
        value={units.temperature}
        onChange={({ currentTarget }) => {
          const temperature = currentTarget.value === "fahrenheit" ? "fahrenheit" : "celsius";
          void preferences.change({ units: { ...units, temperature } });
        }}
        data={[
          { value: "celsius", label: t("celsius") },
          { value: "fahrenheit", label: t("fahrenheit") },
        ]}
      />
      <NativeSelect
        label={t("glucose")}
        value={units.glucose}
        onChange={({ currentTarget }) => {
          const glucose = currentTarget.value === "mmol/L" ? "mmol/L" : "mg/dL";
          void preferences.change({ units: { ...units, glucose } });
        }}
        data={["mg/dL", "mmol/L"]}
      />
      {isDemo() ? <DemoSensors /> : null}
    </Stack>
  );
}

function DemoSensors(): ReactElement {
  const { t } = useTranslation("safety");
  const [isOn, setOn] = useState(usesDemoSensors);
  return (
    <NativeSelect
      label={t("demoSensors")}
      description={t("demoSensorsHelp")}
      value={isOn ? "demo" : "real"}
      onChange={({ currentTarget }) => {
        const wanted = currentTarget.value === "demo";
        chooseDemoSensors(wanted);
        setOn(wanted);
      }}
      data={[
        { value: "demo", label: t("demoSensorsOn") },
        { value: "real", label: t("demoSensorsOff") },
      ]}
    />
  );
}
