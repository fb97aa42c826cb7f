import type { Bytes } from "@siphms/cose";
import { beforeAll, describe, expect, it } from "vitest";
import {
  createMessage1,
  createMessage2,
  createMessage3,
  createMessage4,
  EdhocError,
  encodeErrorMessage,
  prefixMessage1,
  prefixMessage3,
  processMessage1,
  processMessage2,
  processMessage3,
  processMessage4,
} from "./index.ts";
import { createDevice, createHospital, GRANT, resolveAmong, suite } from "./party.suite.ts";
import type { Party } from "./party.suite.ts";

let device: Party;
let hospital: Party;

beforeAll(async () => {
  [device, hospital] = await Promise.all([createDevice(), createHospital()]);
});

/** One handshake to its end, with every message and every (used) state of it. */
interface Walk {
  readonly messages: Readonly<Record<string, Bytes>>;
  readonly states: Readonly<Record<string, object>>;
}

async function walk(): Promise<Walk> {
  const first = await createMessage1(suite);
  const received1 = await processMessage1([suite], first.message1);
  const second = await createMessage2(received1.state, hospital.own);
  const received2 = await processMessage2(first.state, second.message2, resolveAmong(hospital));
  const third = await createMessage3(received2.state, device.own);
  const received3 = await processMessage3(second.state, third.message3, resolveAmong(device));
  const fourth = await createMessage4(received3.state, { ead4: [GRANT] });
  await processMessage4(third.state, fourth.message4);
  return {
    messages: {
      message_1: first.message1,
      body_1: prefixMessage1(first.message1),
      message_2: second.message2,
      message_3: third.message3,
      body_3: prefixMessage3(third.cR, third.message3),
      message_4: fourth.message4,
      error: encodeErrorMessage(1, "no"),
      nothing: new Uint8Array(),
    },
    states: {
      awaitingMessage2: first.state,
      readyForMessage2: received1.state,
      readyForMessage3: received2.state,
      awaitingMessage3: second.state,
      readyForMessage4: received3.state,
      awaitingMessage4: third.state,
    },
  };
}

/** Each waiting state, new, and the message that it waits for. */
const WAITING = {
  message_1: () => (message: Bytes) => processMessage1([suite], message),
  message_2: async () => {
    const { state } = await createMessage1(suite);
    return (message: Bytes) => processMessage2(state, message, resolveAmong(hospital));
  },
  message_3: async () => {
    const { message1 } = await createMessage1(suite);
    const received = await processMessage1([suite], message1);
    const { state } = await createMessage2(received.state, hospital.own);
    return (message: Bytes) => processMessage3(state, message, resolveAmong(device));
  },
  message_4: async () => {
    const { message1, state } = await createMessage1(suite);
    const received1 = await processMessage1([suite], message1);
    const second = await createMessage2(received1.state, hospital.own);
    const received2 = await processMessage2(state, second.message2, resolveAmong(hospital));
    const third = await createMessage3(received2.state, device.own);
    return (message: Bytes) => processMessage4(third.state, message);
  },
} as const;

/** Each function that takes a state, called with whatever state. */
type AnyState = never;
const TAKES_STATE: Readonly<Record<string, (state: AnyState, walked: Walk) => Promise<unknown>>> = {
  processMessage2: (state, { messages }) =>
    processMessage2(state, messages["message_2"]!, resolveAmong(hospital)),
  createMessage2: (state) => createMessage2(state, hospital.own),
  createMessage3: (state) => createMessage3(state, device.own),
  processMessage3: (state, { messages }) =>
    processMessage3(state, messages["message_3"]!, resolveAmong(device)),
  createMessage4: (state) => createMessage4(state),
  processMessage4: (state, { messages }) => processMessage4(state, messages["message_4"]!),
};

describe("the state machine", () => {
  it("refuses every message of another handshake in every waiting state, but a new message_1", async () => {
    const { messages } = await walk();
    const outcomes: string[] = [];
    for (const [expected, create] of Object.entries(WAITING)) {
      for (const [name, message] of Object.entries(messages)) {
        const take = await create();
        const outcome = await take(message).then(
          () => "accepted",
          (error: unknown) => (error instanceof EdhocError ? "refused" : String(error)),
        );
        outcomes.push(outcome);
        const isFresh = expected === "message_1" && name === "message_1";
        expect(outcome, `${name} instead of ${expected}`).toBe(isFresh ? "accepted" : "refused");
      }
    }
    expect(outcomes).toHaveLength(4 * 8);
  });

  it("takes no used state again, nor a state in the place of another", async () => {
    const walked = await walk();
    const fresh = [
      (await createMessage1(suite)).state,
      (await processMessage1([suite], (await createMessage1(suite)).message1)).state,
    ];
    let calls = 0;
    for (const [name, take] of Object.entries(TAKES_STATE)) {
      const wrong = fresh.filter((state) => state.next !== name);
      for (const state of [...Object.values(walked.states), ...wrong]) {
        await expect(take(state as AnyState, walked), name).rejects.toMatchObject({
          code: "EDHOC_STATE_USED",
        });
        calls += 1;
      }
    }
    expect(calls).toBe(6 * 6 + 2 * 5);
  });

  it("gives a state to one of two calls that come at the same moment", async () => {
    const { message1 } = await createMessage1(suite);
    const { state } = await processMessage1([suite], message1);
    const outcomes = await Promise.allSettled([
      createMessage2(state, hospital.own),
      createMessage2(state, hospital.own),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });

  it("uses a state up with a bad message: the good one comes too late", async () => {
    const { message1, state } = await createMessage1(suite);
    const received = await processMessage1([suite], message1);
    const { message2 } = await createMessage2(received.state, hospital.own);
    const resolve = resolveAmong(hospital);
    await expect(processMessage2(state, new Uint8Array([0x40]), resolve)).rejects.toThrow();
    await expect(processMessage2(state, message2, resolve)).rejects.toMatchObject({
      code: "EDHOC_STATE_USED",
    });
  });

  it("does not take a copy of a state for the state", async () => {
    const { state } = await createMessage1(suite);
    await expect(
      processMessage2({ ...state }, new Uint8Array(), resolveAmong(hospital)),
    ).rejects.toMatchObject({ code: "EDHOC_STATE_USED" });
  });
});
