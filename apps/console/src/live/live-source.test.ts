import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { openLiveSource } from "./live-source.ts";

/** A stream whose fate the test decides. */
class FakeSource extends EventTarget {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSED = 2;
  static all: FakeSource[] = [];
  readyState = FakeSource.CONNECTING;

  constructor() {
    super();
    FakeSource.all.push(this);
  }

  open(): void {
    this.readyState = FakeSource.OPEN;
    this.dispatchEvent(new Event("open"));
  }

  /** The network is away, or the hospital ended the stream: the browser tries again by itself. */
  lose(): void {
    this.readyState = FakeSource.CONNECTING;
    this.dispatchEvent(new Event("error"));
  }

  /** An error answer: the browser gives up. */
  refuse(): void {
    this.readyState = FakeSource.CLOSED;
    this.dispatchEvent(new Event("error"));
  }

  say(name: string, data: string, lastEventId = "7"): void {
    this.dispatchEvent(new MessageEvent(name, { data, lastEventId }));
  }

  close(): void {
    this.readyState = FakeSource.CLOSED;
  }
}

const last = (): FakeSource => FakeSource.all.at(-1)!;
const events = { onConnection: vi.fn(), onEvent: vi.fn(), onRefused: vi.fn() };
let close: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("EventSource", FakeSource);
  FakeSource.all = [];
  for (const event of Object.values(events)) event.mockReset();
  close = openLiveSource(events);
});

afterEach(() => {
  close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the live stream of a window", () => {
  it("asks for everything anew as soon as it is open, as nobody knows what came before", () => {
    expect(events.onEvent).not.toHaveBeenCalled();
    last().open();
    expect(events.onEvent.mock.calls).toEqual([["reload", "{}"]]);
    expect(events.onConnection.mock.calls).toEqual([["live"]]);
  });

  it("asks for nothing anew where the browser went on from its place, and does where it had none", () => {
    last().open();
    last().lose();
    last().open();
    expect(events.onEvent).toHaveBeenCalledTimes(2);
    last().say("reading", "{}");
    events.onEvent.mockReset();
    last().lose();
    last().open();
    expect(events.onEvent).not.toHaveBeenCalled();
    expect(FakeSource.all).toHaveLength(1);
  });

  it("hands on what the hospital says", () => {
    last().open();
    last().say("reading", '{"patient":"a"}');
    last().say("alert", '{"patient":"b"}');
    last().say("break-glass", "{}");
    expect(events.onEvent.mock.calls.slice(1)).toEqual([
      ["reading", '{"patient":"a"}'],
      ["alert", '{"patient":"b"}'],
      ["break-glass", "{}"],
    ]);
  });

  it("comes back after an error answer, in pauses that grow to half a minute, and asks each time whether the session holds", () => {
    const pauses = [1, 2, 4, 8, 16, 30, 30];
    for (const [index, seconds] of pauses.entries()) {
      last().refuse();
      expect(events.onRefused).toHaveBeenCalledTimes(index + 1);
      vi.advanceTimersByTime(seconds * 1000 - 1);
      expect(FakeSource.all).toHaveLength(index + 1);
      vi.advanceTimersByTime(1);
      expect(FakeSource.all).toHaveLength(index + 2);
    }
    last().open();
    expect(events.onEvent.mock.calls).toEqual([["reload", "{}"]]);
    expect(events.onConnection).toHaveBeenLastCalledWith("live");
    last().refuse();
    vi.advanceTimersByTime(1000);
    expect(FakeSource.all).toHaveLength(pauses.length + 2);
  });

  it("is not called lost while it is away for some seconds, as after a fresh proof, and is after eight", () => {
    last().open();
    last().lose();
    vi.advanceTimersByTime(7999);
    last().open();
    vi.advanceTimersByTime(40_000);
    expect(events.onConnection).not.toHaveBeenCalledWith("lost");
    last().lose();
    vi.advanceTimersByTime(4000);
    last().lose();
    vi.advanceTimersByTime(4000);
    expect(events.onConnection).toHaveBeenLastCalledWith("lost");
    last().open();
    expect(events.onConnection).toHaveBeenLastCalledWith("live");
  });

  it("is called lost where it never opened", () => {
    vi.advanceTimersByTime(8000);
    expect(events.onConnection.mock.calls).toEqual([["lost"]]);
  });

  it("is given up where nothing comes for three pings, said to be lost, and asked for anew (SR-66)", () => {
    last().open();
    vi.advanceTimersByTime(44_999);
    last().say("ping", "{}");
    vi.advanceTimersByTime(44_999);
    expect(FakeSource.all).toHaveLength(1);
    expect(events.onConnection).toHaveBeenLastCalledWith("live");
    vi.advanceTimersByTime(1);
    expect(FakeSource.all).toHaveLength(2);
    expect(FakeSource.all[0]?.readyState).toBe(FakeSource.CLOSED);
    expect(events.onConnection).toHaveBeenLastCalledWith("lost");
    events.onEvent.mockReset();
    last().open();
    expect(events.onEvent.mock.calls).toEqual([["reload", "{}"]]);
    expect(events.onConnection).toHaveBeenLastCalledWith("live");
  });

  it("is over when it is closed: nothing is tried or told any more", () => {
    last().refuse();
    close();
    vi.advanceTimersByTime(600_000);
    expect(FakeSource.all).toHaveLength(1);
    expect(events.onConnection).not.toHaveBeenCalled();
  });
});
