import { describe, expect, it } from "vitest";
import { createLiveHub, type Audience, type LiveHub } from "./index.ts";

interface Watcher {
  readonly lastEventId?: string | undefined;
  readonly staffId?: number;
  readonly maySee?: (to: Audience) => boolean;
}

const watch = (hub: LiveHub, sessionKey: string, watcher: Watcher) => {
  const { lastEventId, staffId = 1, maySee = () => true } = watcher;
  const got: string[] = [];
  let ended = false;
  let changes = 0;
  const leave = hub.subscribe(
    {
      sessionKey,
      staffId,
      maySee,
      accessChanged: () => {
        changes += 1;
      },
      send: ({ id, name, data }) => got.push(`${id} ${name} ${data}`),
      end: () => {
        ended = true;
      },
    },
    lastEventId,
  );
  return { got, leave, isEnded: () => ended, changes: () => changes };
};

const subscribe = (hub: LiveHub, sessionKey: string, lastEventId?: string) =>
  watch(hub, sessionKey, { lastEventId });

const sees = (patient: string) => (to: Audience) => "patient" in to && to.patient === patient;

const publish = (hub: LiveHub, count: number) => {
  for (let index = 0; index < count; index++)
    hub.publish({ name: "patient", to: { patient: "p" }, data: () => ({ index }), size: 11 });
};

describe("the hub of live events", () => {
  it("hands each event to every stream, with an id that grows", () => {
    const hub = createLiveHub("run1");
    const [a, b] = [subscribe(hub, "a"), subscribe(hub, "b")];
    publish(hub, 2);
    expect(a.got).toEqual(['run1-1 patient {"index":0}', 'run1-2 patient {"index":1}']);
    expect(b.got).toEqual(a.got);
  });

  it("ends the older of two streams of one browser session", () => {
    const hub = createLiveHub("run1");
    const older = subscribe(hub, "a");
    const newer = subscribe(hub, "a");
    publish(hub, 1);
    expect(older.isEnded()).toBe(true);
    expect(older.got).toEqual([]);
    expect(newer.got).toHaveLength(1);
    expect(hub.size).toBe(1);
  });

  it("is not robbed of the newer stream when the older one leaves late", () => {
    const hub = createLiveHub("run1");
    const older = subscribe(hub, "a");
    const newer = subscribe(hub, "a");
    older.leave();
    publish(hub, 1);
    expect(newer.got).toHaveLength(1);
  });

  it("sends what was missed to a stream that comes back, and nothing twice", () => {
    const hub = createLiveHub("run1");
    publish(hub, 5);
    expect(subscribe(hub, "a", "run1-3").got.map((line) => line.split(" ")[0])).toEqual([
      "run1-4",
      "run1-5",
    ]);
    expect(subscribe(hub, "b", "run1-5").got).toEqual([]);
  });

  it.each(["run0-3", "run1-6", "run1-x", "run1", "", "run1-3-4", "run1--1", "run1-1e3"])(
    "says reload to a stream that names the unknown place %j",
    (lastEventId) => {
      const hub = createLiveHub("run1");
      publish(hub, 5);
      expect(subscribe(hub, "a", lastEventId).got).toEqual(["run1-5 reload {}"]);
    },
  );

  it("says reload when what was missed is no longer kept", () => {
    const hub = createLiveHub("run1");
    publish(hub, 2500);
    expect(subscribe(hub, "a", "run1-400").got).toEqual(["run1-2500 reload {}"]);
    expect(subscribe(hub, "b", "run1-500").got).toHaveLength(2000);
  });

  it("ends all streams when it closes", () => {
    const hub = createLiveHub("run1");
    const streams = [subscribe(hub, "a"), subscribe(hub, "b")];
    hub.close();
    expect(streams.map((stream) => stream.isEnded())).toEqual([true, true]);
    expect(hub.size).toBe(0);
  });

  it("hands an event to nobody who may not see it, and makes none for nobody (SR-23)", () => {
    const hub = createLiveHub("run1");
    const own = watch(hub, "a", { maySee: sees("own") });
    const other = watch(hub, "b", { maySee: sees("other") });
    const to = (audience: Audience, data: () => unknown) => {
      hub.publish({ name: "patient", to: audience, data, size: 11 });
    };
    to({ patient: "own" }, () => "own");
    to({ patient: "third" }, () => {
      throw new Error("made for nobody");
    });
    to({ role: "privacy-officer" }, () => {
      throw new Error("made for nobody");
    });
    expect(own.got).toEqual(['run1-1 patient "own"']);
    expect(other.got).toEqual([]);
  });

  it("asks at the moment of sending, not once for all (SR-25)", () => {
    const hub = createLiveHub("run1");
    let open = true;
    const stream = watch(hub, "a", { maySee: () => open });
    publish(hub, 1);
    open = false;
    publish(hub, 1);
    expect(stream.got).toHaveLength(1);
  });

  it("sends a stream that comes back nothing of what it may not see now (SR-23)", () => {
    const hub = createLiveHub("run1");
    publish(hub, 3);
    hub.publish({ name: "patient", to: { patient: "own" }, data: () => "own", size: 11 });
    const back = watch(hub, "a", { lastEventId: "run1-1", maySee: sees("own") });
    expect(back.got).toEqual(['run1-4 patient "own"']);
  });

  it("tells a change of access to that person's streams alone", () => {
    const hub = createLiveHub("run1");
    const [one, two] = [watch(hub, "a", { staffId: 1 }), watch(hub, "b", { staffId: 1 })];
    const other = watch(hub, "c", { staffId: 2 });
    hub.accessChanged(1);
    expect([one, two, other].map((stream) => stream.changes())).toEqual([1, 1, 0]);
  });
});
