/* eslint-disable max-lines -- one file, so that all that a gateway can try stands together, in the order of a message's way */
/**
 * A gateway that is wholly the attacker's, between a real hospital process and real device engines.
 *
 * It sees and keeps everything, verifies nothing, and does at each step whatever a test's `attack` says
 * (`tests/malicious-gateway`). Each test asserts three things: nothing wrong is stored, shown or freed; the refusal is
 * counted with its reason, by the hospital's counters or in the device's status and events; and the honest way works
 * again afterwards, with every reading that was ever measured kept exactly once (`expectHonestAgain`).
 *
 * What cannot be attacked from here, and why:
 * - Two authentic envelopes under one seq, or a right seal around a wrong signature: that takes a session's keys, which
 *   never pass the gateway. The nearest it can do is to alter an envelope whose seq is used up, which is tested here.
 * - Delays of many minutes, but for a request: the hospital's clock is the machine's own. That a reading of long ago is
 *   stored and marked late is tested in `apps/hospital/src/ingest`.
 * - Dropping for ever: only an alarm helps against it (protocol section 9).
 */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { encodeCbor, equalBytes, toHex, type Bytes } from "@siphms/cose";
import { parseInvitationLink, sealEnvelope } from "@siphms/messages";
import { createNodeCrypto } from "@siphms/node-crypto";
import {
  encodeFrames,
  handshakePath,
  HEADERS,
  PROBLEMS,
  UPLINK_CLOSE,
  type ProblemName,
} from "@siphms/relay";
import {
  answered,
  edhocError,
  handshakeAnswer,
  NO_CONTENT,
  problem,
  QUEUED,
  rawMailboxAnswer,
  type Answer,
} from "../malicious-gateway/answers.ts";
import { FalseHospital } from "../malicious-gateway/false-hospital.ts";
import { HOSPITAL_ID } from "../malicious-gateway/hospital-process.ts";
import type { Attack, Posted } from "../malicious-gateway/malicious-gateway.ts";
import { Patient, until } from "../malicious-gateway/patient.ts";
import { ANSWER_MS, Scene, withoutAnswers } from "../malicious-gateway/scene.ts";
import { spoilHandshakes } from "../malicious-gateway/spoiled-handshakes.ts";
import {
  cutAndExtended,
  cutOrExtended,
  flip,
  flips,
  splice,
} from "../malicious-gateway/tampering.ts";

const crypto = createNodeCrypto();
/** message_4 has to come this soon after message_3 (protocol section 5). */
const MESSAGE_4_MS = 10_000;
const PROBLEM_NAMES = Object.keys(PROBLEMS) as ProblemName[];
/** What a device shows when an envelope is refused so (protocol section 7). */
const REACTIONS: Readonly<Record<ProblemName, string>> = {
  malformed: "kept gateway-refused",
  "pass-invalid": "pass-invalid",
  "hospital-unknown": "session-unknown",
  "hospital-key-unknown": "session-unknown",
  "session-unknown": "session-unknown",
  "session-expired": "session-expired",
  "handshake-used": "session-expired",
  "too-large": "kept too-large",
  "media-type": "kept gateway-refused",
  "slow-down": "SLOW_DOWN",
  "hospital-away": "HOSPITAL_AWAY",
  "queue-full": "QUEUE_FULL",
};

const random = (length: number): Bytes => Uint8Array.from(randomBytes(length));
/** An envelope as it should be, but for the keys. */
const invent = (sid: Bytes, direction: 0 | 1): Promise<Bytes> => {
  const [keyUp, ivUp, keyDown, ivDown] = [random(32), random(12), random(32), random(12)];
  const keys = { sid, keyUp, ivUp, keyDown, ivDown };
  return sealEnvelope({ keys, direction, seq: 1, signed: random(500) }, crypto);
};
const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((all, count) => all + count, 0);

let scene: Scene;
beforeAll(async () => {
  scene = await Scene.set();
});
afterAll(async () => {
  await scene.strike();
});
beforeEach(async () => {
  await scene.begin();
});

