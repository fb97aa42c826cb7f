import type { LiveReading, PatientSummary } from "@siphms/api";
import { describe, expect, it, vi } from "vitest";
import { anAlert } from "../views/alerts/alert-example.ts";
import { ALERTS, CONNECTION, LIST, PatientStore } from "./patient-store.ts";

const patient = (id: string): PatientSummary => ({
  id,
  mrn: id,
  name: "Ada Example",
  birthDate: "1950-07-01",
  sex: "F",
  problem: "",
  latest: [],
  quarantinedSamples: 0,
  lastContact: null,
  clinicalNow: 0,
});

const reading = (id: string, at: number): LiveReading => ({
  patient: id,
  latest: [{ kind: "heart-rate", at, value: 70, unit: "/min", origin: "sensor", late: false }],
  runs: [],
  lastContact: at,
  quarantinedSamples: 0,
});

/** A store whose frames are drawn and whose moments pass by hand. */
function storeWithFrames() {
  const waiting: (() => void)[] = [];
  const moments: (() => void)[] = [];
  const turns: (() => void)[] = [];
  const store = new PatientStore({
    onFrame: (draw) => void waiting.push(draw),
    onMoment: (tell) => void moments.push(tell),
    onTurn: (tell) => void turns.push(tell),
    now: () => 5,
  });
  return {
    store,
    waiting,
    turns,
    passMoment: () => {
      for (const tell of moments.splice(0)) tell();
      while (turns.length > 0) turns.shift()?.();
    },
    drawFrame: () => {
      for (const draw of waiting.splice(0)) draw();
    },
  };
}

