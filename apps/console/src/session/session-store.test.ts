import { problemType, type SessionInfo } from "@siphms/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SessionStore, type SessionNews } from "./session-store.ts";

const info = (id = "1", more: Partial<SessionInfo> = {}): SessionInfo => ({
  staff: { id, name: "Somebody Invented", role: "doctor" },
  demo: false,
  expires: 2,
  idleEnds: 1,
  proved: 0,
  method: "passkey",
  ...more,
});

let told: SessionNews[];
let forgotten: number;
let answer: () => Promise<Response>;
let asked: RequestInit[];

const create = (): SessionStore =>
  new SessionStore({ tell: (news) => told.push(news), forget: () => (forgotten += 1) });
const over = () =>
  Promise.resolve(Response.json({ type: problemType("not-signed-in") }, { status: 401 }));

beforeEach(() => {
  [told, forgotten, asked] = [[], 0, []];
  answer = () => Promise.resolve(Response.json(info()));
  vi.stubGlobal("fetch", (_path: string, init: RequestInit) => {
    asked.push(init);
    return answer();
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("the session of a window", () => {
  it("is there when the hospital says so, and the other windows hear of it", async () => {
    const store = create();
    expect(await store.ask()).toBe(true);
    expect(store.state()).toEqual({ kind: "signed-in", session: info() });
    expect(told).toEqual([{ kind: "renewed", session: info() }]);
  });

  it("is nobody's before anybody has signed in, without a reason and without news", async () => {
    answer = over;
    const store = create();
    expect(await store.ask()).toBe(false);
    expect(store.state()).toEqual({ kind: "signed-out", why: "nobody" });
    expect(told).toEqual([]);
  });

  it("ends here and in every other window when the hospital says so, and all is forgotten (SR-17)", async () => {
    const store = create();
    store.enter(info());
    [told, forgotten] = [[], 0];
    answer = over;
    expect(await store.ask({ why: "idle" })).toBe(false);
    expect(store.state()).toEqual({ kind: "signed-out", why: "idle" });
    expect(told).toEqual([{ kind: "left", why: "idle" }]);
    expect(forgotten).toBe(1);
  });

  it.each([
    ["its idle end has passed", { idleEnds: 1, expires: 2 }, "idle"],
    ["it was ended elsewhere", { idleEnds: 9e15, expires: 9e15 }, "ended"],
    ["its twelve hours are over", { idleEnds: 2, expires: 2 }, "ended"],
  ] as const)("ends for the right reason, whoever asks first: %s", async (_what, ends, why) => {
    const store = create();
    store.enter(info("1", ends));
    answer = over;
    await store.ask();
    expect(store.state()).toEqual({ kind: "signed-out", why });
  });

  it("does not end because nobody answers: the hospital alone says that it has", async () => {
    const store = create();
    store.enter(info());
    answer = () => Promise.reject(new TypeError("no network"));
    expect(await store.ask()).toBe(false);
    expect(store.state().kind).toBe("signed-in");
  });

  it("is unreachable, not open, where nobody has answered yet", async () => {
    answer = () => Promise.reject(new TypeError("no network"));
    const store = create();
    await store.ask();
    expect(store.state()).toEqual({ kind: "unreachable" });
  });

  it("ends when another window says so, once, and tells it to nobody again", () => {
    const store = create();
    store.enter(info());
    [told, forgotten] = [[], 0];
    store.hear({ kind: "left", why: "signed-out" });
    store.hear({ kind: "left", why: "ended" });
    expect(store.state()).toEqual({ kind: "signed-out", why: "signed-out" });
    expect([told, forgotten]).toEqual([[], 1]);
  });

  it("does not end sooner because an answer from before a person's act comes after it (SR-17)", async () => {
    const store = create();
    store.enter(info("1", { idleEnds: 100, expires: 1000 }));
    let late: (response: Response) => void = () => undefined;
    answer = () => new Promise((resolve) => (late = resolve));
    const asking = store.ask();
    store.hear({ kind: "renewed", session: info("1", { idleEnds: 200, expires: 1000 }) });
    late(Response.json(info("1", { idleEnds: 100, expires: 1000 })));
    await asking;
    expect(store.state()).toMatchObject({ session: { idleEnds: 200 } });
    // Another session has an idle end of its own.
    store.enter(info("1", { idleEnds: 150, expires: 1100 }));
    expect(store.state()).toMatchObject({ session: { idleEnds: 150 } });
  });

  it("forgets what one person had on the screen when another one enters, in whichever window", () => {
    const store = create();
    store.enter(info("1"));
    forgotten = 0;
    store.hear({ kind: "renewed", session: info("1", { idleEnds: 9 }) });
    expect(forgotten).toBe(0);
    store.hear({ kind: "renewed", session: info("2") });
    expect(forgotten).toBe(1);
    store.hear({ kind: "entered", session: info("2") });
    expect(forgotten).toBe(2);
    expect(store.state()).toEqual({ kind: "signed-in", session: info("2") });
  });

  it.each([
    ["not reached", "here", () => Promise.reject(new TypeError("no network"))],
    ["not able to", "here", () => Promise.resolve(new Response("", { status: 502 }))],
    ["not reached", "everywhere", () => Promise.reject(new TypeError("no network"))],
    ["in no such session", "everywhere", over],
  ] as const)(
    "leaves every screen when the hospital was %s (%s), and says that it has not ended",
    async (_how, where, refuse) => {
      const store = create();
      store.enter(info());
      [told, forgotten] = [[], 0];
      answer = refuse;
      await store.signOut(where);
      const unended = { where, until: 1 };
      expect(store.state()).toEqual({ kind: "signed-out", why: "signed-out", unended });
      expect(told).toEqual([{ kind: "left", why: "signed-out", unended }]);
      expect(forgotten).toBe(1);
      await store.signOut(where);
      expect(store.state()).toMatchObject({ unended });
      answer = () => Promise.resolve(new Response(null, { status: 204 }));
      await store.signOut(where);
      expect(store.state()).toEqual({ kind: "signed-out", why: "signed-out" });
    },
  );

  it("has ended when the hospital says so, or knows of none here", async () => {
    for (const end of [() => Promise.resolve(new Response(null, { status: 204 })), over]) {
      const store = create();
      store.enter(info());
      answer = end;
      await store.signOut("here");
      expect(store.state()).toEqual({ kind: "signed-out", why: "signed-out" });
    }
  });

  it("does not come back by an answer to a question from before it was left (SR-17)", async () => {
    const store = create();
    store.enter(info());
    let say: (response: Response) => void = () => undefined;
    answer = () => new Promise((resolve) => (say = resolve));
    const held = store.ask({ byPerson: true });
    store.leave("signed-out");
    told = [];
    say(Response.json(info()));
    expect(await held).toBe(false);
    expect(store.state().kind).toBe("signed-out");
    expect(told).toEqual([]);
  });

  it("asks once when several ask at the same time, and the page's own question keeps nothing open", async () => {
    const store = create();
    expect(await Promise.all([store.ask(), store.ask(), store.ask()])).toEqual([true, true, true]);
    expect(asked).toHaveLength(1);
    asked = [];
    await Promise.all([store.ask(), store.ask({ byPerson: true })]);
    expect(asked.map(({ headers }) => new Headers(headers).has("siphms-background"))).toEqual([
      true,
      false,
    ]);
  });

  it("tells its listeners of each change, until they have gone", () => {
    const store = create();
    const listener = vi.fn();
    const stop = store.subscribe(listener);
    store.enter(info());
    stop();
    store.leave("signed-out");
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
