import type { LiveReading, PatientSummary } from "@siphms/api";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIST, PatientStore } from "./patient-store.ts";

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
  samples: [],
  lastContact: at,
  quarantinedSamples: 0,
});

describe("PatientStore", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("tells a listener once for many changes, and only of its own patient", () => {
    const store = new PatientStore();
    store.replaceAll([patient("a"), patient("b")]);
    vi.runAllTimers();
    const [a, b] = [vi.fn(), vi.fn()];
    store.subscribe("a", a);
    store.subscribe("b", b);
    for (let at = 1; at <= 100; at++) store.apply(reading("a", at));
    vi.runAllTimers();
    expect(a).toHaveBeenCalledTimes(1);
    expect(b).not.toHaveBeenCalled();
    expect(store.patient("a")?.lastContact).toBe(100);
  });

  it("does not put a patient on the list because of a live event", () => {
    const store = new PatientStore();
    store.replaceAll([patient("a")]);
    store.apply(reading("stranger", 1));
    expect(store.order()).toEqual(["a"]);
    expect(store.patient("stranger")).toBeUndefined();
  });

  it("forgets patients that a new list no longer holds", () => {
    const store = new PatientStore();
    store.replaceAll([patient("a"), patient("b")]);
    store.replaceAll([patient("b")]);
    expect(store.patient("a")).toBeUndefined();
  });

  it("stops telling a listener that left", () => {
    const store = new PatientStore();
    const listener = vi.fn();
    const stop = store.subscribe(LIST, listener);
    stop();
    store.replaceAll([patient("a")]);
    vi.runAllTimers();
    expect(listener).not.toHaveBeenCalled();
  });
});
