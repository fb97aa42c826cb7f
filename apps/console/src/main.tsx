import { DirectionProvider, MantineProvider } from "@mantine/core";
import "@mantine/core/styles.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { BrowserRouter } from "react-router";
import { App } from "./app.tsx";
import { ApiError } from "./client.ts";
import "@siphms/web-kit/tokens.css";
import "./console.css";
import { startI18n } from "./i18n/index.ts";
import { createSession, SessionContext } from "./session/session.ts";
import { cssVariables, theme } from "./theme.ts";
import { guardMarkup } from "./trusted-types.ts";

const MAX_RETRIES = 5;

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      // Only silence is worth another try: an answer, also an error, is the hospital's word.
      retry: (count, error) =>
        count < MAX_RETRIES && error instanceof ApiError && error.status === 0,
    },
    // What somebody does fails at once where there is no network: done by itself an hour later it could be about something else.
    mutations: { networkMode: "always" },
  },
});

function styleNonce(): string {
  return document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";
}

guardMarkup();
const root = document.getElementById("root");
if (root === null) throw new Error("index.html has no element with id root");
// What keeps the page still behind a dialog writes a style tag, and looks for the policy's nonce under this name.
Object.assign(globalThis, { __webpack_nonce__: styleNonce() });
await startI18n();
const session = createSession(queries);
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
          {/* A page that is drawn as a transition begins anew with each live value, and on a busy ward never comes. */}
          <BrowserRouter useTransitions={false}>
            <SessionContext value={session}>
              <App />
            </SessionContext>
          </BrowserRouter>
        </QueryClientProvider>
      </MantineProvider>
    </DirectionProvider>
  </StrictMode>,
);
