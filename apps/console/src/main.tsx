import { DirectionProvider, MantineProvider, useDirection } from "@mantine/core";
import "@mantine/core/styles.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode, type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app.tsx";
import { ApiError } from "./client.ts";
import "./console.css";
import { LANGUAGES, startI18n } from "./i18n/index.ts";
import { cssVariables, theme } from "./theme.ts";

const MAX_RETRIES = 5;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      // Only silence is worth another try: an answer, also an error, is the hospital's word.
      retry: (count, error) =>
        count < MAX_RETRIES && error instanceof ApiError && error.status === 0,
    },
  },
});

function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

function Directed(): ReactElement {
  const { setDirection } = useDirection();
  return (
    <App
      onLanguage={(language) =>
        setDirection(LANGUAGES.find(({ code }) => code === language)?.dir ?? "ltr")
      }
    />
  );
}

const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id root");
await startI18n();
createRoot(root).render(
  <StrictMode>
    <DirectionProvider>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={cssVariables}
        defaultColorScheme="auto"
        getStyleNonce={styleNonce}
      >
        <QueryClientProvider client={queries}>
          <BrowserRouter>
            <Directed />
          </BrowserRouter>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  </StrictMode>,
);
