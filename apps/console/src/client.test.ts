import {
  BACKGROUND_HEADER,
  PROBLEM_MEDIA_TYPE,
  PROBLEMS,
  problemType,
  type ProblemName,
} from "@siphms/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiError, callApi, callOnce, hospitalNow, setRemedies } from "./client.ts";

/** What was asked of the hospital, in order. */
let asked: { path: string; init: RequestInit }[];
let answers: (() => Promise<Response>)[];

const good = (body: unknown = {}) => Promise.resolve(Response.json(body));
const refusal = (name: ProblemName, headers: Record<string, string> = {}) => {
  const body = { type: problemType(name), title: "no", status: PROBLEMS[name], detail: "why" };
  return Promise.resolve(
    new Response(JSON.stringify(body), {
      status: PROBLEMS[name],
      headers: { "content-type": PROBLEM_MEDIA_TYPE, ...headers },
    }),
  );
};
const problemOf = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "answered",
    (error: unknown) => (error instanceof ApiError ? (error.problem ?? error.status) : error),
  );

beforeEach(() => {
  [asked, answers] = [[], []];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    asked.push({ path, init });
    return (answers.shift() ?? good)();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("a call of the hospital", () => {
  const remedies = { stepUp: vi.fn(), askWhetherSignedIn: vi.fn(), whoIsSignedIn: vi.fn() };

  beforeEach(() => {
    remedies.stepUp.mockReset().mockResolvedValue(false);
    remedies.askWhetherSignedIn.mockReset().mockResolvedValue(false);
    remedies.whoIsSignedIn.mockReset().mockReturnValue("1");
    setRemedies(remedies);
  });

  it("is repeated once after a fresh proof, with the same body (SR-20)", async () => {
    remedies.stepUp.mockResolvedValue(true);
    answers = [() => refusal("step-up-required"), () => good({ done: 1 })];
    const body = { mrn: "M-1" };
    expect(await callApi("/api/break-glass", { method: "POST", body })).toEqual({ done: 1 });
    expect(asked.map(({ init }) => init.body)).toEqual([
      JSON.stringify(body),
      JSON.stringify(body),
    ]);
  });

  it("is not repeated when the person gives the proof up", async () => {
    answers = [() => refusal("step-up-required")];
    expect(await problemOf(callApi("/api/x"))).toBe("step-up-required");
    expect(asked).toHaveLength(1);
  });

  it("does not ask for a proof for ever", async () => {
    remedies.stepUp.mockResolvedValue(true);
    answers = [() => refusal("step-up-required"), () => refusal("step-up-required")];
    expect(await problemOf(callApi("/api/x"))).toBe("step-up-required");
    expect(remedies.stepUp).toHaveBeenCalledTimes(1);
  });

  it("is repeated where the session holds after all, under another cookie", async () => {
    remedies.askWhetherSignedIn.mockResolvedValue(true);
    answers = [() => refusal("not-signed-in"), () => good({ done: 1 })];
    expect(await callApi("/api/x")).toEqual({ done: 1 });
  });

  it.each(["not-signed-in", "step-up-required"] as const)(
    "is not repeated after %s in the name of somebody else who has signed in meanwhile",
    async (name) => {
      const isOther = (): Promise<boolean> => {
        remedies.whoIsSignedIn.mockReturnValue("2");
        return Promise.resolve(true);
      };
      remedies.askWhetherSignedIn.mockImplementation(isOther);
      remedies.stepUp.mockImplementation(isOther);
      answers = [() => refusal(name)];
      expect(await problemOf(callApi("/api/x", { method: "POST" }))).toBe(name);
      expect(asked).toHaveLength(1);
    },
  );

  it.each(["not-signed-in", "log-in-refused", "link-invalid", "not-allowed", "not-found"] as const)(
    "is over when it is answered with %s",
    async (name) => {
      answers = [() => refusal(name)];
      expect(await problemOf(callApi("/api/x"))).toBe(name);
      expect(asked).toHaveLength(1);
      expect(remedies.stepUp).not.toHaveBeenCalled();
    },
  );

  it("takes a wrong password for no end of the session", async () => {
    answers = [() => refusal("log-in-refused")];
    await problemOf(callApi("/api/session/step-up/password", { method: "POST", body: {} }));
    expect(remedies.askWhetherSignedIn).not.toHaveBeenCalled();
  });

  it("is not repeated for whom nobody waits any more", async () => {
    const stop = new AbortController();
    remedies.stepUp.mockImplementation(() => {
      stop.abort();
      return Promise.resolve(true);
    });
    answers = [() => refusal("step-up-required")];
    await expect(callApi("/api/x", { signal: stop.signal })).rejects.toThrow("abort");
    expect(asked).toHaveLength(1);
  });

  it("says what is not known: no answer, a proxy's page, a problem of a newer hospital", async () => {
    answers = [
      () => Promise.reject(new TypeError("no network")),
      () => Promise.resolve(new Response("<html>", { status: 502 })),
      () => Promise.resolve(Response.json({ type: "urn:siphms:problem:new" }, { status: 403 })),
    ];
    expect(await problemOf(callApi("/api/x"))).toBe(0);
    expect(await problemOf(callApi("/api/x"))).toBe(502);
    expect(await problemOf(callApi("/api/x"))).toBe(403);
  });

  it("keeps no session open by looking, only by an act, unless it says otherwise (SR-17)", async () => {
    await callApi("/api/x");
    await callOnce("/api/x", { method: "POST", background: true });
    await callOnce("/api/x", { method: "POST" });
    await callOnce("/api/x", { method: "DELETE" });
    await callOnce("/api/x", { background: false });
    expect(asked.map(({ init }) => new Headers(init.headers).get(BACKGROUND_HEADER))).toEqual([
      ...["1", "1"],
      ...[null, null, null],
    ]);
  });

  it("tells how long to wait, where the hospital said so", async () => {
    answers = [() => refusal("too-many-tries", { "retry-after": "8" })];
    const error: unknown = await callOnce("/api/x").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ problem: "too-many-tries", retryAfterMs: 8000 });
  });

  it("takes the hospital's clock from its answer, and keeps it where an answer names none", async () => {
    const late = Date.now() + 3_600_000;
    const date = new Date(late).toUTCString();
    answers = [() => Promise.resolve(Response.json({}, { headers: { date } }))];
    await callOnce("/api/x");
    expect(Math.abs(hospitalNow() - late)).toBeLessThan(5000);
    await callOnce("/api/x");
    expect(Math.abs(hospitalNow() - late)).toBeLessThan(5000);
  });
});
