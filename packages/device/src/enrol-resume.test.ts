import type { Device } from "@siphms/device";
import { createDeviceWorld, problem, respond, type DeviceWorld } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";

const NAME = { deviceName: "test phone" };

let world: DeviceWorld;
let device: Device;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
});

/** A new process on the same store. */
async function restart(): Promise<void> {
  device = await world.open();
}

async function enrol(link: string): Promise<{ kind: string; code?: string }> {
  return world.resolve(device.enrol(link, NAME));
}

function bindingCount(): number {
  return world.hospital.bindings.size;
}

describe("an interrupted enrolment", () => {
  it("goes straight on by value where message_3 never left", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = () => ({ fault: "unreachable" });
    await expect(enrol(link)).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
    world.gateway.intercept = () => undefined;
    await restart();
    expect((await world.resolve(device.resumeEnrolment())).kind).toBe("pending");
    expect(world.gateway.count("message-3")).toBe(1);
  });

  it("tries by kid first where message_4 was lost, then by value with the same key and a new code", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? { fault: "delay", ms: 11_000 } : undefined;
    await expect(enrol(link)).rejects.toMatchObject({ code: "HANDSHAKE_TOO_SLOW" });
    world.gateway.intercept = () => undefined;
    await restart();
    const result = await enrol(link);
    const [binding] = [...world.hospital.bindings.values()];
    expect(result).toMatchObject({ kind: "pending", code: binding?.codes.at(-1) });
    expect(bindingCount()).toBe(1);
    // The lost one, the one by kid, the one by value.
    expect(world.gateway.count("message-3")).toBe(3);
  });

  it("goes by value where the hospital does not know the kid", async () => {
    const link = world.hospital.invite();
    // Message_3 counts as sent, but never arrived.
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? { fault: "timeout" } : undefined;
    await expect(enrol(link)).rejects.toMatchObject({ code: "HANDSHAKE_TOO_SLOW" });
    world.gateway.intercept = () => undefined;
    expect((await enrol(link)).kind).toBe("pending");
    expect(world.hospital.refusals).toHaveLength(1);
    expect(bindingCount()).toBe(1);
  });

  it("is ended by a session by kid that says the binding is active", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = ({ step }) =>
      step === "envelope" ? { fault: "answer-lost" } : undefined;
    world.gateway.fillsMailbox = false;
    await expect(enrol(link)).rejects.toMatchObject({ code: "REQUEST_UNANSWERED" });
    const [binding] = [...world.hospital.bindings.values()];
    binding!.state = "active";
    world.gateway.intercept = () => undefined;
    await restart();
    expect(await world.resolve(device.resumeEnrolment())).toEqual({
      kind: "active",
      hospitalName: "Invented Hospital",
    });
  });

  it("never seals the opening of a commitment in another session", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = ({ step }) =>
      step === "envelope" ? problem("session-unknown") : undefined;
    await expect(enrol(link)).rejects.toMatchObject({ code: "REQUEST_UNANSWERED" });
    expect(world.gateway.count("envelope")).toBe(1);
    // At once: there is nothing to wait for in a session that is gone.
    expect(world.clock.monotonic()).toBe(0);
    world.gateway.intercept = () => undefined;
    await enrol(link);
    const nonces = world.hospital.requests.map(({ parameters }) => parameters.get(1));
    expect(nonces).toHaveLength(1);
  });

  it("gives up after three codes and sends the token no more", async () => {
    const link = world.hospital.invite();
    world.gateway.fillsMailbox = false;
    world.gateway.intercept = ({ step }) =>
      step === "envelope" ? { fault: "answer-lost" } : undefined;
    for (let i = 0; i < 3; i++) {
      await expect(enrol(link)).rejects.toMatchObject({ code: "REQUEST_UNANSWERED" });
      await restart();
    }
    const handshakes = world.gateway.count("message-3");
    await expect(enrol(link)).rejects.toMatchObject({ code: "CODE_LIMIT" });
    // One more by kid; none by value.
    expect(world.gateway.count("message-3")).toBe(handshakes + 1);
    await expect(world.resolve(device.run())).rejects.toMatchObject({ code: "CODE_LIMIT" });
    expect(device.status().state).toBe("enrolling");
  });

  it("shows the same code again after a restart and asks for no new one", async () => {
    const { code } = await enrol(world.hospital.invite());
    await restart();
    expect(device.status()).toMatchObject({ state: "pending", code });
    expect(await world.resolve(device.resumeEnrolment())).toMatchObject({ kind: "pending", code });
    const [binding] = [...world.hospital.bindings.values()];
    expect(binding?.codes).toEqual([code]);
  });

  it("keeps key and token when the hospital seems to refuse, since the gateway can forge that", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = ({ step }) =>
      step === "message-3"
        ? respond(400, new Uint8Array([1, 0x60]), { "content-type": "application/edhoc+cbor-seq" })
        : undefined;
    await expect(enrol(link)).rejects.toMatchObject({ code: "INVITATION_REFUSED" });
    const kid = device.status().device?.kid;
    world.gateway.intercept = () => undefined;
    await restart();
    expect((await world.resolve(device.resumeEnrolment())).kind).toBe("pending");
    expect(device.status().device?.kid).toEqual(kid);
  });

  it("says so when the hospital refuses the confirmation", async () => {
    world.hospital.behaviour.respond = () => ({ error: "refused", result: new Map() });
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "ENROLMENT_REFUSED",
      hospitalError: "refused",
    });
    expect(device.status().code).toBeUndefined();
  });

  it("is finished by run alone", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = () => ({ fault: "unreachable" });
    await expect(enrol(link)).rejects.toMatchObject({ code: "NETWORK_UNREACHABLE" });
    world.gateway.intercept = () => undefined;
    const running = device.run({ until: "active" });
    await world.until(() => device.status().code !== undefined);
    await world.hospital.confirm(device.status().code ?? "");
    await world.resolve(running);
    expect(device.status().state).toBe("active");
  });

  it("cannot be resumed where none was begun", async () => {
    await expect(device.resumeEnrolment()).rejects.toMatchObject({ code: "NOT_ENROLLED" });
    await expect(device.run()).rejects.toMatchObject({ code: "NOT_ENROLLED" });
  });
});

