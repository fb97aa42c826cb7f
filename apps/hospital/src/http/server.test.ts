import { silentLogger } from "@siphms/server-kit";
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { connect, type AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ConflictError } from "../database/index.ts";
import { addSecurity, createServer, ProblemError, type Policy } from "./index.ts";

const origin = "http://localhost:8090";
const headers = { host: "localhost:8090" };
let server: FastifyInstance;

beforeEach(() => {
  server = createServer({ log: silentLogger });
  addSecurity(server, { origin });
});

describe("a route", () => {
  it("without a policy stops the start (SR-22) [HS-312a1]", () => {
    expect(() => server.get("/open", () => "open")).toThrow("has no policy");
  });

  it.each<[string, Policy]>([
    ["/api/patients/:patient", { roles: ["doctor"], relation: "none", stepUp: false }],
    ["/api/patients/:patient/x", { roles: ["doctor"], relation: "own-patients", stepUp: false }],
    ["/api/patients/:patient", "signed-in"],
    ["/api/patients/:patient", "public"],
    ["/api/patients", { roles: ["doctor"], relation: "patient", stepUp: false }],
    ["/api/patients/:patients", { roles: ["doctor"], relation: "patient", stepUp: false }],
  ])("whose rule and address differ about a patient stops the start: %s (SR-22)", (url, policy) => {
    expect(() => server.get(url, { config: { policy } }, () => "open")).toThrow("an address names");
  });

  it("whose rule lets nobody in stops the start (SR-22)", () => {
    const policy: Policy = { roles: [], relation: "none", stepUp: false };
    expect(() => server.get("/x", { config: { policy } }, () => "open")).toThrow("nobody in");
  });

  it("whose rule leaves out a relation that it does not ask for stops the start (SR-22)", () => {
    const regardless = ["administrator"] as const;
    const policy: Policy = { roles: regardless, relation: "none", regardless, stepUp: false };
    expect(() => server.get("/x", { config: { policy } }, () => "open")).toThrow("leaves out");
  });

  it.each<[string, Policy]>([
    ["a rule", { roles: ["doctor"], relation: "none", stepUp: false }],
    ["a rule of a patient", { roles: ["doctor"], relation: "patient", stepUp: false }],
    ["a session", "signed-in"],
  ])(
    "that asks for %s is closed where no guard was added (SR-22) [HS-312a1]",
    async (_what, policy) => {
      const isOfPatient = typeof policy !== "string" && policy.relation === "patient";
      const url = isOfPatient ? "/shown/:patient" : "/shown";
      let isCalled = false;
      server.get(url, { config: { policy } }, () => {
        isCalled = true;
        return "open";
      });
      const answer = await server.inject({ url: url.replace(":patient", "p"), headers });
      expect(answer.statusCode).toBe(403);
      expect(isCalled).toBe(false);
    },
  );

  it("stands in the route table with its policy, in whatever part it was added", async () => {
    await server.register(async (part) => {
      part.get("/part", { config: { policy: "signed-in" } }, () => "part");
      return Promise.resolve();
    });
    server.post("/whole", { config: { policy: "public" } }, () => "whole");
    await server.ready();
    expect(server.routeTable).toEqual([
      { method: "GET", url: "/part", policy: "signed-in" },
      { method: "POST", url: "/whole", policy: "public" },
    ]);
  });

  it("that nobody made is a 404 that says nothing", async () => {
    const answer = await server.inject({ url: "/api/secret", headers });
    expect(answer.statusCode).toBe(404);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:not-found", status: 404 });
  });

  it("answers a fault without its text (SR-61)", async () => {
    server.get("/fault", { config: { policy: "public" } }, () => {
      throw new Error("SELECT name FROM patients");
    });
    const answer = await server.inject({ url: "/fault", headers });
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({
      instance: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
    });
    expect(answer.body).not.toContain("SELECT");
  });

  it("answers a row that somebody else changed meanwhile as a conflict", async () => {
    server.post("/change", { config: { policy: "public" } }, () => {
      throw new ConflictError("the device's binding has changed meanwhile");
    });
    const answer = await server.inject({ method: "POST", url: "/change", headers });
    expect(answer.statusCode).toBe(409);
    expect(answer.json()).toMatchObject({ type: "urn:siphms:problem:conflict" });
    expect(answer.json()).not.toHaveProperty("instance");
  });

  it("gives nothing that its schema does not name", async () => {
    const response = {
      200: Type.Object({ shown: Type.String() }, { additionalProperties: false }),
    };
    server.get("/leak", { config: { policy: "public" }, schema: { response } }, () => ({
      shown: "yes",
      hidden: "secret",
    }));
    const answer = await server.inject({ url: "/leak", headers });
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toContain("secret");
  });

  it.each([
    ['{"count":"7"}', "a text for a number"],
    ['{"count":7,"more":1}', "an unknown member"],
    ['{"count":7,"__proto__":{"admin":true}}', "__proto__"],
    ['{"count":7', "half of it"],
    ["", "nothing"],
  ])("takes nothing that its schema does not name: %s (%s)", async (payload) => {
    const body = Type.Object({ count: Type.Integer() }, { additionalProperties: false });
    server.post("/take", { config: { policy: "public" }, schema: { body } }, () => "taken");
    const answer = await server.inject({
      method: "POST",
      url: "/take",
      headers: { ...headers, "content-type": "application/json" },
      payload,
    });
    expect(answer.statusCode).toBe(400);
  });

  it("refuses more than 64 KiB", async () => {
    server.post("/take", { config: { policy: "public" } }, () => "taken");
    const answer = await server.inject({
      method: "POST",
      url: "/take",
      headers: { ...headers, "content-type": "application/json" },
      payload: JSON.stringify("x".repeat(65_536)),
    });
    expect(answer.statusCode).toBe(413);
  });
});

