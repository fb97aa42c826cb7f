import { createUnsafeMemoryStore, openDevice, type Device } from "@siphms/device";
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

describe("enrol", () => {
  it("ends with the six digits that staff see", async () => {
    const result = await enrol(world.hospital.invite());
    const [binding] = [...world.hospital.bindings.values()];
    expect(result).toMatchObject({ kind: "pending", code: binding?.codes[0] });
    expect(result.code).toMatch(/^\d{6}$/);
    expect(device.status()).toMatchObject({ state: "pending", code: result.code });
  });

  it("becomes active when staff confirm the code", async () => {
    const { code } = await enrol(world.hospital.invite());
    const running = device.run({ until: "active" });
    await world.settle();
    expect(await world.hospital.confirm(code ?? "")).toBe(true);
    await world.resolve(running);
    expect(device.status().state).toBe("active");
    expect(device.status().code).toBeUndefined();
  });

  it("shows pinned hospital and own key", async () => {
    await enrol(world.hospital.invite());
    expect(device.status().hospital).toEqual({
      id: "demo-hospital",
      name: "Invented Hospital",
      gatewayUrl: "https://gateway.example",
      kid: world.hospital.key.credential.kid,
    });
    const [binding] = [...world.hospital.bindings.values()];
    expect(device.status().device).toEqual({ kid: binding?.credential.kid, name: "test phone" });
  });

  it("does not blame the invitation for a gateway that was started anew meanwhile", async () => {
    const link = world.hospital.invite();
    world.gateway.intercept = ({ step }) =>
      step === "message-3" ? problem("session-unknown") : undefined;
    await expect(enrol(link)).rejects.toMatchObject({ code: "GATEWAY_FAILED" });
    world.gateway.intercept = () => undefined;
    expect(await enrol(link)).toMatchObject({ kind: "pending" });
  });

  it("has its key durable before message_3 leaves", async () => {
    let stored: readonly string[] = [];
    world.gateway.intercept = (line) => {
      if (line.step === "message-3") void world.store.list("").then((names) => (stored = names));
      return undefined;
    };
    await enrol(world.hospital.invite());
    expect(stored).toEqual(expect.arrayContaining(["identity", "key"]));
  });

  it.each([
    ["an empty text", ""],
    ["a link without fragment", "https://app.example/enrol"],
    ["a fragment that is not base64url", "https://app.example/enrol#$$$"],
    ["a fragment that is no invitation", "https://app.example/enrol#AAAA"],
    ["another path", "https://app.example/other#AAAA"],
  ])("refuses %s", async (_what, link) => {
    await expect(enrol(link)).rejects.toMatchObject({ code: "INVITATION_MALFORMED" });
    expect(device.status().state).toBe("new");
    expect(world.gateway.lines).toEqual([]);
  });

  it("refuses an invitation that was cut off", async () => {
    const link = world.hospital.invite();
    await expect(enrol(link.slice(0, -20))).rejects.toMatchObject({ code: "INVITATION_MALFORMED" });
  });

  it("refuses an invitation with a changed hospital key", async () => {
    const link = world.hospital.invite();
    const at = link.indexOf("#") + 150;
    const bent = link.slice(0, at) + (link[at] === "A" ? "B" : "A") + link.slice(at + 1);
    await expect(enrol(bent)).rejects.toMatchObject({ code: "INVITATION_MALFORMED" });
  });

  it("refuses a device name over 64 bytes as the caller's mistake", async () => {
    const long = { deviceName: "ä".repeat(33) };
    await expect(device.enrol(world.hospital.invite(), long)).rejects.toBeInstanceOf(RangeError);
  });

  it("takes a device name of 64 bytes: message_3 has room for it", async () => {
    const long = { deviceName: "ä".repeat(32) };
    const result = await world.resolve(device.enrol(world.hospital.invite(), long));
    expect(result.kind).toBe("pending");
  });

  it("tells nobody any more who has unsubscribed", async () => {
    const told: string[] = [];
    const stop = device.subscribe(({ type }) => told.push(type));
    await enrol(world.hospital.invite());
    expect(told).toContain("code");
    const before = told.length;
    stop();
    await enrol(world.hospital.invite());
    expect(told).toHaveLength(before);
  });

  it("says that an expired invitation has expired, after asking the hospital", async () => {
    const link = world.hospital.invite({ lifeMs: 60_000 });
    await world.pass(61_000);
    await expect(enrol(link)).rejects.toMatchObject({ code: "INVITATION_EXPIRED" });
    expect(world.gateway.count("message-3")).toBe(1);
    expect(world.events.map(({ type }) => type)).toContain("invitation-late");
  });

  it("takes the hospital's word, not its own clock's, on whether an invitation is still good", async () => {
    const link = world.hospital.invite({ lifeMs: 60_000 });
    const ahead = { ...world.ports.clock, now: () => world.clock.now() + 3_600_000 };
    const early = await openDevice(
      { ...world.ports, clock: ahead },
      { storeKey: new Uint8Array(32) },
    );
    const result = await world.resolve(early.enrol(link, NAME));
    expect(result.kind).toBe("pending");
    expect(early.now()).toBe(world.clock.now());
  });

  it("says that a used invitation is refused", async () => {
    const link = world.hospital.invite();
    await enrol(link);
    const other = await world.open({ store: createUnsafeMemoryStore() });
    await expect(world.resolve(other.enrol(link, NAME))).rejects.toMatchObject({
      code: "INVITATION_REFUSED",
    });
    expect(other.status().state).toBe("enrolling");
  });

  it("stops where another key answers in the hospital's name", async () => {
    const link = world.hospital.invite();
    const impostor = await world.hospital.createKey();
    const real = world.hospital.takeMessage1.bind(world.hospital);
    await world.hospital.rotate();
    world.hospital.retireOldKeys();
    world.hospital.takeMessage1 = (_kid, handle, body) =>
      real(world.hospital.key.credential.kid, handle, body);
    expect(impostor).toBeDefined();
    await expect(enrol(link)).rejects.toMatchObject({ code: "HOSPITAL_KEY_MISMATCH" });
    expect(world.gateway.count("message-3")).toBe(0);
  });

  it("stops where the invitation names a key that the hospital does not have", async () => {
    const link = world.hospital.invite({ key: await world.hospital.createKey() });
    await expect(enrol(link)).rejects.toMatchObject({ code: "HOSPITAL_KEY_UNKNOWN" });
  });

  it.each([
    ["hospital-unknown", "HOSPITAL_UNKNOWN"],
    ["hospital-away", "HOSPITAL_AWAY"],
    ["slow-down", "SLOW_DOWN"],
    ["malformed", "GATEWAY_REFUSED"],
    ["media-type", "GATEWAY_REFUSED"],
    ["handshake-used", "INVITATION_REFUSED"],
  ] as const)("names the gateway's problem %s as %s", async (name, code) => {
    world.gateway.intercept = ({ step }) => (step === "message-1" ? problem(name, 7) : undefined);
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({ code });
    expect(device.status().state).toBe("enrolling");
  });

  it("says how long to wait where the gateway says so", async () => {
    world.gateway.intercept = () => problem("hospital-away", 42);
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({ retryAfterMs: 42_000 });
  });

  it.each([
    [502, "GATEWAY_FAILED"],
    [500, "GATEWAY_FAILED"],
    [302, "GATEWAY_FAILED"],
  ])("takes status %i for a fault of the gateway", async (status, code) => {
    world.gateway.intercept = () => respond(status);
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({ code });
  });

  it("says that the gateway cannot be reached", async () => {
    world.gateway.intercept = () => ({ fault: "unreachable" });
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "NETWORK_UNREACHABLE",
    });
  });

  it("says that the gateway does not answer", async () => {
    world.gateway.intercept = () => ({ fault: "timeout" });
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({ code: "NETWORK_TIMEOUT" });
  });

  it.each([
    ["none", {}],
    [
      "one on another origin",
      { location: "https://elsewhere.example/v1/handshakes/AAAAAAAAAAAAAAAAAAAAAA" },
    ],
    ["one that is no handshake", { location: "/v1/sessions/AAAAAAAAAAAAAAAAAAAAAA" }],
    ["one that climbs", { location: "/v1/handshakes/../../other" }],
  ])("goes nowhere with a location that is %s", async (_what, headers) => {
    const contentType = { "content-type": "application/edhoc+cbor-seq" };
    const answer = respond(200, new Uint8Array(10), { ...contentType, ...headers });
    world.gateway.intercept = () => answer;
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({ code: "GATEWAY_FAILED" });
    expect(world.gateway.lines).toHaveLength(1);
  });

  it("does not take noise for message_2", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-1"
        ? respond(200, new Uint8Array(100), {
            "content-type": "application/edhoc+cbor-seq",
            location: "/v1/handshakes/AAAAAAAAAAAAAAAAAAAAAA",
          })
        : undefined;
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
  });

  it("does not take noise for message_4", async () => {
    world.gateway.intercept = ({ step }) =>
      step === "message-3"
        ? respond(200, new Uint8Array(768), { "content-type": "application/edhoc+cbor-seq" })
        : undefined;
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "HANDSHAKE_FAILED",
    });
    expect(world.gateway.count("envelope")).toBe(0);
  });

  it("gives up when the caller aborts", async () => {
    const abort = new AbortController();
    world.gateway.intercept = ({ step }) =>
      step === "envelope" ? { fault: "timeout" } : undefined;
    const enrolling = device.enrol(world.hospital.invite(), { ...NAME, signal: abort.signal });
    await world.settle();
    abort.abort();
    await expect(enrolling).rejects.toMatchObject({ code: "ABORTED" });
  });

  it("refuses a second enrolment of an active device", async () => {
    await world.enrolActive(device);
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "ALREADY_ENROLLED",
    });
    expect(device.status().state).toBe("active");
  });

  it("starts over with a new key for another invitation, while nothing was measured", async () => {
    await enrol(world.hospital.invite());
    const first = device.status().device?.kid;
    await enrol(world.hospital.invite());
    expect(device.status().device?.kid).not.toEqual(first);
    expect(bindingCount()).toBe(2);
  });

  it("does not give up a key under which something was measured", async () => {
    await enrol(world.hospital.invite());
    await device.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 0 }]);
    await expect(enrol(world.hospital.invite())).rejects.toMatchObject({
      code: "ALREADY_ENROLLED",
    });
  });

  it("does not enrol twice at once", async () => {
    const link = world.hospital.invite();
    const first = device.enrol(link, NAME);
    await expect(device.enrol(link, NAME)).rejects.toBeInstanceOf(RangeError);
    await world.resolve(first);
  });

  it("never writes name, code or token in the clear [HS-312a2iv]", async () => {
    const { code } = await enrol(world.hospital.invite());
    for (const name of await world.store.list("")) {
      const text = new TextDecoder("latin1").decode(await world.store.get(name));
      expect(text).not.toContain(code);
      expect(text).not.toContain("test phone");
      expect(text).not.toContain("Invented Hospital");
    }
  });

  it("looks on the wire like any other session", async () => {
    await world.enrolActive(device);
    await restart();
    await world.resolve(device.record([{ kind: 1, start: 1, step: 0, values: [70], origin: 0 }]));
    await world.resolve(device.run({ until: "drained" }));
    const sizes = world.gateway.lines
      .filter(({ step }) => step === "message-3")
      .map(({ request }) => request.body?.length);
    expect(sizes.length).toBeGreaterThan(1);
    expect(new Set(sizes).size).toBe(1);
  });
});
