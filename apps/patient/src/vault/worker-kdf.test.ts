import { describe, expect, it, vi } from "vitest";
import { parsePin } from "./pin.ts";
import { KDF_COST } from "./record.ts";
import { createWorkerKdf, type KdfWorker } from "./worker-kdf.ts";

/** A worker that answers with one event. */
class OneAnswer extends EventTarget implements KdfWorker {
  readonly terminate = vi.fn();
  readonly #answer: Event;
  constructor(answer: Event) {
    super();
    this.#answer = answer;
  }
  postMessage(): void {
    queueMicrotask(() => this.dispatchEvent(this.#answer));
  }
}

const PIN = parsePin("274915");
const SALT = new Uint8Array(16);

describe("createWorkerKdf", () => {
  it("gives what the worker derived, and ends it", async () => {
    const key = new Uint8Array(32).fill(7);
    const worker = new OneAnswer(new MessageEvent("message", { data: key }));
    expect(await createWorkerKdf(() => worker)(PIN, SALT, KDF_COST)).toEqual(key);
    expect(worker.terminate).toHaveBeenCalledOnce();
  });

  it.each([
    ["an answer without a key", new MessageEvent("message", { data: undefined })],
    ["a key that is too short", new MessageEvent("message", { data: new Uint8Array(31) })],
    ["a worker that fails", new Event("error")],
    ["an answer that cannot be read", new MessageEvent("messageerror")],
  ])("fails, and ends the worker, at %s", async (_what, answer) => {
    const worker = new OneAnswer(answer);
    await expect(createWorkerKdf(() => worker)(PIN, SALT, KDF_COST)).rejects.toThrow();
    expect(worker.terminate).toHaveBeenCalledOnce();
  });

  it("fails where no worker can be started", async () => {
    const kdf = createWorkerKdf(() => {
      throw new Error("refused");
    });
    await expect(kdf(PIN, SALT, KDF_COST)).rejects.toThrow("refused");
  });
});
