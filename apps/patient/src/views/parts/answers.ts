import { METHODS, type LimitsResult, type Profile } from "@siphms/messages";
import type { Device } from "@siphms/device";
import { useEffect, useSyncExternalStore } from "react";
import { useDeviceStatus } from "../../app/device-store.ts";
import { useOpenApp } from "../../app/open-app-context.ts";
import { type Accesses, readAccesses } from "../../readings/accesses.ts";
import { Answer, type AnswerState } from "../../readings/answer.ts";
import { type History, type HistorySpan, readHistory } from "../../readings/history.ts";

/** All questions that screens ask the hospital; the answers stay until the app is locked. */
export interface Answers {
  readonly profile: Answer<Profile>;
  readonly limits: Answer<LimitsResult>;
  readonly accesses: Answer<Accesses>;
  readonly history: Readonly<Record<HistorySpan, Answer<ShownHistory>>>;
}

/** A history with the time at which it was read. */
export interface ShownHistory extends History {
  readonly now: number;
}

const MONTH_MS = 30 * 24 * 3_600_000;
const made = new WeakMap<Device, Answers>();

/** The answers of the open app. */
export function useAnswers(): Answers {
  const { device } = useOpenApp();
  const known = made.get(device);
  if (known !== undefined) return known;
  const answers = createAnswers(device);
  made.set(device, answers);
  return answers;
}

/** How a question stands, drawn anew when it changes. */
export function useAnswer<T>(answer: Answer<T>): AnswerState<T> {
  return useSyncExternalStore(answer.subscribe, answer.snapshot);
}

/**
 * The answer to a question that not every hospital answers; `undefined` until it has, and for as long as it says that it does not.
 *
 * @param turn - Asks anew when it changes.
 */
export function useOffered<T>(answer: Answer<T>, turn?: unknown): T | undefined {
  const { connection } = useDeviceStatus();
  const isOpen = connection === "open";
  useEffect(() => {
    if (isOpen && answer.snapshot().fault !== "not-offered") void answer.ask();
  }, [isOpen, answer, turn]);
  return useAnswer(answer).value;
}

function createAnswers(device: Device): Answers {
  const historyOf = (span: HistorySpan): Answer<ShownHistory> =>
    new Answer(async () => {
      const now = device.now();
      return { ...(await readHistory((parameters) => device.history(parameters), span, now)), now };
    });
  return {
    profile: new Answer(() => device.profile()),
    limits: new Answer(async () => {
      const { parameters, result } = METHODS.limits;
      return result.parse(await device.request("limits", parameters.encode({})));
    }),
    accesses: new Answer(() => {
      const { parameters, result } = METHODS.disclosures;
      const now = device.now();
      const span = { from: Math.max(0, now - MONTH_MS), to: now };
      return readAccesses(
        async (page) => result.parse(await device.request("disclosures", parameters.encode(page))),
        span,
        (at) => new Date(at).toDateString(),
      );
    }),
    history: { day: historyOf("day"), week: historyOf("week"), month: historyOf("month") },
  };
}
