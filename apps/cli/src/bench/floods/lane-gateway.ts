import {
  envelopesPath,
  formatPreferWait,
  handshakePath,
  handshakesPath,
  HEADERS,
  MEDIA_TYPES,
} from "@siphms/relay";
import { fromBase64Url } from "@siphms/cose";
import type { Bytes } from "@siphms/cose";

import { CliError } from "../../cli-error.ts";
import type { BenchGateway } from "../harness/bench-device.ts";
import { createHttpLane } from "../load/http-lane.ts";
import type { LaneAnswer } from "../load/http-lane.ts";
import { writeRequest } from "./flood-requests.ts";

const TIMEOUT_MS = 30_000;
const WAIT_SECONDS = 20;

/** The gateway asked to wait. */
export class ToldToWait extends Error {
  override readonly name = "ToldToWait";
  readonly waitMs: number;

  constructor(waitMs: number) {
    super(`the gateway asks to wait ${String(waitMs)} ms`);
    this.waitMs = waitMs;
  }
}

/** The way through the gateway from one address of this machine, on a connection of its own. */
export interface LaneGateway extends BenchGateway {
  close(): void;
}

/** Creates it. Its calls throw {@link ToldToWait} where the gateway says so, and {@link CliError} for any other refusal. */
export function createLaneGateway(port: number, from: string): LaneGateway {
  const lane = createHttpLane(port, from);

  async function send(
    path: string,
    headers: Readonly<Record<string, string>>,
    body: Bytes,
  ): Promise<LaneAnswer> {
    const request = writeRequest({ method: "POST", path, port, headers, body });
    const answer = await lane.send(request, TIMEOUT_MS);
    const retryAfter = headerOf(answer, HEADERS.retryAfter);
    if (retryAfter !== undefined) throw new ToldToWait(Number(retryAfter) * 1_000);
    if (answer.status !== 200) throw new CliError(`The gateway answered ${answer.status}.`);
    return answer;
  }

  const handshake = { [HEADERS.contentType]: MEDIA_TYPES.handshakeRequest };
  return {
    async begin({ hospitalId, kid, body }) {
      const answer = await send(handshakesPath(hospitalId, kid), handshake, body);
      const id = /\/([\w-]{22})$/.exec(headerOf(answer, HEADERS.location) ?? "")?.[1] ?? "";
      const path = handshakePath(fromBase64Url(id));
      return {
        message2: bytesOf(answer),
        finish: async (third) => bytesOf(await send(path, handshake, third)),
      };
    },
    async post({ sid, pass }, envelope) {
      const headers = {
        [HEADERS.contentType]: MEDIA_TYPES.envelope,
        [HEADERS.authorization]: `Bearer ${pass}`,
        [HEADERS.prefer]: formatPreferWait(WAIT_SECONDS),
      };
      return bytesOf(await send(envelopesPath(sid), headers, envelope));
    },
    close: () => {
      lane.close();
    },
  };
}

function bytesOf({ body }: LaneAnswer): Bytes {
  return new Uint8Array(body);
}

function headerOf({ head }: LaneAnswer, name: string): string | undefined {
  return new RegExp(`\r\n${name}: *([^\r]+)`, "i").exec(head)?.[1];
}
