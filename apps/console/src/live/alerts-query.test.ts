import {
  environmentManager,
  focusManager,
  onlineManager,
  QueryClient,
  QueryObserver,
} from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { alertsQuery } from "./alerts-query.ts";

const ask = vi.fn<() => Promise<Response>>();
const list = () => Promise.resolve(Response.json({ stands: {}, now: 1 }));
let queries: QueryClient;
let stop: () => void;

beforeEach(() => {
  vi.useFakeTimers();
  environmentManager.setIsServer(() => false);
  vi.stubGlobal("fetch", ask);
  ask.mockReset().mockImplementation(list);
  queries = new QueryClient();
});

afterEach(() => {
  stop();
  queries.clear();
  focusManager.setFocused(undefined);
  onlineManager.setOnline(true);
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function watch() {
  const observer = new QueryObserver(
    queries,
    alertsQuery(() => 7),
  );
  stop = observer.subscribe(() => undefined);
  return observer;
}

describe("asking for the open alerts (SR-66)", () => {
  it("happens each minute, also in a window that nobody looks at", async () => {
    focusManager.setFocused(false);
    const observer = watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(observer.getCurrentResult().data).toEqual({ turn: 7, list: { stands: {}, now: 1 } });
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ask).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it("that fails is said at once and done again in a quarter of a minute, also where nobody looks", async () => {
    focusManager.setFocused(false);
    ask.mockImplementationOnce(() => Promise.resolve(new Response(null, { status: 503 })));
    const observer = watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(observer.getCurrentResult().isError).toBe(true);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(ask).toHaveBeenCalledTimes(2);
    expect(observer.getCurrentResult().isError).toBe(false);
  });

  it("is tried whatever the browser thinks of the network: what is not known is said, and not waited for", async () => {
    onlineManager.setOnline(false);
    ask.mockImplementation(() => Promise.reject(new TypeError("no network")));
    const observer = watch();
    await vi.advanceTimersByTimeAsync(0);
    expect(ask).toHaveBeenCalledTimes(1);
    expect(observer.getCurrentResult().isError).toBe(true);
  });
});
