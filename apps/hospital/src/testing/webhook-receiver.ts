import { once } from "node:events";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";

/** One request as a receiver got it. */
export interface ReceivedPost {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A real HTTP server on loopback that takes webhooks, and what it got. */
export interface WebhookReceiver {
  readonly url: URL;
  readonly posts: readonly ReceivedPost[];
  /** How it answers from now on; 204 at first. */
  answer(how: (response: ServerResponse) => void): void;
  close(): Promise<void>;
}

/** Starts a receiver. */
export async function startWebhookReceiver(port = 0): Promise<WebhookReceiver> {
  const posts: ReceivedPost[] = [];
  let answer = (response: ServerResponse): void => {
    response.writeHead(204).end();
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      posts.push({ method, path: url, headers, body: Buffer.concat(parts).toString("utf8") });
      answer(response);
    });
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return {
    url: new URL(`http://127.0.0.1:${String(address.port)}/alerts?key=hidden`),
    posts,
    answer(how) {
      answer = how;
    },
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
