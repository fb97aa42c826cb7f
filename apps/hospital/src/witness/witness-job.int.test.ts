import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import {
  createWebEd25519,
  encodeVerifierKey,
  parseNote,
  TREE_SIZE_MEDIA_TYPE,
  verifyNote,
  type TreeHead,
} from "@siphms/tlog";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  appendAudit,
  createSequencer,
  noteWithCosignatures,
  readNewestCheckpoint,
  type LogHead,
  type Sequencer,
} from "../audit/index.ts";
import { listOpenFaults } from "../testing/system-faults.ts";
import { noteSystemFault } from "../notify/index.ts";
import { createHospitalWorld, log, type HospitalWorld } from "../testing/hospital-world.ts";
import { answerAs, newSigner, type TestWitness } from "../testing/test-witness.ts";
import { WITNESS_SETTINGS, type Witness } from "./settings.ts";
import { createWitnessJob, type WitnessJob } from "./witness-job.ts";
import { readWitnessStandings } from "./witness-rows.ts";

const MINUTE = 60_000;
const ED25519 = createWebEd25519();

let world: HospitalWorld;
let sequencer: Sequencer;
let server: Server;
let witness: TestWitness;
let settings: readonly Witness[];
let job: WitnessJob | undefined;
/** Waits of the job: each goes on when it is let go. */
let waits: { readonly ms: number; readonly letGo: () => void }[];

