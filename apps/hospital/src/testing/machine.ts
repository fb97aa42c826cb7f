import { keyLogInText, OPERATOR_PATHS } from "@siphms/api";
import { toBase64Url } from "@siphms/cose";
import type { NodeCrypto } from "@siphms/node-crypto";
import type { FastifyInstance, LightMyRequestResponse } from "fastify";
import { HOSPITAL } from "./hospital-world.ts";

/** An integration account with its key, as a script would hold it. */
export interface TestMachine {
  readonly name: string;
  /** Signs a challenge; what is signed beside it can be made wrong. */
  sign(challenge: string, wrong?: { hospital?: string; name?: string }): Promise<string>;
  /** Asks for a challenge and answers it. */
  logIn(): Promise<LightMyRequestResponse>;
}

/** What a request on the private socket carries. */
export interface MachineHeaders {
  readonly authorization: string;
}

let machines = 0;

/** Adds an integration account by the private socket's API. */
export async function addMachine(
  server: FastifyInstance,
  crypto: NodeCrypto,
  name = `Machine ${String(++machines)}`,
): Promise<TestMachine> {
  const key = await crypto.generateSigningKey();
  const { x, y } = key.publicPoint;
  const jwk = { kty: "EC", crv: "P-256", x: toBase64Url(x), y: toBase64Url(y) };
  const added = await post(server, OPERATOR_PATHS.integrations, { name, key: jwk });
  if (added.statusCode !== 200) throw new Error(added.body);
  const sign: TestMachine["sign"] = async (challenge, wrong = {}) => {
    const text = keyLogInText({ hospital: HOSPITAL.hospitalId, name, challenge, ...wrong });
    return toBase64Url(await crypto.sign(key, new TextEncoder().encode(text)));
  };
  return {
    name,
    sign,
    async logIn() {
      const challenge = await challengeOf(server);
      const proof = { name, challenge, signature: await sign(challenge) };
      return post(server, OPERATOR_PATHS.logInKey, proof);
    },
  };
}

/** Adds a machine and logs it in. @returns what its requests carry. */
export async function logInMachine(
  server: FastifyInstance,
  { crypto }: { readonly crypto: NodeCrypto },
): Promise<MachineHeaders> {
  const machine = await addMachine(server, crypto);
  const opened = await machine.logIn();
  if (opened.statusCode !== 200) throw new Error(opened.body);
  return { authorization: `Bearer ${opened.json<{ token: string }>().token}` };
}

/** A fresh challenge for a machine. */
export async function challengeOf(server: FastifyInstance): Promise<string> {
  const asked = await server.inject({ method: "POST", url: OPERATOR_PATHS.logInKeyRequest });
  return asked.json<{ challenge: string }>().challenge;
}

function post(server: FastifyInstance, url: string, payload: object) {
  return server.inject({ method: "POST", url, payload });
}
