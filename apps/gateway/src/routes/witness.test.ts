import {
  addCosignatures,
  createWebEd25519,
  MAX_ADD_CHECKPOINT_BYTES,
  parseWitnessAnswer,
  verifyNote,
  type Bytes,
  type SignedNote,
  type VerifiedSignature,
} from "@siphms/tlog";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { StoreError } from "../domain/store-error.ts";
import { createFakeLog, type FakeLog } from "../testing/fake-log.ts";
import { startTestGateway, type TestGateway } from "../testing/test-gateway.ts";
import { openWitnessKey } from "../storage/witness-key.ts";

const ORIGIN = "siphms/test-hospital/audit/1";

let test: TestGateway;
let log: FakeLog;

beforeEach(async () => {
  test = await startTestGateway();
  log = createFakeLog(ORIGIN);
  await admit(log);
});

afterEach(() => test.stop());

/** Admits the test's hospital with the keys of these logs. */
function admit(...logs: readonly FakeLog[]): Promise<void> {
  const logKeys = logs.map(({ key }) => key);
  return test.data.directory.admit({ ...test.hospital.registration, logKeys });
}

function post(body: Bytes | string): Promise<Response> {
  return fetch(`${test.url}/witness/add-checkpoint`, { method: "POST", body });
}

const ask = async (oldSize: number, newSize: number, of = log): Promise<Response> =>
  post(await of.request(oldSize, newSize));

/** Status of an answer, and what its body says beside it. */
async function told(answer: Promise<Response>): Promise<readonly unknown[]> {
  const { status, headers, text } = await answer.then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }));
  return status === 409 ? [status, headers.get("content-type"), text] : [status];
}

/** The witness's cosignature of a note, verified under its key. */
async function cosignature(answer: Response, note: SignedNote): Promise<VerifiedSignature> {
  const { key } = openWitnessKey(test.folder, "another name");
  const parsed = parseWitnessAnswer({
    status: answer.status,
    mediaType: answer.headers.get("content-type") ?? "",
    body: new Uint8Array(await answer.arrayBuffer()),
  });
  if (parsed.kind !== "cosigned") throw new Error(`the witness answered ${parsed.kind}`);
  const ed25519 = createWebEd25519();
  const whole = await addCosignatures({ note, signatures: parsed.signatures }, [key], ed25519);
  const [found] = await verifyNote(whole, [key], ed25519);
  if (found === undefined) throw new Error("the witness has not signed");
  return found;
}

