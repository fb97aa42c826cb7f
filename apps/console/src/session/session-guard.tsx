import { Button, Group, Text } from "@mantine/core";
import { useCallback, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../client.ts";
import { formatTime, formatTimeLeft } from "../format.ts";
import { Dialog } from "../views/dialog.tsx";
import { sessionEndsAt, type SessionEnds } from "./session-ends.ts";
import { useSession, useSignedIn, useSignOut } from "./session.ts";
import { StepUp } from "./step-up-dialog.tsx";

/** How often what a person does is told to the hospital, so that reading and typing keep a session open. */
const ACT_MS = 60_000;
/** A timer cannot wait longer than this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Watches the ends of the session around what is behind it: asks in time whether somebody is there, and at the end lets
 * nothing be seen. The hospital ends sessions by itself; this is for what is on the screen.
 */
export function SessionGuard({ children }: { readonly children: ReactNode }): ReactElement {
  const ends = useSessionEnds();
  useActs(ends.idle === "far");
  const isAsking = useTruthAtTheEnds(ends.idle);
  return (
    <>
      <div hidden={ends.idle === "over"}>{children}</div>
      {ends.idle === "near" && !isAsking ? <StillThere leftMs={ends.idleLeftMs} /> : null}
      {ends.isEndNear ? <EndNear /> : null}
      <StepUp />
    </>
  );
}

/** How the session stands now; renders anew exactly when it stands otherwise. */
function useSessionEnds(): SessionEnds {
  const session = useSignedIn();
  const [, setTick] = useState(0);
  const ends = sessionEndsAt(session, hospitalNow());
  useEffect(() => {
    const look = (): void => setTick((tick) => tick + 1);
    const timer = setTimeout(look, Math.min(ends.changesInMs, LONGEST_TIMER_MS));
    // Timers stand still while a laptop sleeps: whoever opens it must not find an old screen.
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  });
  return ends;
}

/** At each turn the hospital is asked first: other windows, and what was fetched meanwhile, keep a session open. */
function useTruthAtTheEnds(idle: SessionEnds["idle"]): boolean {
  const { store } = useSession();
  const [asked, setAsked] = useState<SessionEnds["idle"]>("far");
  useEffect(() => {
    if (idle === "far") {
      setAsked("far");
      return;
    }
    void store.ask({ why: "idle" }).then((holds) => {
      // Nobody answers: what cannot be confirmed is not shown.
      if (idle === "over" && !holds) store.leave("idle");
      setAsked(idle);
    });
  }, [idle, store]);
  return asked !== idle;
}

/** Tells the hospital now and then that somebody is at work: pressing keys and pointing are acts of a person. */
function useActs(isWanted: boolean): void {
  const { store } = useSession();
  // The first is told at once: opening the page itself was no act, and may have been long after the last one.
  const toldAt = useRef(-Infinity);
  useEffect(() => {
    if (!isWanted) return;
    const act = (): void => {
      if (hospitalNow() - toldAt.current < ACT_MS) return;
      toldAt.current = hospitalNow();
      void store.ask({ byPerson: true });
    };
    const events = ["keydown", "pointerdown"] as const;
    for (const name of events) addEventListener(name, act, { capture: true, passive: true });
    return () => {
      for (const name of events) removeEventListener(name, act, { capture: true });
    };
  }, [isWanted, store]);
}

function StillThere({ leftMs }: { readonly leftMs: number }): ReactElement {
  const { t } = useTranslation("session");
  const { store } = useSession();
  const signOut = useSignOut();
  const stay = useCallback(() => void store.ask({ byPerson: true, why: "idle" }), [store]);
  return (
    <Dialog title={t("idle.title")} onClose={stay}>
      <Text>{t("idle.help", { time: formatTimeLeft(leftMs) })}</Text>
      <Group>
        <Button onClick={stay} autoFocus>
          {t("idle.stay")}
        </Button>
        <Button variant="default" onClick={() => void signOut()}>
          {t("idle.signOut")}
        </Button>
      </Group>
    </Dialog>
  );
}

function EndNear(): ReactElement | null {
  const { t } = useTranslation("session");
  const { expires } = useSignedIn();
  const [isRead, setRead] = useState(false);
  if (isRead) return null;
  return (
    <div role="status" className="siphms-session-end">
      {t("idle.absolute", { time: formatTime(expires) })}{" "}
      <Button size="xs" variant="default" onClick={() => setRead(true)}>
        {t("idle.understood")}
      </Button>
    </div>
  );
}
