import { randomUUID } from "node:crypto";
import http from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { SESSION_COOKIE } from "@siphms/api";
import { samples, type Series } from "@siphms/messages";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConsoleServer } from "../app.ts";
import type { StoredEvent } from "../ingest/index.ts";
import { createRecords } from "../records/index.ts";
import { createStaffDesk, IDLE_LIMIT_MS, type StaffDesk } from "../staff/index.ts";
import {
  addDevice,
  addPatient,
  createHospitalWorld,
  log,
  storeBatch,
  type HospitalWorld,
  type TestDevice,
} from "../testing/hospital-world.ts";
import { createBroadcast, createLiveHub, type Broadcast, type LiveHub } from "./index.ts";

let world: HospitalWorld;
let desk: StaffDesk;
let hub: LiveHub;
let broadcast: Broadcast;
let server: FastifyInstance;
let origin: string;
let phone: TestDevice;

const freePort = async (): Promise<number> => {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
};

beforeAll(async () => {
  world = await createHospitalWorld();
  const { database, keyring, crypto, clock } = world;
  const port = await freePort();
  origin = `http://127.0.0.1:${String(port)}`;
  desk = createStaffDesk({ database, keyring, crypto, clock, demo: true, consoleOrigin: origin });
  hub = createLiveHub("run");
  const records = createRecords({ database, keyring });
  broadcast = createBroadcast({ hub, records, log });
  server = await createConsoleServer({
    ...{ log, origin, database, keyring, clock, desk, records, hub },
    demo: true,
    files: new Map(),
    recheckMs: 10,
  });
  await server.listen({ host: "127.0.0.1", port });
  const id = randomUUID();
  await addPatient(world, { id, mrn: "A-1" });
  phone = await addDevice(world, id);
});

afterAll(async () => {
  hub.close();
  await server.close();
  await world.close();
});

const signIn = async (role: "administrator" | "doctor" = "doctor") => {
  const made = await desk.add({ name: `Somebody in role ${role}`, role });
  if (made.kind !== "added") throw new Error(made.kind);
  const opened = await desk.open(new URL(made.link).hash.slice(1), undefined);
  if (opened.kind !== "opened") throw new Error(opened.kind);
  return opened.token;
};

const openStream = async (headers: Record<string, string>) => {
  const request = http.get(`${origin}/api/live`, { headers });
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once("response", resolve);
    request.once("error", reject);
  });
  response.setEncoding("utf8");
  let text = "";
  const waiting: { readonly pattern: RegExp; readonly found: () => void }[] = [];
  response.on("data", (part: string) => {
    text += part;
    for (const { pattern, found } of waiting) if (pattern.test(text)) found();
  });
  const ended = new Promise<void>((resolve) => response.once("close", () => resolve()));
  return {
    response,
    ended,
    text: () => text,
    until: (pattern: RegExp) =>
      new Promise<void>((found) => {
        waiting.push({ pattern, found });
        if (pattern.test(text)) found();
      }),
    close: () => request.destroy(),
  };
};

const cookieOf = (token: string) => ({ cookie: `${SESSION_COOKIE}=${token}` });
const asBrowser = (token: string) => ({ ...cookieOf(token), "sec-fetch-site": "same-origin" });

const store = async (at: number, value: number): Promise<StoredEvent> => {
  const series: Series = { kind: 1, start: at, step: 0, values: [value], origin: 0 };
  const messageId = await storeBatch(world, phone, { receivedAt: at, series: [series] });
  const stored: ReturnType<StoredEvent["samples"]> = [...samples(series)].map((sample) => ({
    kind: 1,
    at: sample.at,
    value: sample.value,
    origin: 0,
    late: false,
  }));
  return {
    patientId: phone.device.patientId,
    deviceId: phone.device.id,
    kid: phone.device.kid,
    messageId,
    receivedAt: at,
    sampleCount: stored.length,
    quarantinedSamples: 0,
    newest: stored.slice(-1),
    samples: () => stored,
  };
};

describe("the live stream", () => {
  it("shows a stored batch with the patient's new latest values", async () => {
    const stream = await openStream(asBrowser(await signIn()));
    expect(stream.response.headers).toMatchObject({
      "content-type": "text/event-stream; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "cross-origin-resource-policy": "same-origin",
    });
    const event = await store(world.clock.now(), 77);
    broadcast.stored(event);
    await stream.until(/event: reading\ndata: .*\n\n/);
    const data: unknown = JSON.parse(/event: reading\ndata: (.*)\n/.exec(stream.text())?.[1] ?? "");
    expect(data).toMatchObject({
      patient: event.patientId,
      latest: [{ kind: "heart-rate", value: 77, unit: "/min", late: false }],
      samples: [{ value: 77, state: "stored" }],
      lastContact: event.receivedAt,
      quarantinedSamples: 0,
    });
    expect(stream.text()).toMatch(/id: run-\d+\nevent: reading/);
    stream.close();
  });

  it("goes on where the browser stood", async () => {
    const token = await signIn();
    broadcast.patient({ patient: "one" });
    const stream = await openStream(asBrowser(token));
    broadcast.patient({ patient: "two" });
    await stream.until(/two/);
    const id = /id: (run-\d+)\nevent: patient\ndata: \{"patient":"two"/.exec(stream.text())?.[1];
    stream.close();
    broadcast.patient({ patient: "three" });
    const again = await openStream({ ...asBrowser(token), "last-event-id": id ?? "" });
    await again.until(/three/);
    expect(again.text()).not.toContain("two");
    again.close();
  });

  it("ends when the same browser opens another", async () => {
    const token = await signIn();
    const first = await openStream(asBrowser(token));
    const second = await openStream(asBrowser(token));
    await first.ended;
    second.close();
  });

  it("ends when its session is signed out (SR-49)", async () => {
    const token = await signIn();
    const stream = await openStream(asBrowser(token));
    await desk.end(token);
    await stream.ended;
  });

  it("ends at the idle limit, which it does not extend (SR-17)", async () => {
    const stream = await openStream(asBrowser(await signIn()));
    world.clock.skewWall(IDLE_LIMIT_MS);
    await stream.ended;
  });

  it.each<[string, (token: string) => Record<string, string>, number]>([
    ["without a cookie", () => ({ "sec-fetch-site": "same-origin" }), 401],
    ["with somebody's guess", () => asBrowser("A".repeat(43)), 401],
    ["without proof of where it comes from", cookieOf, 403],
    [
      "from another site",
      (token) => ({ ...asBrowser(token), "sec-fetch-site": "cross-site" }),
      403,
    ],
    [
      "with a foreign Origin",
      (token) => ({ ...asBrowser(token), origin: "http://evil.example" }),
      403,
    ],
  ])("is refused %s (SR-49)", async (_what, headers, status) => {
    const stream = await openStream(headers(await signIn()));
    expect(stream.response.statusCode).toBe(status);
    stream.close();
  });

  it("is not for administrators", async () => {
    const stream = await openStream(asBrowser(await signIn("administrator")));
    expect(stream.response.statusCode).toBe(403);
    stream.close();
  });
});
