import type { Bytes } from "@siphms/relay";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { QueueLimits, QueueStore, SessionRef } from "../domain/ports.ts";
import { randomSid } from "../testing/fake-hospital.ts";
import { bytes, TEST_LIMITS, text } from "../testing/test-gateway.ts";

/** Opens an empty store; called before each test. */
export type OpenStore = (limits: QueueLimits) => Promise<QueueStore>;

/** What a settlement names, made wrong in one way. */
type WrongSettlement = (one: number) => [hospital: string, sid: Bytes, number: number];

const ALL = { count: 1000, bytes: 1e9 };

/** What every queue store must do; run by each adapter. */
export function queueStoreSuite(name: string, open: OpenStore): void {
  describe(`${name} as a queue store`, () => {
    let store: QueueStore;
    let session: SessionRef;

    beforeEach(async () => {
      store = await open(TEST_LIMITS);
      session = { hospital: "h", sid: randomSid() };
    });

    afterEach(() => store.close());

    const put = (body: string, of = session, at = 1000): Promise<number | "full"> =>
      store.enqueue({ ...of, body: bytes(body), at });

    async function number(body: string, of = session): Promise<number> {
      const given = await put(body, of);
      if (given === "full") throw new Error("the store is full");
      return given;
    }

    const waiting = (hospital = "h", after = 0): string[] =>
      store.pending(hospital, after, ALL).map(({ body }) => text(body));

    const mail = (of = session, after = 0): string[] =>
      (store.readMailbox(of, after, 1e9)?.envelopes ?? []).map(text);

    it("gives envelopes back in the order in which they came, with growing numbers", async () => {
      const numbers = await Promise.all(["a", "b", "c", "d"].map((body) => number(body)));
      expect(numbers.toSorted((one, two) => one - two)).toEqual(numbers);
      expect(store.pending("h", 0, ALL)).toEqual(
        ["a", "b", "c", "d"].map((body, at) => ({
          number: numbers[at],
          sid: session.sid,
          body: bytes(body),
        })),
      );
    });

    it("begins behind a number, and stops at a count or at about so many bytes", async () => {
      const first = await number("aaaa");
      for (const body of ["bbbb", "cccc", "dddd"]) await put(body);
      expect(waiting("h", first)).toEqual(["bbbb", "cccc", "dddd"]);
      expect(store.pending("h", 0, { count: 2, bytes: 1e9 })).toHaveLength(2);
      expect(store.pending("h", 0, { count: 9, bytes: 1 })).toHaveLength(1);
    });

    it("keeps hospitals apart, even when one's id begins with another's", async () => {
      await put("mine");
      await put("theirs", { hospital: "h-2", sid: session.sid });
      await put("others", { hospital: "h2", sid: session.sid });
      expect([waiting("h"), waiting("h-2"), waiting("h2"), waiting("x")]).toEqual([
        ["mine"],
        ["theirs"],
        ["others"],
        [],
      ]);
    });

    it("keeps bodies as they came, up to 64 KiB", async () => {
      const body = new Uint8Array(65_536).map((_, at) => at % 251);
      await store.enqueue({ ...session, body, at: 1 });
      body.fill(0);
      const [found] = store.pending("h", 0, ALL);
      expect(found?.body).toEqual(new Uint8Array(65_536).map((_, at) => at % 251));
    });

    it("moves an answered envelope into the mailbox in one step", async () => {
      const one = await number("one");
      await put("two");
      const effects = await store.settle(
        "h",
        [{ kind: "answer", sid: session.sid, number: one, envelope: bytes("re one") }],
        2000,
      );
      expect([effects, waiting(), mail()]).toEqual([[true], ["two"], ["re one"]]);
      expect(store.usage()).toEqual({ queued: 1, queuedBytes: 3 });
    });

    it("drops an envelope that gets no answer", async () => {
      const one = await number("one");
      await store.settle("h", [{ kind: "no-answer", sid: session.sid, number: one }], 2000);
      expect([waiting(), mail(), store.usage().queued]).toEqual([[], [], 0]);
    });

    it("puts notices and answers into the mailbox in the order in which they came", async () => {
      const one = await number("one");
      const { sid } = session;
      await store.settle(
        "h",
        [
          { kind: "notice", sid, envelope: bytes("n1") },
          { kind: "answer", sid, number: one, envelope: bytes("a1") },
        ],
        1,
      );
      await store.settle("h", [{ kind: "notice", sid, envelope: bytes("n2") }], 1);
      expect(mail()).toEqual(["n1", "a1", "n2"]);
    });

    it.each<[string, WrongSettlement]>([
      ["of another hospital", (one) => ["h2", session.sid, one]],
      ["of another session", (one) => ["h", randomSid(), one]],
      ["with a number that was never given", (one) => ["h", session.sid, one + 1]],
    ])("ignores a settlement %s", async (_what, wrong) => {
      const [hospital, sid, settled] = wrong(await number("one"));
      const effects = await store.settle(
        hospital,
        [
          { kind: "answer", sid, number: settled, envelope: bytes("forged") },
          { kind: "no-answer", sid, number: settled },
        ],
        1,
      );
      expect([effects, waiting(), mail(), mail({ hospital, sid })]).toEqual([
        [false, false],
        ["one"],
        [],
        [],
      ]);
    });

    it("answers an envelope once, in one batch and across batches", async () => {
      const one = await number("one");
      const answer = {
        kind: "answer",
        sid: session.sid,
        number: one,
        envelope: bytes("re"),
      } as const;
      expect(await store.settle("h", [answer, answer], 1)).toEqual([true, false]);
      expect(await store.settle("h", [answer], 1)).toEqual([false]);
      expect(mail()).toEqual(["re"]);
    });

    it("reads a mailbox behind a place, as much as fits with its heads", async () => {
      const { sid } = session;
      for (const body of ["aaaa", "bbbb", "cccc"]) {
        await store.settle("h", [{ kind: "notice", sid, envelope: bytes(body) }], 1);
      }
      const two = store.readMailbox(session, 0, 10);
      expect(two?.envelopes.map(text)).toEqual(["aaaa", "bbbb"]);
      expect(mail(session, two?.last)).toEqual(["cccc"]);
      expect(store.readMailbox(session, two?.last ?? 0, 4)).toBeUndefined();
    });

    it("deletes what is acknowledged, and only that", async () => {
      const other = { hospital: "h", sid: randomSid() };
      for (const of of [session, other]) {
        for (const body of ["a", "b"]) {
          await store.settle("h", [{ kind: "notice", sid: of.sid, envelope: bytes(body) }], 1);
        }
      }
      const first = store.readMailbox(session, 0, 2)?.last ?? 0;
      await store.acknowledge(session, first);
      expect([mail(), mail(other)]).toEqual([["b"], ["a", "b"]]);
      await store.acknowledge(session, Number.MAX_SAFE_INTEGER);
      expect([mail(), mail(other)]).toEqual([[], ["a", "b"]]);
    });

    it("throws a closed session's mailbox away and puts nothing there any more", async () => {
      const one = await number("one");
      const { sid } = session;
      await store.settle("h", [{ kind: "notice", sid, envelope: bytes("old") }], 1);
      expect(store.isClosed(session)).toBe(false);
      expect(await store.settle("h", [{ kind: "close", sid }], 1)).toEqual([true]);
      expect([store.isClosed(session), mail()]).toEqual([true, []]);
      const effects = await store.settle(
        "h",
        [
          { kind: "notice", sid, envelope: bytes("late") },
          { kind: "answer", sid, number: one, envelope: bytes("re one") },
          { kind: "close", sid },
        ],
        1,
      );
      expect([effects, mail(), waiting()]).toEqual([[false, true, false], [], []]);
      expect(store.isClosed({ hospital: "h2", sid })).toBe(false);
    });

    it("takes a token once until it is swept", async () => {
      const uses = await Promise.all(
        ["t", "t", "u"].map((token) => store.useTokenOnce(token, 5000)),
      );
      expect(uses).toEqual([true, false, true]);
      await store.sweep(0, 5000);
      expect(await store.useTokenOnce("t", 5000)).toBe(false);
      await store.sweep(0, 5001);
      expect(await store.useTokenOnce("t", 9000)).toBe(true);
    });

    it("sweeps what is older, and nothing else", async () => {
      const { sid } = session;
      const other = randomSid();
      await put("old", session, 99);
      await put("new", session, 100);
      await store.settle("h", [{ kind: "notice", sid, envelope: bytes("old") }], 99);
      await store.settle("h", [{ kind: "notice", sid, envelope: bytes("new") }], 100);
      await store.settle("h", [{ kind: "close", sid: other }], 99);
      expect(await store.sweep(100, 0)).toEqual({ queued: 1, mailbox: 1, marks: 1 });
      expect([waiting(), mail(), store.usage()]).toEqual([
        ["new"],
        ["new"],
        { queued: 1, queuedBytes: 3 },
      ]);
      expect(store.isClosed({ hospital: "h", sid: other })).toBe(false);
    });

    it("sweeps more than one step's worth", async () => {
      const bodies = Array.from({ length: 1001 }, () =>
        put("x", { hospital: "h", sid: randomSid() }, 1),
      );
      await Promise.all(bodies);
      expect(await store.sweep(2, 0)).toEqual({ queued: 1001, mailbox: 0, marks: 0 });
      expect(store.usage()).toEqual({ queued: 0, queuedBytes: 0 });
    });

    it("works", () => {
      expect(store.works()).toBe(true);
    });
  });

  describe(`the limits of ${name}`, () => {
    const session = { hospital: "h", sid: randomSid() };

    it.each<[string, Partial<QueueLimits>, SessionRef]>([
      ["a session's envelopes", { sessionEnvelopes: 2 }, { hospital: "h", sid: randomSid() }],
      ["a hospital's envelopes", { hospitalEnvelopes: 2 }, { hospital: "h2", sid: session.sid }],
      ["a hospital's bytes", { hospitalBytes: 5 }, { hospital: "h2", sid: session.sid }],
    ])("refuse what is above %s and leave others alone", async (_what, limits, other) => {
      const store = await open({ ...TEST_LIMITS, ...limits });
      const put = (of: SessionRef) => store.enqueue({ ...of, body: bytes("xx"), at: 1 });
      const outcomes = await Promise.all([put(session), put(session), put(session), put(other)]);
      expect(outcomes.map((outcome) => outcome === "full")).toEqual([false, false, true, false]);
      expect(store.usage().queued).toBe(3);
      const [first] = store.pending("h", 0, ALL);
      await store.settle("h", [{ kind: "no-answer", sid: session.sid, number: first!.number }], 1);
      expect(await put(session)).not.toBe("full");
      await store.close();
    });
  });
}
