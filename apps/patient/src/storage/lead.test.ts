import { describe, expect, it, vi } from "vitest";
import { lead, type Locks } from "./lead.ts";

/** The Web Locks API for one exclusive lock, as its specification orders it; Node 20 has none. */
function createLocks(): Locks {
  let held: Promise<unknown> = Promise.resolve();
  let busy = 0;
  const request = async (
    name: string,
    options: LockOptions,
    callback: LockGrantedCallback<unknown>,
  ) => {
    if (options.ifAvailable === true && busy > 0) return callback(null);
    busy++;
    const turn = held;
    const aborted = new Promise<never>((_resolve, reject) => {
      const refuse = (): void => reject(new DOMException("", "AbortError"));
      if (options.signal?.aborted === true) refuse();
      else options.signal?.addEventListener("abort", refuse);
    });
    const work = Promise.race([turn, aborted])
      .then(() => callback({ name, mode: "exclusive" }))
      .finally(() => busy--);
    held = Promise.allSettled([turn, work]);
    return work;
  };
  return { request: request as Locks["request"] };
}

const patient = () => ({ signal: new AbortController().signal, onWaiting: vi.fn() });

describe("lead", () => {
  it("is given at once to the first page", async () => {
    const options = patient();
    await lead(createLocks(), options);
    expect(options.onWaiting).not.toHaveBeenCalled();
  });

  it("is given to the second page only when the first lets go", async () => {
    const locks = createLocks();
    const release = await lead(locks, patient());
    const options = patient();
    const given = vi.fn();
    const second = lead(locks, options).then(given);
    await vi.waitFor(() => expect(options.onWaiting).toHaveBeenCalledOnce());
    expect(given).not.toHaveBeenCalled();
    release();
    release();
    await second;
    expect(given).toHaveBeenCalledOnce();
  });

  it("is not waited for any longer when the page gives up", async () => {
    const locks = createLocks();
    await lead(locks, patient());
    const stop = new AbortController();
    const waiting = lead(locks, { signal: stop.signal, onWaiting: () => stop.abort() });
    await expect(waiting).rejects.toEqual(expect.objectContaining({ name: "AbortError" }));
  });

  it("fails where the browser refuses locks", async () => {
    const refused: Locks["request"] = () => Promise.reject(new DOMException("", "SecurityError"));
    await expect(lead({ request: refused }, patient())).rejects.toThrow();
  });
});
