import type { Bytes } from "@siphms/cose";
import type { Answer } from "./answers.ts";
import type { Attack } from "./malicious-gateway.ts";
import { until, type Patient } from "./patient.ts";
import type { Scene } from "./scene.ts";

/** The message that is exchanged for a wrong one, and its wrong forms. */
export interface Spoiling {
  readonly step: "message_2" | "message_3" | "message_4";
  /** The n-th wrong form of a true message, `undefined` when all have had their turn. */
  readonly variant: (genuine: Bytes, n: number) => Bytes | undefined;
}

/** How many handshakes were spoiled, and how often the phones were refused, by the code that they show. */
export interface SpoiledHandshakes {
  readonly tried: number;
  readonly codes: Readonly<Record<string, number>>;
}

/**
 * Lets phones try to begin sessions, several at once and without waiting between tries, until each wrong form of one
 * message has been in the place of the true one.
 */
export async function spoilHandshakes(
  scene: Scene,
  patients: readonly Patient[],
  spoiling: Spoiling,
): Promise<SpoiledHandshakes> {
  await scene.endSessions(patients, { message1: hangUp });
  const codes: Record<string, number> = {};
  const listeners = patients.map(({ device }) =>
    device.subscribe((event) => {
      if (event.type !== "problem") return;
      if (event.code !== "NETWORK_UNREACHABLE") codes[event.code] = (codes[event.code] ?? 0) + 1;
      device.retryNow();
    }),
  );
  const { attack, progress } = createAttack(spoiling);
  scene.gateway.attack = attack;
  for (const { device } of patients) device.retryNow();
  const refused = (): number => Object.values(codes).reduce((all, count) => all + count, 0);
  await until(() => progress.isOver && refused() >= progress.tried, "all to be refused");
  for (const unsubscribe of listeners) unsubscribe();
  return { tried: progress.tried, codes };
}

function createAttack({ step, variant }: Spoiling): {
  readonly attack: Attack;
  readonly progress: { tried: number; isOver: boolean };
} {
  const progress = { tried: 0, isOver: false };
  const spoil = (genuine: Bytes): Bytes | undefined => {
    const wrong = variant(genuine, progress.tried);
    if (wrong === undefined) progress.isOver = true;
    else progress.tried += 1;
    return wrong;
  };
  const attack: Attack = {
    message1: async (message, relay) => {
      if (progress.isOver) return "hang-up";
      const answer = await relay(message);
      return step === "message_2" ? spoilAnswer(answer, spoil) : answer;
    },
    message3: async (message, relay) => {
      const body = step === "message_3" ? spoil(message.body) : message.body;
      if (body === undefined) return "hang-up";
      const answer = await relay({ ...message, body });
      return step === "message_4" ? spoilAnswer(answer, spoil) : answer;
    },
  };
  return { attack, progress };
}

function spoilAnswer(answer: Answer, spoil: (genuine: Bytes) => Bytes | undefined): Answer {
  if (answer === "hang-up" || answer.status !== 200) return answer;
  const body = spoil(Uint8Array.from(answer.body));
  return body === undefined ? "hang-up" : { ...answer, body };
}

function hangUp(): Promise<Answer> {
  return Promise.resolve("hang-up");
}