describe("at an enrolment, a malicious gateway", () => {
  it.each([
    ["its own credential and key", "own"],
    ["the hospital's credential and its own key", "pinned"],
  ] as const)("cannot pass as the hospital with %s [HS-312d]", async (_, shown) => {
    const { gateway, hospital } = scene;
    const patient = await Patient.create();
    const link = await hospital.register(patient.mrn);
    const pinned = (await parseInvitationLink(link, crypto)).credential;
    const impostor = await FalseHospital.create(HOSPITAL_ID, crypto);
    gateway.attack = {
      message1: async ({ body }) => {
        const credential = shown === "own" ? impostor.credential : pinned;
        return handshakeAnswer(await impostor.answer(body, credential), handshakePath(random(16)));
      },
    };
    await expect(patient.device.enrol(link, { deviceName: "phone" })).rejects.toMatchObject({
      code: "HOSPITAL_KEY_MISMATCH",
    });
    expect(gateway.tape.message3, "the token stays on the device").toEqual([]);
    expect(await hospital.enrolments(patient.mrn)).toEqual([]);

    gateway.behave();
    await patient.enrol(hospital, link);
    await scene.expectHonestAgain(patient);
  });

  it("gets the stored answers for what it recorded, and refusals for anything else", async () => {
    const { gateway, hospital } = scene;
    const patient = await Patient.create();
    await patient.enrol(hospital, await hospital.register(patient.mrn));
    const { message1, message2, message3, message4 } = gateway.tape;
    const [first, third] = [message1[0]!, message3[0]!];
    const say1 = (id: Bytes, body: Bytes) =>
      gateway.askHospital({ step: 1, id, kid: first.kid, body });
    const say3 = (id: Bytes, body: Bytes) => gateway.askHospital({ step: 3, id, body });
    const newId = random(16);

    expect(await say1(third.id, first.body)).toMatchObject({ body: message2[0]! });
    expect(await say3(third.id, third.body)).toMatchObject({ body: message4[0]! });
    expect((await say1(third.id, flip(first.body, 9))).outcome).toBe("handshake-used");
    expect((await say3(third.id, flip(third.body, 99))).outcome).toBe("handshake-used");
    expect((await say3(newId, third.body)).outcome, "no such handshake").toBe("edhoc-error");
    const again = await say1(newId, first.body);
    expect(again.outcome).toBe("answer");
    expect(again.body, "a new handshake").not.toEqual(message2[0]);
    expect((await say3(newId, third.body)).outcome, "another handshake").toBe("edhoc-error");

    expect(await scene.refused()).toEqual({
      "handshake-used": 2,
      "handshake-state-absent": 1,
      "handshake-edhoc-malformed": 1,
    });
    expect(await hospital.enrolments(patient.mrn)).toMatchObject([{ state: "active" }]);
    await scene.expectHonestAgain(patient);
  });

  it("cannot spoil it by losing message_4: the same link gives a new code", async () => {
    const { gateway, hospital } = scene;
    const patient = await Patient.create();
    const link = await hospital.register(patient.mrn);
    gateway.attack = {
      message3: async (message, relay) => {
        await relay(message);
        patient.clock.push(MESSAGE_4_MS);
        return "hang-up";
      },
    };
    await expect(patient.device.enrol(link, { deviceName: "phone" })).rejects.toMatchObject({
      code: "HANDSHAKE_TOO_SLOW",
    });
    expect(patient.device.status().state).toBe("enrolling");
    expect(await hospital.enrolments(patient.mrn)).toMatchObject([{ state: "pending", code: "" }]);

    gateway.behave();
    await patient.enrol(hospital, link);
    await scene.expectHonestAgain(patient);
  });

  it("cannot have codes tried without end by losing the device's confirmation: after three it gives up", async () => {
    const { gateway, hospital } = scene;
    const patient = await Patient.create();
    const link = await hospital.register(patient.mrn);
    gateway.attack = { envelope: () => Promise.resolve(QUEUED) };
    const { envelopes } = gateway.tape;
    for (let tries = 1; tries <= 3; tries++) {
      const tried = expect(patient.device.enrol(link, { deviceName: "phone" }));
      const lost = tried.rejects.toMatchObject({ code: "REQUEST_UNANSWERED" });
      await until(() => envelopes.length === tries, "the confirmation");
      patient.clock.push(ANSWER_MS);
      await lost;
    }
    await expect(patient.device.enrol(link, { deviceName: "phone" })).rejects.toMatchObject({
      code: "CODE_LIMIT",
    });
    expect(envelopes).toHaveLength(3);
    expect(await hospital.enrolments(patient.mrn)).toMatchObject([{ state: "pending", code: "" }]);

    gateway.behave();
    await patient.enrol(hospital, await hospital.invite(patient.mrn));
    await scene.expectHonestAgain(patient);
  });
});

