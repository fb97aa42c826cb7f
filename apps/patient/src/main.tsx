import { openedWith } from "./enrol/take-link.ts";
import { DirectionProvider, MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import i18next from "i18next";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { browserPorts } from "./app/browser.ts";
import { PatientAppContext } from "./app/patient-app-context.ts";
import { PatientApp } from "./app/patient-app.ts";
import { reload } from "./app/reload.ts";
import { trustedScriptUrl } from "./app/trusted-url.ts";
import { watchForUpdates } from "./app/update.ts";
import { directionOf, startI18n } from "./i18n/index.ts";
import "@siphms/web-kit/tokens.css";
import "./theme.css";
import { theme } from "./theme.ts";
import { App } from "./views/app.tsx";
import "./views/app.css";

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id root");
await startI18n();
const app = new PatientApp(browserPorts(), openedWith);
createRoot(root).render(
  <StrictMode>
    <DirectionProvider initialDirection={directionOf(i18next.language)} detectDirection={false}>
      {/* Variables and classes stand in css files: the page's policy lets in no style tag. */}
      <MantineProvider
        theme={theme}
        defaultColorScheme="auto"
        withCssVariables={false}
        withGlobalClasses={false}
      >
        <PatientAppContext value={app}>
          <App />
        </PatientAppContext>
      </MantineProvider>
    </DirectionProvider>
  </StrictMode>,
);
void app.start();
if (import.meta.env.PROD && "serviceWorker" in navigator) {
  // Without it the app works as long as there is a network: no reason to stop here.
  watchForUpdates(navigator.serviceWorker, trustedScriptUrl("/service-worker.js"), reload).catch(
    () => undefined,
  );
}