describe("a pending device", () => {
  it("measures, and sends no readings before it is active", async () => {
    const { code } = await enrol(world.hospital.invite());
    await device.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 0 }]);
    const abort = new AbortController();
    const running = device.run({ signal: abort.signal });
    await world.pass(10 * 60_000);
    expect(world.hospital.stored).toEqual([]);
    expect(device.status().queue.queued).toBe(1);
    await world.hospital.confirm(code ?? "");
    await world.until(() => world.hospital.stored.length === 1);
    expect(world.hospital.stored[0]?.receipt.outcome).toBe(0);
    abort.abort();
    await world.resolve(running);
  });

  it("hears of the confirmation in a later session", async () => {
    const { code } = await enrol(world.hospital.invite());
    await world.hospital.confirm(code ?? "");
    await restart();
    await world.resolve(device.run({ until: "active" }));
    expect(device.status().state).toBe("active");
  });

  it("does not measure before any code was shown", async () => {
    world.gateway.intercept = () => ({ fault: "unreachable" });
    await expect(enrol(world.hospital.invite())).rejects.toThrow();
    const reading = [{ kind: 1, start: 1, step: 0, values: [70], origin: 0 }] as const;
    await expect(device.record(reading)).rejects.toMatchObject({ code: "NOT_ENROLLED" });
  });

  it("is told `pending` when it asks for anything else", async () => {
    await enrol(world.hospital.invite());
    const abort = new AbortController();
    const running = device.run({ signal: abort.signal });
    await expect(world.resolve(device.profile())).rejects.toMatchObject({
      code: "REQUEST_REFUSED",
      hospitalError: "pending",
    });
    abort.abort();
    await world.resolve(running);
  });
});