describe("at the beginning of a session, a malicious gateway", () => {
  it("cannot pass as the hospital: the phone tries after 1, 5 and 30 minutes, then shows it [HS-312d]", async () => {
    const patient = await scene.patient();
    const impostor = await FalseHospital.create(HOSPITAL_ID, crypto);
    const item = await patient.measure();
    await scene.endSessions([patient], {
      message1: async ({ body }) =>
        handshakeAnswer(await impostor.answer(body), handshakePath(random(16))),
    });
    const mismatches = () =>
      patient.heard("problem").filter(({ code }) => code === "HOSPITAL_KEY_MISMATCH");
    await patient.triesUntil(() => mismatches().length === 1, "the first refusal");
    for (const [index, minutes] of [1, 5, 30].entries()) {
      await until(() => mismatches().length === index + 1, "the refusal");
      const waitMs = mismatches()[index]!.nextTryAt! - patient.clock.now();
      expect(waitMs).toBeGreaterThan(minutes * 50_000);
      patient.clock.push(minutes * 60_000);
    }
    await until(() => mismatches().length === 4, "the last refusal");
    expect(mismatches().map(({ needsAttention }) => needsAttention)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    expect(scene.gateway.tape.message3, "nothing of the device's leaves").toEqual([]);
    expect(patient.device.items()).toMatchObject([{ messageId: item.messageId }]);
    expect(await scene.hospital.values(patient.mrn)).toEqual([]);
    await scene.expectHonestAgain(patient);
  });

  describe("to eight phones at once", () => {
    const phones: Patient[] = [];
    beforeAll(async () => {
      await scene.begin();
      phones.push(...(await Promise.all(Array.from({ length: 8 }, () => scene.patient()))));
    });

    // Each place costs a whole handshake, so of the two long messages every third has its turn here; `packages/edhoc`
    // changes every one.
    it.each([
      ["message_2", "HOSPITAL_KEY_MISMATCH", { stride: 1, countedByHospital: false }],
      ["message_3", "HANDSHAKE_REFUSED", { stride: 3, countedByHospital: true }],
      ["message_4", "HANDSHAKE_FAILED", { stride: 3, countedByHospital: false }],
    ] as const)(
      "cannot change a bit of %s, nor cut or lengthen it [HS-312e2i]",
      async (step, code, { stride, countedByHospital }) => {
        const opened = phones.map((phone) => phone.heard("session-opened").length);
        const { tried, codes } = await spoilHandshakes(scene, phones, {
          step,
          variant: (genuine, n) => {
            const places = Math.ceil(genuine.length / stride);
            return n < places ? flip(genuine, n * stride) : cutOrExtended(genuine)[n - places];
          },
        });
        expect(tried).toBeGreaterThan(100);
        expect(sum(codes)).toBe(tried);
        expect(codes[code], "the others are no messages at all").toBeGreaterThan(tried / 2);
        expect(phones.map((phone) => phone.heard("session-opened").length)).toEqual(opened);
        expect(sum(await scene.refused())).toBe(countedByHospital ? tried : 0);
        await Promise.all(phones.map((phone) => scene.expectHonestAgain(phone)));
      },
    );
  });

  it.each([
    ["all of it", 0, MESSAGE_4_MS + 1],
    ["the answer to the second sending, counted from the first", 1, MESSAGE_4_MS - 500],
  ])("cannot shift the clock by holding message_4 back: %s", async (_, losses, heldMs) => {
    const patient = await scene.patient();
    const offset = (): number => patient.device.now() - patient.clock.now();
    const [known, opened] = [offset(), patient.heard("session-opened").length];
    let sendings = 0;
    await scene.endSessions([patient], {
      message3: async (message, relay) => {
        const answer = await relay(message);
        if (sendings++ < losses) return "hang-up";
        patient.clock.push(heldMs);
        return answer;
      },
    });
    const isRefused = () => patient.device.status().lastError?.code === "HANDSHAKE_TOO_SLOW";
    await patient.triesUntil(isRefused, "the late message_4 to be refused");
    expect(patient.heard("session-opened")).toHaveLength(opened);
    expect(Math.abs(offset() - known)).toBeLessThan(500);
    await scene.expectHonestAgain(patient);
  });

  it("cannot take key or queue from a device with any refusal that it forges", async () => {
    const { gateway } = scene;
    const patient = await scene.patient();
    const { messageId } = await patient.measure();
    const { device } = patient.device.status();
    await scene.endSessions([patient], { message1: () => Promise.resolve("hang-up") });
    const elsewhere: Answer = { status: 307, headers: { location: "/v1/health" }, body: random(0) };
    const forged: Answer[] = [
      ...PROBLEM_NAMES.map((name) => problem(name, 999_999_999)),
      ...([1, 2, 3] as const).map(edhocError),
      ...[NO_CONTENT, QUEUED],
      ...[random(1), random(118), random(771)].map((bytes) => handshakeAnswer(bytes)),
    ];
    const steps = [
      ["message1", [...forged, elsewhere, "hang-up"]],
      // A connection that breaks here is no refusal: the same message_3 is sent again for 10 s.
      ["message3", forged],
    ] as const;
    for (const [step, answers] of steps) {
      for (const answer of answers) {
        gateway.attack = { [step]: () => Promise.resolve(answer) };
        const known = patient.heard("problem").length;
        await patient.triesUntil(() => patient.heard("problem").length > known, "a problem shown");
        expect(patient.device.items()).toMatchObject([{ messageId }]);
        expect(patient.device.status()).toMatchObject({ state: "active", device });
      }
    }
    expect(await scene.hospital.values(patient.mrn)).toEqual([]);
    await scene.expectHonestAgain(patient);
  });

  it("cannot send the device elsewhere with its message_3, nor reflect its own messages to it", async () => {
    const patient = await scene.patient();
    await scene.endSessions([patient], {
      message1: async (message, relay) => {
        const answer = await relay(message);
        if (answer === "hang-up") return answer;
        const location = `http://attacker.example${answer.headers[HEADERS.location] ?? ""}`;
        return { ...answer, headers: { ...answer.headers, [HEADERS.location]: location } };
      },
    });
    const shows = (code: string) =>
      patient.triesUntil(() => patient.device.status().lastError?.code === code, code);
    await shows("GATEWAY_FAILED");
    expect(scene.gateway.tape.message3).toEqual([]);
    scene.gateway.attack = {
      message1: ({ body }) =>
        Promise.resolve(handshakeAnswer(body.slice(1), handshakePath(random(16)))),
    };
    await shows("HANDSHAKE_FAILED");
    scene.gateway.attack = { message1: () => Promise.resolve("hang-up") };
    await shows("NETWORK_UNREACHABLE");
    scene.gateway.attack = {
      message3: ({ body }) => Promise.resolve(handshakeAnswer(body.slice(9))),
    };
    await shows("HANDSHAKE_FAILED");
    await scene.expectHonestAgain(patient);
  });
});

describe("on the way to the hospital, a malicious gateway [HS-312e2i]", () => {
  it.each([
    ["change a bit of any byte of an envelope", flips, ["malformed", "unauthentic"]],
    ["cut an envelope to any length or lengthen it", cutAndExtended, ["malformed"]],
  ])("cannot %s, before the true one is stored or after", async (_, tamper, reasons) => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const { sid, body } = await scene.withhold(patient);
    const wrong = tamper(body);
    const tryAll = async (): Promise<void> => {
      const verdicts = await Promise.all(wrong.map((bytes) => gateway.inject(sid, bytes)));
      expect(new Set(verdicts)).toEqual(new Set(["no-answer"]));
    };
    await tryAll();
    expect(await hospital.values(patient.mrn)).toEqual([]);
    expect(patient.device.items()).toHaveLength(1);
    expect(await gateway.inject(sid, body)).toEqual(expect.any(Uint8Array));
    await tryAll();
    expect(await hospital.values(patient.mrn)).toEqual(patient.values);
    const refused = await scene.refused();
    expect(sum(refused)).toBe(2 * wrong.length);
    expect(Object.keys(refused).sort()).toEqual(reasons.map((reason) => `envelope-${reason}`));
    await scene.expectHonestAgain(patient);
  });

  it("gets the stored answer for an envelope that it repeats, and it is stored once", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const { posted, receipt } = await scene.stopReceipt(patient);
    gateway.attack = {};
    for (let times = 0; times < 5; times++) {
      expect(await gateway.inject(posted.sid, posted.body)).toEqual(receipt);
    }
    await patient.hears("receipted");
    expect(await hospital.values(patient.mrn)).toEqual(patient.values);
    expect(await scene.refused()).toEqual({});
    await scene.expectHonestAgain(patient);
    expect(patient.heard("receipted"), "one for each reading").toHaveLength(patient.values.length);
  });

  it("cannot have an envelope taken in another session, of the same patient, another or none (SR-30)", async () => {
    const { gateway, hospital } = scene;
    const [patient, other] = [await scene.patient(), await scene.patient()];
    const { sid: otherSid } = await scene.withhold(other);
    const { sid, body } = await scene.withhold(patient);
    await scene.newSession(patient);
    const { sid: nextSid } = await scene.withhold(patient);
    expect(nextSid).not.toEqual(sid);
    for (const wrongSid of [otherSid, nextSid, random(16)]) {
      expect(await gateway.inject(wrongSid, body)).toBe("no-answer");
    }
    expect(await scene.refused()).toEqual({ "envelope-unauthentic": 2, "session-unknown": 1 });
    expect(await hospital.values(patient.mrn)).toEqual([]);
    expect(await hospital.values(other.mrn)).toEqual([]);
    await scene.expectHonestAgain(patient);
    await scene.expectHonestAgain(other);
  });

  it("cannot splice header and ciphertext of two envelopes, nor of two sessions (SR-30)", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const first = await scene.withhold(patient);
    const second = await scene.withhold(patient);
    await scene.newSession(patient);
    const later = await scene.withhold(patient);
    const posts = [first, second, later];
    const pairs = posts.flatMap((header) => posts.map((text) => [header, text] as const));
    const spliced = pairs
      .map(([header, text]) => splice(header.body, text.body))
      .filter((bytes) => posts.every(({ body }) => !equalBytes(body, bytes)));
    for (const { sid } of posts) {
      for (const bytes of spliced) expect(await gateway.inject(sid, bytes)).toBe("no-answer");
    }
    expect(await hospital.values(patient.mrn)).toEqual([]);
    expect(await scene.refused()).toEqual({
      "envelope-unauthentic": posts.length * spliced.length,
    });
    await scene.expectHonestAgain(patient);
  });

  it("cannot invent an envelope, nor turn the hospital's own back to it", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const { posted, receipt } = await scene.stopReceipt(patient);
    const { sid } = posted;
    const invented = [await invent(sid, 0), receipt];
    const malformed = [1, 16, 500, 65_536].map(random);
    gateway.attack = {};
    for (const bytes of [...invented, ...malformed]) {
      expect(await gateway.inject(sid, bytes)).toBe("no-answer");
    }
    expect(await gateway.inject(random(16), posted.body)).toBe("no-answer");
    expect(await scene.refused()).toEqual({
      "envelope-unauthentic": 2,
      "envelope-malformed": 4,
      "session-unknown": 1,
    });
    expect(await hospital.values(patient.mrn)).toEqual(patient.values);
    await scene.expectHonestAgain(patient);
  });

  it("cannot break or fill the hospital with rubbish on the uplink: it ends the connection and comes again", async () => {
    const { gateway } = scene;
    const patient = await scene.patient();
    const envelope = (number: number) =>
      ({ type: "envelope", sid: random(16), number, body: random(9) }) as const;
    const beyondCredit = Array.from({ length: 1_025 }, (_, index) => envelope(index + 1));
    const messages = [
      random(1_000),
      encodeFrames([{ type: "close", sid: random(16) }]),
      encodeFrames(beyondCredit),
    ];
    for (const message of messages) {
      await until(() => gateway.isConnected, "the uplink");
      expect(await gateway.provoke(message)).toBe(UPLINK_CLOSE.malformed);
    }
    await until(() => gateway.isConnected, "the uplink");
    await until(async () => sum(await scene.refused()) === 1_024, "all of them to be counted");
    expect(await scene.refused()).toEqual({ "session-unknown": 1_024 });
    await scene.expectHonestAgain(patient);
  });

  it("may double and reorder envelopes: each reading is stored once and receipted once", async () => {
    const { gateway } = scene;
    const patient = await scene.patient();
    const held: Posted[] = [];
    for (let count = 0; count < 4; count++) held.push(await scene.withhold(patient));
    gateway.attack = {};
    const again = [...held].reverse().flatMap((posted) => [posted, posted, ...held]);
    const answers = await Promise.all(again.map(({ sid, body }) => gateway.inject(sid, body)));
    expect(answers).not.toContain("no-answer");
    expect(new Set(answers.map((answer) => toHex(answer as Bytes)))).toHaveLength(held.length);
    await patient.hears("receipted", held.length);
    await scene.expectHonestAgain(patient);
    expect(patient.heard("receipted")).toHaveLength(patient.values.length);
  });

  it("may keep a reading back through several sessions and release all at once: it is stored once", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const held = [await scene.withhold(patient)];
    while (held.length < 3) {
      held.push(await scene.nextPost(patient, () => scene.waitInVain(patient)));
    }
    expect(new Set(held.map(({ sid }) => toHex(sid)))).toHaveLength(3);
    expect(patient.device.items()).toHaveLength(1);
    gateway.attack = {};
    for (const { sid, body } of [...held].reverse()) {
      expect(await gateway.inject(sid, body)).not.toBe("no-answer");
    }
    await patient.hears("receipted");
    expect(await hospital.values(patient.mrn)).toEqual(patient.values);
    await scene.expectHonestAgain(patient);
  });

  it("cannot keep a revoked phone alive by overhearing that its session is closed", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const { sid, body } = await scene.withhold(patient);
    await hospital.revoke(patient.device.status().device!.kid);
    expect(await gateway.inject(sid, body)).toBe("no-answer");
    expect(await scene.refused()).toEqual({ "session-closed": 1 });
    expect(await hospital.values(patient.mrn)).toEqual([]);
    expect(patient.device.items(), "the reading stays on the phone").toHaveLength(1);
    await patient.stop();
    gateway.behave();
    await scene.expectHonestAgain(await scene.patient());
  });
});

