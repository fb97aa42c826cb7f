import type { SessionInfo } from "@siphms/api";
import type { QueryClient } from "@tanstack/react-query";
import { createContext, useContext, useSyncExternalStore } from "react";
import { setRemedies } from "../client.ts";
import { SessionStore, type SessionNews, type SessionState } from "./session-store.ts";
import { StepUpStore } from "./step-up-store.ts";

/** The session of this window, and the question that dangerous acts ask. */
export interface Session {
  readonly store: SessionStore;
  readonly stepUp: StepUpStore;
}

/** Windows of one origin share the channel as they share the cookie. */
const CHANNEL = "siphms-session";

/** Joins the session with the other windows, with what the page keeps of the hospital's answers, and with every call. */
export function createSession(queries: QueryClient): Session {
  const channel = new BroadcastChannel(CHANNEL);
  const stepUp = new StepUpStore();
  const store = new SessionStore({
    tell: (news) => channel.postMessage(news),
    forget: () => {
      stepUp.answer(false);
      queries.clear();
    },
  });
  channel.addEventListener("message", ({ data }: MessageEvent<SessionNews>) => store.hear(data));
  setRemedies({
    stepUp: () => stepUp.ask(),
    askWhetherSignedIn: () => store.ask(),
    whoIsSignedIn: () => {
      const state = store.state();
      return state.kind === "signed-in" ? state.session.staff.id : undefined;
    },
  });
  return { store, stepUp };
}

/** The session of this window; given by `main.tsx`. */
export const SessionContext = createContext<Session | undefined>(undefined);

/** The session of this window. @throws {TypeError} outside of {@link SessionContext}. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new TypeError("there is no session around this component");
  return session;
}

/** Whether somebody is signed in, kept up to date. */
export function useSessionState(): SessionState {
  const { store } = useSession();
  return useSyncExternalStore(store.subscribe, store.state);
}

/** Who is signed in, and until when. @throws {TypeError} where nobody is: use it behind the gate only. */
export function useSignedIn(): SessionInfo {
  const state = useSessionState();
  if (state.kind !== "signed-in") throw new TypeError("nobody is signed in");
  return state.session;
}

/** Signs out, here or everywhere; see {@link SessionStore.signOut}. */
export function useSignOut(): (where?: "everywhere" | "here") => Promise<void> {
  const { store } = useSession();
  return (where = "here") => store.signOut(where);
}