describe("PatientStore", () => {
  it("tells a listener once for many changes, and only of its own patient", () => {
    const { store, drawFrame } = storeWithFrames();
    store.replaceAll([patient("a"), patient("b")]);
    const [a, b] = [vi.fn(), vi.fn()];
    store.subscribe("a", a);
    store.subscribe("b", b);
    for (let at = 1; at <= 100; at++) store.apply(reading("a", at));
    expect(a).not.toHaveBeenCalled();
    drawFrame();
    expect(a).toHaveBeenCalledTimes(1);
    expect(b).not.toHaveBeenCalled();
    expect(store.patient("a")?.lastContact).toBe(100);
  });

  it("spreads many changed patients over frames, the longest waiting first", () => {
    const { store, waiting, drawFrame } = storeWithFrames();
    const ids = Array.from({ length: 20 }, (_, index) => `patient ${String(index)}`);
    store.replaceAll(ids.map(patient));
    const told: string[] = [];
    for (const id of ids) store.subscribe(id, () => told.push(id));
    for (const id of ids) store.apply(reading(id, 1));
    drawFrame();
    expect(told.length).toBeGreaterThan(0);
    expect(told.length).toBeLessThan(10);
    while (waiting.length > 0) drawFrame();
    expect(told).toEqual(ids);
  });

  it("tells of alerts without a frame, as a window that nobody sees draws none, and their row with the next one (SR-66)", () => {
    const { store, drawFrame, passMoment } = storeWithFrames();
    const [rings, page, row] = [vi.fn(), vi.fn(), vi.fn()];
    store.onAlerts(rings);
    store.subscribe(ALERTS, page);
    store.subscribe("ada", row);
    store.applyStand({ patient: "ada", open: [anAlert()], news2: null });
    passMoment();
    expect(rings).toHaveBeenCalledTimes(1);
    expect(store.openAlerts()).toHaveLength(1);
    expect(row).not.toHaveBeenCalled();
    drawFrame();
    expect([page, row].map(({ mock }) => mock.calls.length)).toEqual([1, 1]);
  });

  it("tells of many alerts once a moment, and again of those that come after it", () => {
    const { store, passMoment } = storeWithFrames();
    const rings = vi.fn(() => store.openAlerts().length);
    store.onAlerts(rings);
    for (const id of ["a", "b", "c"]) {
      store.applyStand({ patient: id, open: [anAlert()], news2: null });
    }
    expect(rings).not.toHaveBeenCalled();
    passMoment();
    store.applyStand({ patient: "d", open: [anAlert()], news2: null });
    passMoment();
    passMoment();
    expect(rings.mock.results.map(({ value }) => value as number)).toEqual([3, 4]);
  });

  it("tells each who listens to alerts in a turn of its own, and nobody who has stopped before it", () => {
    const { store, turns, passMoment } = storeWithFrames();
    const heard: string[] = [];
    let stopLast = (): void => undefined;
    store.onAlerts(() => {
      heard.push(`first, ${String(turns.length)}`);
      stopLast();
    });
    store.onAlerts(() => heard.push(`second, ${String(turns.length)}`));
    stopLast = store.onAlerts(() => heard.push("last"));
    store.applyStand({ patient: "a", open: [anAlert()], news2: null });
    passMoment();
    expect(heard).toEqual(["first, 0", "second, 0"]);
  });

  it("tells nobody but the row where only the score is another one", () => {
    const { store, drawFrame, passMoment } = storeWithFrames();
    const open = [anAlert()];
    store.replaceStands({ stands: { ada: { open, news2: null } }, now: 0 }, store.standTurn());
    passMoment();
    const [rings, row] = [vi.fn(), vi.fn()];
    store.onAlerts(rings);
    store.subscribe("ada", row);
    store.applyStand({ patient: "ada", open: [anAlert()], news2: null });
    passMoment();
    drawFrame();
    expect(rings).not.toHaveBeenCalled();
    expect(row).toHaveBeenCalledTimes(1);
  });

  it("draws no frame for what nobody looks at", () => {
    const { store, waiting } = storeWithFrames();
    store.replaceAll([patient("a")]);
    store.apply(reading("a", 1));
    expect(waiting).toEqual([]);
  });

  it("does not put a patient on the list because of a live event", () => {
    const { store } = storeWithFrames();
    store.replaceAll([patient("a")]);
    store.apply(reading("stranger", 1));
    expect(store.order()).toEqual(["a"]);
    expect(store.patient("stranger")).toBeUndefined();
  });

  it("tells whoever looks at a patient of each value that came, at once", () => {
    const { store } = storeWithFrames();
    store.replaceAll([patient("a")]);
    const [mine, others] = [vi.fn(), vi.fn()];
    store.onSamples("a", mine);
    store.onSamples("b", others);
    const run = { kind: "spo2", unit: "%", origin: "sensor", state: "stored" } as const;
    const place = { device: "d", messageId: "m", start: 1_000, step: 500, values: [97, 96] };
    store.apply({ ...reading("a", 1), runs: [{ ...run, ...place }] });
    expect(mine.mock.calls).toEqual([
      [
        [
          { ...run, device: "d", messageId: "m", at: 1_000, value: 97 },
          { ...run, device: "d", messageId: "m", at: 1_500, value: 96 },
        ],
      ],
    ]);
    expect(others).not.toHaveBeenCalled();
  });

  it("keeps no trend of somebody who is not on the list", () => {
    const { store } = storeWithFrames();
    store.replaceAll([patient("a"), patient("b")]);
    const trend = (id: string) => ({ patient: id, start: 0, stepMs: 600_000, series: [] }) as const;
    store.takeTrends([
      { ...trend("a"), series: [] },
      { ...trend("stranger"), series: [] },
    ]);
    expect(store.trend("a")).toBeDefined();
    expect(store.trend("stranger")).toBeUndefined();
    store.replaceAll([patient("b")]);
    expect(store.trend("a")).toBeUndefined();
  });

  it("keeps what the stream told while a list was on its way, and takes the list where it is as new", () => {
    const { store } = storeWithFrames();
    store.replaceAll([{ ...patient("a"), lastContact: 1 }]);
    store.apply(reading("a", 9));
    store.replaceAll([{ ...patient("a"), lastContact: 1, name: "Ada Renamed" }]);
    expect(store.patient("a")).toMatchObject({ lastContact: 9, name: "Ada Renamed" });
    expect(store.patient("a")?.latest).toHaveLength(1);
    store.replaceAll([{ ...patient("a"), lastContact: 9, quarantinedSamples: 3 }]);
    expect(store.patient("a")).toMatchObject({ latest: [], quarantinedSamples: 3 });
  });

  it("keeps what the stream told while a patient's page was on its way", () => {
    const { store } = storeWithFrames();
    store.replaceAll([{ ...patient("a"), lastContact: 1 }]);
    store.apply(reading("a", 9));
    store.replace({ ...patient("a"), lastContact: 1, name: "Ada Renamed" });
    expect(store.patient("a")).toMatchObject({ lastContact: 9, name: "Ada Renamed" });
    expect(store.patient("a")?.latest).toHaveLength(1);
  });

  it("forgets patients that a new list no longer holds", () => {
    const { store } = storeWithFrames();
    store.replaceAll([patient("a"), patient("b")]);
    store.replaceAll([patient("b")]);
    expect(store.patient("a")).toBeUndefined();
  });

  it("counts clinical time from when it was told", () => {
    const { store } = storeWithFrames();
    store.replace(patient("a"));
    expect(store.patient("a")?.toldAt).toBe(5);
  });

  it("stops telling a listener that left", () => {
    const { store, drawFrame } = storeWithFrames();
    const [list, connection] = [vi.fn(), vi.fn()];
    const stop = store.subscribe(LIST, list);
    store.subscribe(CONNECTION, connection);
    stop();
    store.replaceAll([patient("a")]);
    store.setConnection("live");
    drawFrame();
    expect(list).not.toHaveBeenCalled();
    expect(connection).toHaveBeenCalledTimes(1);
  });
});