beforeAll(async () => {
  world = await createHospitalWorld();
  server = createServer((request, response) => {
    void text(request).then(async (body) => {
      const answer = await answerAs(witness, new TextEncoder().encode(body), world);
      response.writeHead(answer.status, { "content-type": answer.type }).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await world.close();
});

beforeEach(async () => {
  const name = `witness-${String(Math.floor(world.clock.now()))}`;
  witness = { signer: newSigner(name), asked: [], latest: new Map(), instead: undefined };
  const { port } = server.address() as AddressInfo;
  const key = encodeVerifierKey(witness.signer.key);
  settings = WITNESS_SETTINGS.witnesses.parse(`http://127.0.0.1:${String(port)}/w ${key}`);
  waits = [];
  sequencer = createSequencer({ ...world, log, onCheckpoint: (head) => job?.wake(head) });
  await world.tamper("TRUNCATE system_alerts");
  await world.clock.advance(MINUTE);
  await newHead();
});
afterEach(async () => {
  await stop();
});

/** Something happens, and the log's head covers it. */
async function newHead(): Promise<LogHead> {
  const entry = {
    event: "test.happened",
    actor: "hospital",
    action: "execute",
    outcome: "done",
  } as const;
  await world.database.withTransaction((tx) =>
    appendAudit(tx, [{ ...entry, at: world.clock.now() }]),
  );
  await sequencer.run();
  return sequencer.newest!;
}

function start(): void {
  job = createWitnessJob({
    ...{ database: world.database, clock: world.clock, log, witnesses: settings },
    notifier: { systemFault: (tx, fault) => noteSystemFault(tx, fault, world.clock.now()) },
    wait: (ms, signal) =>
      new Promise((resolve) => {
        const letGo = (): void => {
          signal.removeEventListener("abort", letGo);
          resolve();
        };
        waits.push({ ms, letGo });
        signal.addEventListener("abort", letGo);
      }),
  });
  job.start();
}

async function stop(): Promise<void> {
  await job?.stop();
  job = undefined;
  waits = [];
}

/** Lets the job make its next try. */
function letGo(): void {
  for (const wait of waits.splice(0)) wait.letGo();
}

/** Waits until the job has asked so many times and rests. */
async function rested(times: number): Promise<void> {
  await expect
    .poll(() => [witness.asked.length >= times, waits.length], { timeout: 5000, interval: 5 })
    .toEqual([true, 1]);
}

const cosignedBy = async (head: LogHead): Promise<readonly (number | undefined)[]> => {
  const note = await noteWithCosignatures(world.database, head);
  const found = await verifyNote(
    parseNote(new TextEncoder().encode(note)),
    [witness.signer.key],
    ED25519,
  ).catch(() => []);
  return found.map(({ timestampS }) => timestampS);
};

const faults = () => listOpenFaults(world);

describe("the heads of the audit log (SR-60)", () => {
  it("go to the witness, whose verified cosignature is kept with them", async () => {
    start();
    await rested(1);
    const head = (await readNewestCheckpoint(world.database))!;
    expect(await cosignedBy(head)).toEqual([Math.floor(world.clock.now() / 1000)]);
    expect(witness.asked).toEqual([{ oldSize: 0, size: head.size }]);
    expect(job?.waitingMs()).toBe(0);
  });

  it("go on from what it has cosigned last, the newest alone of those that came meanwhile, also after a restart", async () => {
    start();
    await rested(1);
    const first = sequencer.newest!;
    const skipped = await newHead();
    const next = await newHead();
    letGo();
    await rested(2);
    await stop();
    start();
    const last = await newHead();
    await rested(3);
    expect(witness.asked.slice(1)).toEqual([
      { oldSize: first.size, size: next.size },
      { oldSize: next.size, size: last.size },
    ]);
    expect([await cosignedBy(skipped), (await cosignedBy(next)).length]).toEqual([[], 1]);
  });

  it("are proved from where the witness says that it is", async () => {
    start();
    await rested(1);
    await stop();
    await world.tamper("DELETE FROM audit_cosignatures");
    const head = await newHead();
    start();
    await rested(2);
    expect(witness.asked.slice(1)).toEqual([{ oldSize: 0, size: head.size }]);
    letGo();
    await rested(3);
    expect(witness.asked[2]?.oldSize).toBe(witness.asked[0]?.size);
    expect(await cosignedBy(head)).toHaveLength(1);
    expect(await faults()).toEqual([]);
  });

  it("are shown once more when the program ends", async () => {
    start();
    await rested(1);
    const head = await newHead();
    await stop();
    expect(await cosignedBy(head)).toHaveLength(1);
  });
});

describe("a witness that is away", () => {
  it("is asked again after longer and longer pauses, and administrators are told after 15 minutes [HS-312b]", async () => {
    witness.instead = () => ({ status: 503 });
    start();
    await rested(1);
    const pauses = [waits[0]?.ms];
    for (let times = 2; times < 9; times++) {
      letGo();
      await rested(times);
      pauses.push(waits[0]?.ms);
    }
    expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1000));
    await world.clock.advance(15 * MINUTE);
    letGo();
    await rested(9);
    expect(await faults()).toEqual([]);
    await world.clock.advance(1);
    letGo();
    await rested(10);
    letGo();
    await rested(11);
    expect(await faults()).toEqual([{ what: "witness-away", reason: "witness", count: 1 }]);
    expect(job?.waitingMs()).toBe(15 * MINUTE + 1);
  });

  it("is told of again after an hour, also where its alert was closed, as one open alert [HS-312b]", async () => {
    const away = { what: "witness-away", reason: "witness" };
    let asked = 0;
    const askAgain = async (): Promise<void> => {
      asked += 1;
      letGo();
      await rested(asked);
    };
    witness.instead = () => ({ status: 503 });
    start();
    await askAgain();
    await world.clock.advance(15 * MINUTE + 1);
    await askAgain();
    expect(await faults()).toEqual([{ ...away, count: 1 }]);
    await world.database.query(
      "UPDATE system_alerts SET acknowledged_at = $1, acknowledged_by = 'staff:1'",
      [world.clock.now()],
    );
    await world.clock.advance(60 * MINUTE - 1);
    await askAgain();
    expect(await faults()).toEqual([]);
    await world.clock.advance(1);
    await askAgain();
    await askAgain();
    expect(await faults()).toEqual([{ ...away, count: 1 }]);
    await world.clock.advance(60 * MINUTE);
    await askAgain();
    expect(await faults()).toEqual([{ ...away, count: 2 }]);
    witness.instead = undefined;
    await askAgain();
    await world.clock.advance(120 * MINUTE);
    await newHead();
    await askAgain();
    expect(await faults()).toEqual([{ ...away, count: 2 }]);
  });

  it("is away from the head on that it has not cosigned, also over a restart of the hospital", async () => {
    start();
    await rested(1);
    witness.instead = () => ({ status: 404 });
    await newHead();
    await stop();
    expect(await faults()).toEqual([]);
    await world.clock.advance(16 * MINUTE);
    witness.asked.length = 0;
    start();
    await rested(1);
    expect(await faults()).toEqual([{ what: "witness-away", reason: "witness", count: 1 }]);
    const [standing] = await readWitnessStandings(world.database, [witness.signer.key.name]);
    expect(standing?.waitingSince).toBeLessThanOrEqual(world.clock.now() - 16 * MINUTE);
  });

  it("is not away while there is nothing to cosign", async () => {
    start();
    await rested(1);
    await world.clock.advance(60 * MINUTE);
    witness.instead = () => ({ status: 503 });
    await newHead();
    letGo();
    await rested(2);
    expect([await faults(), job?.waitingMs()]).toEqual([[], 0]);
  });

  it("has everything that it missed covered by one cosignature when it is back", async () => {
    witness.instead = () => ({ status: 503 });
    start();
    await rested(1);
    const head = await newHead();
    witness.instead = undefined;
    letGo();
    await rested(2);
    expect(await cosignedBy(head)).toHaveLength(1);
    const [standing] = await readWitnessStandings(world.database, [witness.signer.key.name]);
    expect(standing).toEqual({ witness: witness.signer.key.name, lastAt: world.clock.now() });
  });
});

describe("a witness that never cosigns, whatever it says instead", () => {
  it("is asked more and more seldom, and counts as away after 15 minutes", async () => {
    let size = 0;
    witness.instead = () => {
      size = size === 1 ? 2 : 1;
      return { status: 409, type: TREE_SIZE_MEDIA_TYPE, body: `${String(size)}\n` };
    };
    start();
    await rested(1);
    const pauses = [waits[0]?.ms];
    for (let times = 2; times < 9; times++) {
      letGo();
      await rested(times);
      pauses.push(waits[0]?.ms);
    }
    expect(pauses.map((ms = 0) => ms / 1000)).toEqual([1, 1, 1, 1, 1, 1, 2, 4]);
    expect(await faults()).toEqual([]);
    await world.clock.advance(15 * MINUTE + 1);
    letGo();
    await rested(9);
    expect(await faults()).toEqual([{ what: "witness-away", reason: "witness", count: 1 }]);
  });
});

describe("a log of which rows are gone", () => {
  it("cannot be shown to a witness, and administrators are told at once", async () => {
    start();
    await rested(1);
    await newHead();
    await world.tamper("CREATE TABLE kept AS SELECT * FROM audit_leaves WHERE idx = 0");
    await world.tamper("DELETE FROM audit_leaves WHERE idx = 0");
    letGo();
    await expect.poll(faults).toEqual([{ what: "log-stopped", reason: "log-altered", count: 1 }]);
    await world.tamper("INSERT INTO audit_leaves SELECT * FROM kept");
    await rested(1);
    letGo();
    await rested(2);
    expect(await cosignedBy(sequencer.newest!)).toHaveLength(1);
  });
});

describe("what a witness answers that is no cosignature of this head", () => {
  it.each<[string, () => { status: number; body?: string }]>([
    ["nothing", () => ({ status: 200, body: "" })],
    ["something else", () => ({ status: 200, body: "hello\n" })],
    [
      "a signature of another key",
      () => ({ status: 200, body: `— other ${Buffer.alloc(76).toString("base64")}\n` }),
    ],
    [
      "a bad signature under its own name",
      () => {
        const id = Buffer.alloc(4);
        id.writeUInt32BE(witness.signer.key.keyId);
        const bytes = Buffer.concat([id, Buffer.alloc(7), Buffer.from([1]), Buffer.alloc(64)]);
        return { status: 200, body: `— ${witness.signer.key.name} ${bytes.toString("base64")}\n` };
      },
    ],
    ["more than an answer may have", () => ({ status: 200, body: "x".repeat(300_000) })],
    ["another address", () => ({ status: 302 })],
  ])("is not kept: %s", async (_what, instead) => {
    witness.instead = instead;
    start();
    await rested(1);
    const { rows } = await world.database.query(
      "SELECT line FROM audit_cosignatures WHERE witness = $1",
      [witness.signer.key.name],
    );
    expect([rows, await faults()]).toEqual([[], []]);
  });
});

describe("a witness that has cosigned another history tells administrators at once [HS-312b] (SR-60)", () => {
  const refused = [{ what: "witness-refused", reason: "witness", count: 1 }];

  it("when it has seen more of the log than there is: the database was rolled back", async () => {
    start();
    await rested(1);
    const [origin] = [...witness.latest.keys()];
    witness.latest.set(origin!, { size: 10_000, root: new Uint8Array(32) });
    await newHead();
    letGo();
    await rested(2);
    letGo();
    await rested(3);
    expect(await faults()).toEqual(refused);
  });

  it("when what it has seen is not the front of this log", async () => {
    start();
    await rested(1);
    const [[origin, head]] = [...witness.latest] as [[string, TreeHead]];
    witness.latest.set(origin, { ...head, root: new Uint8Array(32) });
    await newHead();
    letGo();
    await rested(2);
    letGo();
    await rested(3);
    expect(await faults()).toEqual(refused);
  });

  it("but not when another program of this hospital has shown it a newer head", async () => {
    start();
    await rested(1);
    const own = sequencer;
    job?.wake(await newHead());
    sequencer = createSequencer({ ...world, log });
    const newer = await newHead();
    const [[origin]] = [...witness.latest] as [[string, TreeHead]];
    witness.latest.set(origin, { size: newer.size, root: newer.root });
    sequencer = own;
    letGo();
    await rested(2);
    letGo();
    await rested(3);
    expect([await faults(), (await cosignedBy(newer)).length]).toEqual([[], 1]);
  });
});