describe("a listener", () => {
  afterEach(() => server.close());

  /** Sends a head, then a body without end if there is to be one; what came back, and how much was taken. */
  async function pour(head: string, body = ""): Promise<{ heard: string; taken: number }> {
    server.post("/take", { config: { policy: "public" } }, () => "taken");
    await server.listen({ host: "127.0.0.1", port: 0 });
    const { port } = server.server.address() as AddressInfo;
    return new Promise((resolve) => {
      const socket = connect(port, "127.0.0.1");
      let heard = "";
      const more = (): void => {
        while (body !== "" && !socket.destroyed && socket.write(body));
      };
      socket.on("data", (data) => (heard += data.toString()));
      socket.on("drain", more);
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve({ heard, taken: socket.bytesWritten });
      });
      socket.write(`${head}\r\nHost: localhost:8090\r\n\r\n`);
      more();
    });
  }

  it("turns long headers away", async () => {
    const { heard } = await pour(`GET / HTTP/1.1\r\nx: ${"y".repeat(9_000)}`);
    expect(heard).toMatch(/^HTTP\/1\.1 431 /);
  });

  it.each([
    ["announced", `POST /none HTTP/1.1\r\ncontent-length: ${1024 ** 4}`],
    ["not announced", "POST /none HTTP/1.1\r\ntransfer-encoding: chunked"],
  ])("does not go on reading a body without end that is refused, %s", async (_what, head) => {
    const { taken } = await pour(head, `10000\r\n${"x".repeat(65_536)}\r\n`);
    expect(taken).toBeLessThan(32 * 1_048_576);
  });

  it("waits neither long nor for too many", () => {
    expect(server.server).toMatchObject({
      headersTimeout: 10_000,
      requestTimeout: 15_000,
      maxConnections: 2_000,
    });
  });
});

describe("every answer", () => {
  it.each(["/", "/api/none", "/refused"])(
    "carries the security headers: %s (SR-48)",
    async (url) => {
      server.get("/refused", { config: { policy: "public" } }, () => {
        throw new ProblemError("not-allowed");
      });
      const answer = await server.inject({ url, headers });
      expect(answer.headers).toMatchObject({
        "content-security-policy": expect.stringContaining("default-src 'none'") as string,
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "permissions-policy": expect.stringContaining("bluetooth=()") as string,
      });
      expect(answer.headers["content-security-policy"]).toContain("frame-ancestors 'none'");
      expect(answer.headers).not.toHaveProperty("server");
      expect(answer.headers).not.toHaveProperty("x-powered-by");
      expect(answer.headers).not.toHaveProperty("strict-transport-security");
    },
  );

  it("asks for https for two years where the origin has it (SR-48) [HS-312e1]", async () => {
    const secure = createServer({ log: silentLogger });
    addSecurity(secure, { origin: "https://console.example" });
    const answer = await secure.inject({ url: "/", headers: { host: "console.example" } });
    expect(answer.headers["strict-transport-security"]).toBe("max-age=63072000; includeSubDomains");
  });
});

describe("where a request came from (SR-42)", () => {
  const PROXY = "10.1.0.7";
  const askOf = async (trustedProxies: readonly string[] | undefined, from: string) => {
    const behind = createServer({ log: silentLogger, trustedProxies });
    addSecurity(behind, { origin });
    behind.get("/where", { config: { policy: "public" } }, (request) => ({ ip: request.ip }));
    const answer = await behind.inject({
      url: "/where",
      remoteAddress: from,
      // What a client wrote itself stands in front of what the proxy adds.
      headers: { ...headers, "x-forwarded-for": "203.0.113.9, 192.0.2.44" },
    });
    await behind.close();
    return answer.json<{ ip: string }>().ip;
  };

  it.each([undefined, []])("is who connected where no proxy is named: %j", async (proxies) => {
    expect(await askOf(proxies, PROXY)).toBe(PROXY);
  });

  it("is who connected where it is not the named proxy, whatever that one says", async () => {
    expect(await askOf([PROXY], "10.1.0.8")).toBe("10.1.0.8");
  });

  it.each([PROXY, "10.1.0.0/24"])(
    "is what the named proxy %s added, never what the client wrote in front of it",
    async (proxy) => {
      expect(await askOf([proxy], PROXY)).toBe("192.0.2.44");
    },
  );

  it("changes nothing of which host a request is for", async () => {
    const behind = createServer({ log: silentLogger, trustedProxies: [PROXY] });
    addSecurity(behind, { origin });
    behind.get("/host", { config: { policy: "public" } }, () => ({}));
    const forwarded = { host: "evil.example", "x-forwarded-host": "localhost:8090" };
    const answer = await behind.inject({ url: "/host", remoteAddress: PROXY, headers: forwarded });
    expect(answer.statusCode).toBe(421);
    await behind.close();
  });
});
