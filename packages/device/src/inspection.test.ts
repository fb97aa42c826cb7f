import { toHex } from "@siphms/cose";
import type { Device } from "@siphms/device";
import { createDeviceWorld, type DeviceWorld } from "@siphms/testkit";
import { beforeEach, describe, expect, it } from "vitest";

let world: DeviceWorld;
let device: Device;

beforeEach(async () => {
  world = await createDeviceWorld();
  device = await world.open();
});

async function record(): Promise<string> {
  const [item] = await device.record([
    { kind: 1, start: device.now(), step: 0, values: [70], origin: 0 },
  ]);
  return toHex(item!.messageId);
}

/** What travelled to the gateway as envelopes, in hex. */
function watchEnvelopes(): string[] {
  const seen: string[] = [];
  world.gateway.intercept = ({ step, request }) => {
    if (step === "envelope" && request.body !== undefined) seen.push(toHex(request.body));
    return undefined;
  };
  return seen;
}

describe("what can be inspected", () => {
  it("is nothing on a new device", () => {
    expect(device.inspect()).toEqual({});
  });

  it("is both keys' thumbprints once enrolled, which begin with their kids", async () => {
    await world.enrolActive(device);
    const { hospitalThumbprint, deviceThumbprint } = device.inspect();
    const { hospital, device: own } = device.status();
    expect(hospitalThumbprint).toHaveLength(32);
    expect(toHex(hospitalThumbprint!)).toContain(toHex(hospital!.kid));
    expect(toHex(deviceThumbprint!)).toContain(toHex(own!.kid));
  });

  it("is the last item as it travelled: the very envelope, the signature, and the receipt of that item", async () => {
    await world.enrolActive(device);
    const envelopes = watchEnvelopes();
    const id = await record();
    expect(device.inspect().lastItem).toBeUndefined();
    await world.resolve(device.run({ until: "drained" }));
    const { lastItem } = device.inspect();
    expect(toHex(lastItem!.messageId)).toBe(id);
    expect(envelopes).toContain(toHex(lastItem!.envelope));
    expect(lastItem!.signature).toHaveLength(64);
    expect(lastItem!.receipt!.length).toBeGreaterThan(64);
    expect(lastItem!.outcome).toBe(0);
  });

  it("shows no receipt before one came", async () => {
    await world.enrolActive(device);
    world.gateway.answersPosts = false;
    world.gateway.fillsMailbox = false;
    await record();
    const stop = new AbortController();
    const running = device.run({ signal: stop.signal });
    await world.until(() => device.inspect().lastItem !== undefined);
    expect(device.inspect().lastItem).not.toHaveProperty("receipt");
    expect(device.inspect().session?.sid.length).toBeGreaterThan(0);
    stop.abort();
    await world.resolve(running);
  });

  it("shows no request as an item, and no session that has ended", async () => {
    await world.enrolActive(device);
    const stop = new AbortController();
    const running = device.run({ signal: stop.signal });
    await world.resolve(device.profile());
    expect(device.inspect().lastItem).toBeUndefined();
    const { session } = device.inspect();
    expect(session!.expires).toBeGreaterThan(session!.opened);
    stop.abort();
    await world.resolve(running);
  });

  it("holds no secret: neither a private key nor a session's keys", async () => {
    await world.enrolActive(device);
    await record();
    await world.resolve(device.run({ until: "drained" }));
    const names = (value: object): string[] =>
      Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
        typeof member === "object" && member !== null && !(member instanceof Uint8Array)
          ? [name, ...names(member)]
          : [name],
      );
    expect(new Set(names(device.inspect()))).toEqual(
      new Set([
        "hospitalThumbprint",
        "deviceThumbprint",
        ...(device.inspect().session === undefined ? [] : ["session", "sid", "opened", "expires"]),
        "lastItem",
        "messageId",
        "envelope",
        "signature",
        "receipt",
        "outcome",
      ]),
    );
  });
});