describe("a gateway as the witness of audit logs [HS-312b] (SR-60)", () => {
  it("cosigns a log's first checkpoint and each that continues it, with its time and the name of its key", async () => {
    for (const [oldSize, newSize] of [
      [0, 3],
      [3, 3],
      [3, 260],
    ] as const) {
      const found = await cosignature(await ask(oldSize, newSize), await log.checkpoint(newSize));
      expect(found.key.name).toBe("gateway.test");
      expect(found.timestampS).toBe(Math.floor(test.clock.now() / 1000));
    }
  });

  it("names the size that it has cosigned to whoever believes another, also when it is smaller", async () => {
    await ask(0, 20);
    const size = [409, "text/x.tlog.size", "20\n"];
    expect(await told(ask(0, 30))).toEqual(size);
    expect(await told(ask(10, 15))).toEqual(size);
    expect(await told(ask(21, 30))).toEqual(size);
  });

  it("does not cosign a log that was rolled back and went on otherwise", async () => {
    await ask(0, 20);
    const other = createFakeLog(ORIGIN, { content: "rewritten", signer: log.signer });
    expect(await told(ask(20, 30, other))).toEqual([422]);
    expect(await told(ask(20, 20, other))).toEqual([422]);
    expect(await told(ask(20, 30))).toEqual([200]);
  });

  it("cosigns one of two histories alone when both are asked for at once", async () => {
    const other = createFakeLog(ORIGIN, { content: "rewritten", signer: log.signer });
    const answers = await Promise.all([
      ask(0, 20),
      ask(0, 20, other),
      ask(0, 25),
      ask(0, 25, other),
    ]);
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409, 409, 409]);
  });

  it("refuses a proof of another tree", async () => {
    await ask(0, 20);
    const body = Buffer.from(await log.request(20, 30)).toString();
    const [line = ""] = /^[A-Za-z0-9+/]{43}=$/m.exec(body) ?? [];
    expect(await told(post(body.replace(`${line}\n`, "")))).toEqual([422]);
  });

  it.each<[string, (good: string) => string]>([
    ["nothing", () => ""],
    ["no request", () => "hello"],
    ["an old size that is larger than the new one", (good) => good.replace("old 0", "old 4")],
    ["a size that is no number", (good) => good.replace("\n3\n", "\n3x\n")],
    ["a note without signatures", (good) => good.slice(0, good.lastIndexOf("—"))],
  ])("refuses %s as malformed", async (_what, change) => {
    const good = Buffer.from(await log.request(0, 3)).toString();
    expect(await told(post(change(good)))).toEqual([400]);
    expect(await told(post(good))).toEqual([200]);
  });

  it("refuses a checkpoint that the log's key has not signed, and one that was altered behind its signature", async () => {
    const stranger = createFakeLog(ORIGIN);
    expect(await told(ask(0, 3, stranger))).toEqual([403]);
    const good = Buffer.from(await log.request(0, 3)).toString();
    expect(await told(post(good.replace("\n3\n", "\n4\n")))).toEqual([403]);
  });

  it("knows no log but those of hospitals that are admitted, under the keys that are admitted now", async () => {
    expect(await told(ask(0, 3, createFakeLog("siphms/other-hospital/audit/1")))).toEqual([404]);
    expect(await told(ask(0, 3, createFakeLog("example.org/log")))).toEqual([404]);
    const next = createFakeLog("siphms/test-hospital/audit/2");
    expect(await told(ask(0, 3, next))).toEqual([404]);
    await admit(next);
    expect(await told(ask(0, 3, next))).toEqual([200]);
    expect(await told(ask(0, 3))).toEqual([404]);
    await test.data.directory.expel("test-hospital");
    expect(await told(ask(3, 4, next))).toEqual([404]);
  });

  it("remembers over a restart, key included, and keeps the note that it cosigned last", async () => {
    await ask(0, 20);
    const { key } = openWitnessKey(test.folder, "x");
    await test.restart();
    expect(openWitnessKey(test.folder, "x").key).toEqual(key);
    expect(await told(ask(0, 25))).toEqual([409, "text/x.tlog.size", "20\n"]);
    const [kept] = test.data.memory.list();
    expect(kept?.origin).toBe(ORIGIN);
    expect(Buffer.from(kept?.note ?? []).toString()).toContain((await log.checkpoint(20)).text);
  });

  it("takes no body that is longer than any request", async () => {
    expect(await told(post(new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1)))).toEqual([413]);
  });
});

describe("a witness's pace", () => {
  it("counts what is nothing new of a known log against its address, and nothing by which one comes on", async () => {
    await test.stop();
    test = await startTestGateway({ options: { addressPerMinute: 2 } });
    await admit(log);
    for (const size of [1, 2, 3, 4]) {
      expect(await told(ask(size - 1, size))).toEqual([200]);
    }
    expect(await told(post("hello"))).toEqual([400]);
    expect(await told(ask(4, 4))).toEqual([200]);
    expect(await told(ask(4, 4))).toEqual([429]);
  });
});

describe("a witness whose disk is full", () => {
  it("cosigns nothing that it cannot remember", async () => {
    await test.stop();
    test = await startTestGateway({
      wrapMemory: (memory) => ({ ...memory, advance: () => Promise.reject(new StoreError()) }),
    });
    await admit(log);
    expect(await told(ask(0, 3))).toEqual([500]);
  });
});
