import {
  envelopesPath,
  formatPreferWait,
  handshakesPath,
  HEADERS,
  MEDIA_TYPES,
} from "@siphms/relay";
import type { Http, HttpRequest, HttpResponse } from "@siphms/device";

import { CliError } from "../../cli-error.ts";
import type { BenchGateway } from "./bench-device.ts";

const TIMEOUT_MS = 30_000;
const ANSWER_WAIT_SECONDS = 20;

/**
 * The way through the real gateway, by HTTP.
 *
 * @param http - `createNodeHttp()`; its connections are shared by all that use it under one label.
 * @param connection - The label of {@link HttpRequest.connection}.
 */
export function createHttpGateway(
  gatewayUrl: string,
  http: Http,
  connection = "bench",
): BenchGateway {
  const send = async (request: Pick<HttpRequest, "url" | "headers" | "body">) => {
    const answer = await http({ method: "POST", connection, timeoutMs: TIMEOUT_MS, ...request });
    // The text of a problem document says which.
    if (answer.status !== 200) throw new CliError(`The gateway answered ${describe(answer)}.`);
    return answer;
  };
  const handshake = (url: string, body: HttpRequest["body"]) =>
    send({
      url,
      headers: { [HEADERS.contentType]: MEDIA_TYPES.handshakeRequest },
      ...(body === undefined ? {} : { body }),
    });
  return {
    async begin({ hospitalId, kid, body }) {
      const answer = await handshake(gatewayUrl + handshakesPath(hospitalId, kid), body);
      const location = answer.headers[HEADERS.location];
      if (location === undefined) throw new CliError("The gateway named no place for message_3.");
      const url = new URL(location, gatewayUrl).href;
      return { message2: answer.body, finish: async (third) => (await handshake(url, third)).body };
    },
    async post({ sid, pass }, envelope) {
      const headers = {
        [HEADERS.contentType]: MEDIA_TYPES.envelope,
        [HEADERS.authorization]: `Bearer ${pass}`,
        [HEADERS.prefer]: formatPreferWait(ANSWER_WAIT_SECONDS),
      };
      const answer = await send({ url: gatewayUrl + envelopesPath(sid), headers, body: envelope });
      return answer.body;
    },
  };
}

function describe({ status, headers, body }: HttpResponse): string {
  const isProblem = headers["content-type"]?.startsWith("application/problem+json") === true;
  return isProblem ? `${status}: ${new TextDecoder().decode(body)}` : String(status);
}
