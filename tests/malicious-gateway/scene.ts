import { expect } from "vitest";
import type { Counters } from "@siphms/api";
import { equalBytes, type Bytes } from "@siphms/cose";
import { decodeBase64Url, type HospitalFrame } from "@siphms/relay";
import { problem, QUEUED, type Answer } from "./answers.ts";
import { HospitalProcess, type Refusals } from "./hospital-process.ts";
import { MaliciousGateway, type Attack, type Posted } from "./malicious-gateway.ts";
import { Patient, until } from "./patient.ts";

/** A device waits so long for an answer (protocol section 6). */
export const ANSWER_MS = 20_000;

const denySession = (): Promise<Answer> => Promise.resolve(problem("session-unknown"));
const hangUp = (): Promise<Answer> => Promise.resolve("hang-up");

/** Keeps every answer of the hospital from the devices. */
export function withoutAnswers(frame: HospitalFrame, relay: (frame: HospitalFrame) => void): void {
  if (frame.type !== "answer") relay(frame);
}

/** A hospital and the attacker in front of it, and what the attacks have in common. */
export class Scene {
  readonly gateway: MaliciousGateway;
  readonly hospital: HospitalProcess;
  #before: Counters | undefined;

  private constructor(gateway: MaliciousGateway, hospital: HospitalProcess) {
    this.gateway = gateway;
    this.hospital = hospital;
  }

  static async set(): Promise<Scene> {
    const gateway = await MaliciousGateway.start();
    const hospital = await HospitalProcess.start(gateway.url);
    await until(() => gateway.isConnected, "the hospital's uplink");
    return new Scene(gateway, hospital);
  }

  async strike(): Promise<void> {
    await this.hospital.stop();
    await this.gateway.stop();
  }

  /** From here the gateway is honest, its tape empty, and refusals count from nothing. */
  async begin(): Promise<void> {
    this.gateway.behave();
    this.#before = await this.hospital.counters();
  }

  /** What the hospital has refused since {@link begin}, by reason. */
  async refused(): Promise<Refusals> {
    if (this.#before === undefined) throw new Error("not begun");
    return this.hospital.refusedSince(this.#before);
  }

  /** A patient whose phone is enrolled and confirmed by an honest way. */
  async patient(): Promise<Patient> {
    const patient = await Patient.create();
    await patient.enrol(this.hospital, await this.hospital.register(patient.mrn));
    patient.start();
    // Not one of the test's messages: the request by which the device says that it has seen that it is confirmed.
    await until(() => patient.readCount >= 3, "the enrolment to be over");
    await patient.stop();
    this.gateway.behave();
    return patient;
  }

  /** All that was measured is at the hospital exactly once, all of it is receipted, and one more goes through as ever. */
  async expectHonestAgain(patient: Patient): Promise<void> {
    const { device, values } = patient;
    this.gateway.behave();
    patient.start();
    // What still waits for an answer that never came gives up now instead of in 20 s.
    if (device.items().length > 0) patient.clock.push(ANSWER_MS);
    await patient.triesUntil(() => device.status().connection === "open", "a session");
    await patient.measure();
    await patient.triesUntil(() => device.items().length === 0, "the outbox to be empty");
    await patient.stop();
    const kept = await this.hospital.samples(patient.mrn);
    expect(kept.map(({ value }) => Number(value)).sort((a, b) => a - b)).toEqual(values);
    expect(new Set(kept.map(({ state }) => state))).toEqual(new Set(["stored"]));
    expect(device.status()).toMatchObject({
      state: "active",
      totals: { recordedItems: values.length, receiptedItems: values.length, refusedItems: 0 },
    });
  }

  /** The device posts one new reading, which the gateway keeps to itself. */
  async withhold(patient: Patient): Promise<Posted> {
    this.gateway.attack = { ...this.gateway.attack, envelope: () => Promise.resolve(QUEUED) };
    return this.nextPost(patient, () => patient.measure());
  }

  /** The next envelope that the device posts once this is done. */
  async nextPost(patient: Patient, cause: () => unknown): Promise<Posted> {
    const { envelopes } = this.gateway.tape;
    const known = envelopes.length;
    patient.start();
    await cause();
    await patient.triesUntil(() => envelopes.length > known, "an envelope");
    return envelopes[known]!;
  }

  /** The hospital stores one new reading; its receipt goes no further than the gateway. */
  async stopReceipt(
    patient: Patient,
  ): Promise<{ readonly posted: Posted; readonly receipt: Bytes }> {
    const posted = await this.withhold(patient);
    this.gateway.attack = { ...this.gateway.attack, fromHospital: withoutAnswers };
    return { posted, receipt: await this.askHospital(posted) };
  }

  /** Hands an envelope to the hospital and overhears what it answers, whether or not the answer goes any further. */
  async askHospital({ sid, body }: Posted): Promise<Bytes> {
    const { answers } = this.gateway.tape;
    const known = answers.length;
    void this.gateway.inject(sid, body);
    await until(() => answers.length > known, "an answer");
    return answers[known]!.body;
  }

  /** Puts these into the session's mailbox and waits until the device has acknowledged, that is, judged them all. */
  async feed(sid: Bytes, envelopes: readonly Bytes[]): Promise<void> {
    const { gateway } = this;
    gateway.deliver(sid, ...envelopes);
    const size = gateway.mailboxSize(sid);
    await until(
      () => gateway.tape.questions.some((q) => equalBytes(q.sid, sid) && Number(q.after) >= size),
      "the device to read its mailbox",
    );
  }

  /** The device's session ends without an answer, and the next one begins. */
  async waitInVain(patient: Patient): Promise<void> {
    const ended = patient.heard("session-ended").length;
    patient.clock.push(ANSWER_MS);
    await patient.hears("session-ended", ended + 1);
  }

  /** Talks devices out of their sessions, which any gateway can, and goes on with this attack. */
  async endSessions(patients: readonly Patient[], next: Attack = {}): Promise<void> {
    const ended = patients.map((patient) => patient.heard("session-ended").length);
    this.gateway.attack = { mailbox: denySession, envelope: denySession, message1: hangUp };
    this.gateway.cutConnections();
    for (const patient of patients) patient.start();
    await until(() => {
      for (const { device } of patients) device.retryNow();
      return patients.every((patient, at) => patient.heard("session-ended").length > ended[at]!);
    }, "the sessions to end");
    this.gateway.attack = next;
  }

  /** Ends the session and waits until the device listens in the next one; returns its sid. */
  async newSession(patient: Patient): Promise<Bytes> {
    const { sid } = patient;
    await this.endSessions([patient], this.gateway.attack);
    await patient.triesUntil(() => patient.sid !== sid, "a session");
    return decodeBase64Url(patient.sid);
  }
}