describe("on the way to the device, a malicious gateway [HS-312e2i]", () => {
  it.each([
    ["change a bit of any byte of a receipt", flips],
    ["cut a receipt to any length or lengthen it", cutAndExtended],
  ])("cannot %s", async (_, tamper) => {
    const patient = await scene.patient();
    const { posted, receipt } = await scene.stopReceipt(patient);
    const wrong = tamper(receipt);
    await scene.feed(posted.sid, wrong);
    expect(patient.device.status().unreadable).toBe(wrong.length);
    expect(patient.device.items()).toMatchObject([{ state: "at-gateway" }]);
    expect(patient.heard("receipted")).toEqual([]);
    await scene.feed(posted.sid, [receipt]);
    await patient.hears("receipted");
    await scene.expectHonestAgain(patient);
  });

  it("cannot free a reading with a receipt of another session, of another reading or of an older one", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const { receipt: ofOldSession } = await scene.stopReceipt(patient);
    const again = await scene.nextPost(patient, () => scene.newSession(patient));
    await scene.feed(again.sid, [ofOldSession]);
    expect(patient.device.items()).toHaveLength(1);

    const receipt = await scene.askHospital(again);
    gateway.attack = { ...gateway.attack, envelope: () => Promise.resolve(answered(receipt)) };
    const { messageId } = await patient.measure();
    await patient.hears("receipted");
    expect(patient.device.items(), "only what it names is freed").toMatchObject([{ messageId }]);

    await scene.feed(again.sid, [receipt, receipt]);
    expect(patient.device.items()).toMatchObject([{ messageId }]);
    expect(await hospital.values(patient.mrn)).toEqual(patient.values.slice(0, 1));
    expect(patient.device.status().unreadable, "that of the old session").toBe(1);
    await scene.waitInVain(patient);
    await scene.expectHonestAgain(patient);
  });

  it("cannot lose a reading by dropping every answer: it is sealed again, and stored once", async () => {
    const { gateway, hospital } = scene;
    const patient = await scene.patient();
    const dropAnswers: Attack = {
      envelope: ({ sid, body }) => {
        void gateway.inject(sid, body);
        return Promise.resolve(QUEUED);
      },
      fromHospital: withoutAnswers,
    };
    await scene.endSessions([patient], dropAnswers);
    await patient.measure();
    for (let session = 1; session <= 3; session++) {
      await patient.triesUntil(() => gateway.tape.answers.length === session, "an answer");
      await scene.waitInVain(patient);
    }
    expect(patient.heard("session-ended").at(-1)).toMatchObject({ reason: "no-answer" });
    expect(patient.device.items()).toHaveLength(1);
    expect(await hospital.values(patient.mrn)).toEqual(patient.values);
    await scene.expectHonestAgain(patient);
  });

  it("cannot pass off a 200, a 202 or the hospital's own words turned round as a receipt", async () => {
    const patient = await scene.patient();
    const lies: (readonly [
      lie: (posted: Posted) => Answer | Promise<Answer>,
      unreadable: number,
    ])[] = [
      [() => answered(random(600)), 1],
      [async ({ sid }) => answered(await invent(sid, 1)), 2],
      [({ body }) => answered(body), 3],
      [() => answered(random(0)), 4],
      [() => QUEUED, 4],
    ];
    await patient.measure();
    for (const [lie, unreadable] of lies) {
      scene.gateway.attack = { envelope: async (posted) => lie(posted) };
      await scene.nextPost(patient, () => undefined);
      await until(() => patient.device.status().unreadable === unreadable, "the lie to be heard");
      await scene.waitInVain(patient);
      expect(patient.heard("session-ended").at(-1)).toMatchObject({ reason: "no-answer" });
      expect(patient.device.items()).toHaveLength(1);
    }
    expect(await scene.hospital.values(patient.mrn)).toEqual([]);
    await scene.expectHonestAgain(patient);
  });

  it("cannot lose a reading by claiming that the hospital gives no answer: it is kept and shown", async () => {
    const patient = await scene.patient();
    await patient.measure();
    scene.gateway.attack = { envelope: () => Promise.resolve(NO_CONTENT) };
    patient.start();
    await patient.triesUntil(() => patient.heard("kept").length === 1, "the reading to be kept");
    expect(patient.heard("session-ended")).toMatchObject([{ reason: "hospital-no-answer" }]);
    const [item] = patient.device.items();
    expect(item).toMatchObject({ state: "kept", keptReason: "no-answer" });
    expect(patient.device.status().queue).toMatchObject({ kept: 1, queued: 0 });
    expect(await scene.hospital.values(patient.mrn)).toEqual([]);
    await patient.device.requeue(item!.messageId);
    await scene.expectHonestAgain(patient);
  });

  it("cannot take a reading from the device with any refusal of an envelope that it forges", async () => {
    const { gateway } = scene;
    const patient = await scene.patient();
    patient.start();
    for (const [index, name] of PROBLEM_NAMES.entries()) {
      gateway.attack = { envelope: () => Promise.resolve(problem(name, 999_999_999)) };
      const known = patient.reactions().length;
      await patient.measure();
      await patient.triesUntil(
        () => patient.reactions().slice(known).includes(REACTIONS[name]),
        `a reaction to ${name}`,
      );
      expect(patient.device.items()).toHaveLength(index + 1);
    }
    expect(await scene.hospital.values(patient.mrn)).toEqual([]);
    await patient.requeueAll();
    await scene.expectHonestAgain(patient);
  });

  it("gains nothing with a mailbox full of rubbish", async () => {
    const { gateway } = scene;
    const patient = await scene.patient();
    const { receipt } = await scene.stopReceipt(patient);
    const cursor = { [HEADERS.cursor]: "1" };
    const rubbish = [
      ...[random(1), random(64), random(100_000)].map((body) => rawMailboxAnswer(body, cursor)),
      rawMailboxAnswer(encodeCbor([receipt]), cursor),
      rawMailboxAnswer(encodeCbor(receipt).slice(0, -1), cursor),
      rawMailboxAnswer(encodeCbor(receipt), {}),
      rawMailboxAnswer(encodeCbor(receipt), { [HEADERS.cursor]: "no cursor" }),
      rawMailboxAnswer(encodeCbor(random(2_000_000)), cursor),
    ].map((answer) => [answer, "GATEWAY_FAILED"] as const);
    const refusals = PROBLEM_NAMES.map((name) => {
      const reaction = REACTIONS[name].startsWith("kept") ? "GATEWAY_FAILED" : REACTIONS[name];
      return [problem(name, 999_999_999), reaction] as const;
    });
    for (const [answer, reaction] of [...rubbish, ...refusals]) {
      gateway.attack = { ...gateway.attack, mailbox: () => Promise.resolve(answer) };
      gateway.cutConnections();
      const known = patient.reactions().length;
      await patient.triesUntil(() => {
        // A device asks its mailbox once a second at most.
        patient.clock.push(100);
        return patient.reactions().slice(known).includes(reaction);
      }, reaction);
      expect(patient.device.items()).toHaveLength(1);
    }
    await scene.expectHonestAgain(patient);
  });

  it("cannot make a notice count twice by flooding the device with it, in its session or the next", async () => {
    const { gateway, hospital } = scene;
    const patient = await Patient.create();
    await patient.enrol(hospital, await hospital.register(patient.mrn));
    const notice = gateway.tape.answers.find(({ number }) => number === 0)!;
    const flood = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? notice.body : random(400)));
    patient.start();
    await scene.feed(notice.sid, flood);
    await scene.feed(await scene.newSession(patient), flood);
    expect(patient.heard("state").map(({ state }) => state)).toEqual([
      "enrolling",
      "pending",
      "active",
    ]);
    expect(patient.heard("alarm")).toEqual([]);
    expect(patient.device.status().unreadable, "the notice is of the old session").toBe(250 + 500);
    await scene.expectHonestAgain(patient);
  });

  it("cannot make a request count long after it was asked: the hospital calls it stale", async () => {
    const patient = await scene.patient();
    patient.start();
    // To the hospital it is all the same whether a request was under way for so long or its own clock has gone on.
    await scene.hospital.clock.shift(11 * 60_000);
    await expect(patient.device.profile()).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      hospitalError: "stale",
    });
    await scene.hospital.clock.shift(0);
    await expect(patient.device.profile()).resolves.toMatchObject({ name: "Ada Example" });
    await scene.expectHonestAgain(patient);
  });

  // Here belongs `consent`, once the hospital answers it: a withdrawal is not undone by a consent that a gateway has
  // held back, nor by one that it repeats (protocol section 6, "Changes").
});
