import { argon2Kdf } from "./argon2.ts";
import type { KdfRequest } from "./worker-kdf.ts";

/** The worker: one request, one answer; then the app ends it, and its memory with the PIN in it is gone. */
addEventListener("message", (event: MessageEvent<KdfRequest>) => {
  const { pin, salt, cost } = event.data;
  argon2Kdf(pin, salt, cost).then(
    (key) => postMessage(key),
    () => postMessage(undefined),
  );
});
