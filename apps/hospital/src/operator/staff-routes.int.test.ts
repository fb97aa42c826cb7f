import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStaffDesk } from "../staff/index.ts";
import { createTestAccess } from "../testing/access-world.ts";
import { CONSOLE_ORIGIN } from "../testing/hospital-world.ts";
import { createOperator } from "../testing/operator-world.ts";
import { createProtocolWorld, type ProtocolWorld } from "../testing/protocol-world.ts";

let world: ProtocolWorld;
let server: FastifyInstance;

beforeAll(async () => {
  world = await createProtocolWorld();
  server = createOperator(world);
});
afterAll(async () => {
  await server.close();
  await world.close();
});

const post = (url: string, payload: object) => server.inject({ method: "POST", url, payload });
const get = (url: string) => server.inject({ method: "GET", url });

describe("staff", () => {
  it("get a link each time, in one role only [HS-312a2i]", async () => {
    const staff = { name: "Nurse Once", role: "nurse" };
    const [first, second] = [
      await post("/operator/staff", staff),
      await post("/operator/staff", staff),
    ];
    expect(first.json<{ link: string }>().link).not.toBe(second.json<{ link: string }>().link);
    const promoted = await post("/operator/staff", { ...staff, role: "administrator" });
    expect(promoted.statusCode).toBe(409);
  });

  it("lose every session and link when their account is disabled (SR-18) [HS-308a3C]", async () => {
    const name = "Dr. Leaving";
    const links = [
      await post("/operator/staff", { name, role: "doctor" }),
      await post("/operator/staff", { name, role: "doctor" }),
    ].map((answer) => new URL(answer.json<{ link: string }>().link).hash.slice(1));
    const desk = createStaffDesk({
      endLostCare: createTestAccess(world).endLostCare,
      ...world,
      demo: true,
      consoleOrigin: CONSOLE_ORIGIN,
    });
    const opened = await desk.open(links[0] ?? "", undefined);
    if (opened.kind !== "opened") throw new Error(opened.kind);
    const check = () => desk.check({ token: opened.token, background: false });
    expect(await check()).toBeDefined();
    expect((await post("/operator/staff/disable", { name })).json()).toEqual({
      ...{ name, role: "doctor", state: "disabled" },
    });
    expect(await check()).toBeUndefined();
    expect(await desk.open(links[1] ?? "", undefined)).toEqual({ kind: "link-invalid" });
    expect((await post("/operator/staff", { name, role: "doctor" })).statusCode).toBe(409);
    expect((await post("/operator/staff/disable", { name })).statusCode).toBe(200);
    expect((await get("/operator/staff")).json<{ staff: object[] }>().staff).toContainEqual({
      ...{ name, role: "doctor", state: "disabled" },
    });
  });

  it("whom nobody knows cannot be disabled", async () => {
    expect((await post("/operator/staff/disable", { name: "Nobody" })).statusCode).toBe(404);
  });
});
