import { handshakesPath, mailboxPath } from "@siphms/relay";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";

let test: TestGateway;
const APP = "https://test-hospital.example";

beforeAll(async () => {
  test = await startTestGateway();
});

afterAll(() => test.stop());

const path = mailboxPath(new Uint8Array(16));

function ask(method: string, headers: Record<string, string>, address = path): Promise<Response> {
  return fetch(test.url + address, { method, headers });
}

function cors(answer: Response): Record<string, string> {
  return Object.fromEntries(
    [...answer.headers].filter(([name]) => name.startsWith("access-control-")),
  );
}

describe("a preflight", () => {
  const wish = {
    "access-control-request-method": "POST",
    "access-control-request-headers": "authorization",
  };

  it.each([path, handshakesPath("test-hospital", new Uint8Array(8)), "/v1/handshakes/x"])(
    "from an admitted hospital's app allows what the protocol needs, at %s",
    async (address) => {
      const answer = await ask("OPTIONS", { origin: APP, ...wish }, address);
      expect(answer.status).toBe(204);
      expect(cors(answer)).toEqual({
        "access-control-allow-origin": APP,
        "access-control-expose-headers": "Siphms-Cursor, Location, Retry-After",
        "access-control-allow-methods": "GET, POST",
        "access-control-allow-headers": "Authorization, Content-Type, Prefer",
        "access-control-max-age": "600",
      });
    },
  );

  it.each([
    "https://evil.example",
    "null",
    "https://test-hospital.example.evil.example",
    APP.toUpperCase(),
  ])("from %s allows nothing", async (origin) => {
    expect(cors(await ask("OPTIONS", { origin, ...wish }))).toEqual({});
  });
});

describe("every answer", () => {
  it("lets an admitted hospital's app read it, refusals included, without credentials", async () => {
    const answer = await ask("GET", { origin: APP });
    expect(answer.status).toBe(401);
    expect(cors(answer)).toEqual({
      "access-control-allow-origin": APP,
      "access-control-expose-headers": "Siphms-Cursor, Location, Retry-After",
    });
  });

  it("lets no other origin read it", async () => {
    expect(cors(await ask("GET", { origin: "https://evil.example" }))).toEqual({});
  });

  it("lets no app read it any more whose hospital was expelled", async () => {
    const other = await test.newHospital("other-hospital");
    await test.data.directory.admit(other.registration);
    const origin = other.registration.appOrigin;
    expect(cors(await ask("GET", { origin }))).not.toEqual({});
    await test.data.directory.expel("other-hospital");
    expect(cors(await ask("GET", { origin }))).toEqual({});
  });

  it.each(["/v1/health", "/v1/nothing", path, "/"])(
    "is closed to caches and pages: %s",
    async (address) => {
      const { headers } = await ask("GET", {}, address);
      expect(headers.get("cache-control")).toBe("no-store");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      expect(headers.get("content-security-policy")).toBe(
        "default-src 'none'; frame-ancestors 'none'",
      );
      expect(headers.get("vary")).toBe("origin");
      expect([headers.get("server"), headers.get("x-powered-by")]).toEqual([null, null]);
      expect(headers.get("strict-transport-security")).toBeNull();
    },
  );

  it("sets HSTS where devices come by https", async () => {
    const secure = await startTestGateway({ options: { secure: true } });
    const { headers } = await fetch(`${secure.url}/v1/health`);
    expect(headers.get("strict-transport-security")).toMatch(/^max-age=63072000/);
    await secure.stop();
  });
});

describe("an address that is not in the table", () => {
  it.each([
    ["GET", "/"],
    ["GET", "/v1"],
    ["GET", "/metrics"],
    ["GET", "/v1/health/"],
    ["POST", "/v1/health"],
    ["DELETE", path],
    ["GET", "/v1/handshakes/x"],
  ])("gets 404: %s %s", async (method, address) => {
    const answer = await ask(method, {}, address);
    const type = answer.headers.get("content-type");
    expect([answer.status, type]).toEqual([404, "application/problem+json"]);
  });
});
