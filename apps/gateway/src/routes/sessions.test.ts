import { decodeMailbox, envelopesPath, mailboxPath, MEDIA_TYPES } from "@siphms/relay";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { randomSid } from "../testing/fake-hospital.ts";
import {
  bytes,
  problemOf,
  sessionOf,
  startTestGateway,
  text,
  type TestGateway,
  type TestSession,
} from "../testing/test-gateway.ts";
import { eventually } from "../testing/eventually.ts";

let test: TestGateway;

beforeEach(async () => {
  test = await startTestGateway();
});

afterEach(() => test.stop());

async function mailOf(answer: Response): Promise<string[]> {
  expect(answer.status).toBe(200);
  return decodeMailbox(new Uint8Array(await answer.arrayBuffer())).map(text);
}

/** Posts envelopes that the hospital answers, so that the answers are in the mailbox. */
async function postAnswered(session: TestSession, ...bodies: readonly string[]): Promise<void> {
  const uplink = await test.connect();
  uplink.answerAll((body) => bytes(`re ${text(body)}`));
  for (const body of bodies)
    expect((await session.post(body, { waitSeconds: 10 })).status).toBe(200);
  uplink.socket.close();
  await uplink.closed;
}

describe("an envelope", () => {
  it("gets 202 without a wait and stays queued until the hospital comes", async () => {
    const session = await test.newSession();
    const answer = await session.post("one");
    expect([answer.status, await answer.text()]).toEqual([202, ""]);
    const uplink = await test.connect();
    const envelope = await uplink.next("envelope");
    expect([text(envelope.body), envelope.sid]).toEqual(["one", session.sid]);
  });

  it("gets 200 with the answer that came in time, and the answer is in the mailbox too", async () => {
    const uplink = await test.connect();
    uplink.answerAll((body) => bytes(`answer to ${text(body)}`));
    const session = await test.newSession();
    const answer = await session.post("one", { waitSeconds: 10 });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe(MEDIA_TYPES.envelope);
    expect(await answer.text()).toBe("answer to one");
    expect(await mailOf(await session.mailbox())).toEqual(["answer to one"]);
  });

  it("gets 202 when its answer does not come in time", async () => {
    await test.connect();
    const session = await test.newSession();
    expect((await session.post("one", { waitSeconds: 1 })).status).toBe(202);
  });

  it("gets 204 when the hospital marks it as getting no answer, and nothing is in the mailbox", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    const posted = session.post("one", { waitSeconds: 10 });
    const { sid, number } = await uplink.next("envelope");
    uplink.send({ type: "no-answer", sid, number });
    expect((await posted).status).toBe(204);
    expect((await session.mailbox()).status).toBe(204);
  });

  it("gets its own answer, not that of another envelope", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    const first = session.post("first", { waitSeconds: 10 });
    const one = await uplink.next("envelope");
    const second = session.post("second", { waitSeconds: 10 });
    const two = await uplink.next("envelope");
    uplink.send(
      { type: "answer", sid: two.sid, number: two.number, body: bytes("for second") },
      { type: "answer", sid: one.sid, number: one.number, body: bytes("for first") },
    );
    expect([await (await first).text(), await (await second).text()]).toEqual([
      "for first",
      "for second",
    ]);
  });

  it("may have 64 KiB", async () => {
    const session = await test.newSession();
    expect((await session.post(new Uint8Array(65_536))).status).toBe(202);
  });

  it("is refused with 413 too-large above that", async () => {
    const session = await test.newSession();
    expect(await problemOf(await session.post(new Uint8Array(65_537)))).toEqual([413, "too-large"]);
  });

  it("is refused with 400 malformed when it is empty", async () => {
    const session = await test.newSession();
    expect(await problemOf(await session.post(""))).toEqual([400, "malformed"]);
  });

  it.each([
    "application/cose",
    'application/cose; cose-type="cose-sign1"',
    "application/json",
    "application/octet-stream",
    "application/cid-edhoc+cbor-seq",
  ])("is refused with 415 media-type as %s", async (type) => {
    const session = await test.newSession();
    const answer = await fetch(test.url + envelopesPath(session.sid), {
      method: "POST",
      headers: { authorization: `Bearer ${session.pass}`, "content-type": type },
      body: "x",
    });
    expect(await problemOf(answer)).toEqual([415, "media-type"]);
  });

  it("is refused with 400 malformed behind a question mark", async () => {
    const session = await test.newSession();
    const answer = await fetch(`${test.url}${envelopesPath(session.sid)}?x=1`, {
      method: "POST",
      headers: { authorization: `Bearer ${session.pass}`, "content-type": MEDIA_TYPES.envelope },
      body: "x",
    });
    expect(await problemOf(answer)).toEqual([400, "malformed"]);
  });
});

describe("a pass", () => {
  it("opens its own session only", async () => {
    const mine = await test.newSession();
    const yours = await test.newSession();
    expect(await problemOf(await mine.post("x", { pass: yours.pass }))).toEqual([
      401,
      "pass-invalid",
    ]);
    expect(await problemOf(await mine.mailbox(undefined, { pass: yours.pass }))).toEqual([
      401,
      "pass-invalid",
    ]);
  });

  it("opens nothing of another hospital's session with the same sid", async () => {
    const session = await test.newSession();
    await postAnswered(session, "one");
    const other = await test.newHospital("other-hospital");
    await test.data.directory.admit(other.registration);
    const intruder = sessionOf(test.url, session.sid, await other.pass(session.sid));
    expect((await intruder.mailbox()).status).toBe(204);
    expect(await mailOf(await session.mailbox())).toEqual(["re one"]);
  });

  it("is missed with 401 pass-invalid", async () => {
    const answer = await fetch(test.url + mailboxPath(randomSid()));
    expect(await problemOf(answer)).toEqual([401, "pass-invalid"]);
    expect(answer.headers.get("www-authenticate")).toBe("Bearer");
  });

  it.each(["Basic abc", "Bearer", "Bearer a b", "bearer\tx", "abc"])(
    "is not read from the header %j",
    async (authorization) => {
      const answer = await fetch(test.url + mailboxPath(randomSid()), {
        headers: { authorization },
      });
      expect(await problemOf(answer)).toEqual([401, "pass-invalid"]);
    },
  );

  it("ends with 409 session-expired at its exp, known or not", async () => {
    const session = await test.newSession();
    expect((await session.post("x")).status).toBe(202);
    test.clock.advance(3600 * 1000);
    expect(await problemOf(await session.post("x"))).toEqual([409, "session-expired"]);
    expect(await problemOf(await session.post("x"))).toEqual([409, "session-expired"]);
  });

  it("is dead at once when the hospital closes its session, waiting mailbox included, also after a restart", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    await session.post("x");
    const waiting = session.mailbox(undefined, { waitSeconds: 20 });
    const posted = await uplink.next("envelope");
    uplink.send(
      { type: "answer", sid: posted.sid, number: posted.number, body: bytes("private") },
      { type: "close", sid: session.sid },
    );
    expect([200, 409]).toContain((await waiting).status);
    await eventually(async () => problemOf(await session.post("x"))).toEqual([
      409,
      "session-expired",
    ]);
    expect(await problemOf(await session.mailbox())).toEqual([409, "session-expired"]);
    expect(
      test.data.store.readMailbox({ hospital: "test-hospital", sid: session.sid }, 0, 9e5),
    ).toBe(undefined);
    await test.restart();
    expect(await problemOf(await session.mailbox())).toEqual([409, "session-expired"]);
  });

  it("is dead at once when its hospital is expelled or comes with another key", async () => {
    const session = await test.newSession();
    expect((await session.post("x")).status).toBe(202);
    const impostor = await test.newHospital("test-hospital");
    await test.data.directory.admit(impostor.registration);
    expect(await problemOf(await session.post("x"))).toEqual([401, "pass-invalid"]);
    await test.data.directory.admit(test.hospital.registration);
    expect((await session.post("x")).status).toBe(202);
    await test.data.directory.expel("test-hospital");
    expect(await problemOf(await session.post("x"))).toEqual([401, "pass-invalid"]);
  });
});

describe("a mailbox", () => {
  it("gives everything in order without a cursor, and the cursor of the last", async () => {
    const session = await test.newSession();
    await postAnswered(session, "one", "two", "three");
    const answer = await session.mailbox();
    expect(answer.headers.get("content-type")).toBe("application/cbor-seq");
    expect(answer.headers.get("siphms-cursor")).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
    expect(await mailOf(answer)).toEqual(["re one", "re two", "re three"]);
  });

  it("gives the same again until a cursor acknowledges it", async () => {
    const session = await test.newSession();
    await postAnswered(session, "one");
    const first = await session.mailbox();
    expect(await mailOf(await session.mailbox())).toEqual(["re one"]);
    const cursor = first.headers.get("siphms-cursor") ?? "";
    expect((await session.mailbox(cursor)).status).toBe(204);
    expect((await session.mailbox()).status).toBe(204);
  });

  it("keeps what came behind the cursor", async () => {
    const session = await test.newSession();
    await postAnswered(session, "one");
    const cursor = (await session.mailbox()).headers.get("siphms-cursor") ?? "";
    await postAnswered(session, "two");
    expect(await mailOf(await session.mailbox(cursor))).toEqual(["re two"]);
    expect(await mailOf(await session.mailbox())).toEqual(["re two"]);
  });

  it("gives at most 1 MiB at a time, and all of it in the end", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    for (let count = 0; count < 20; count += 1) {
      uplink.send({
        type: "answer",
        sid: session.sid,
        number: 0,
        body: new Uint8Array(60_000).fill(count),
      });
    }
    await eventually(
      () =>
        test.data.store.readMailbox({ hospital: "test-hospital", sid: session.sid }, 0, 9e9)
          ?.envelopes.length,
    ).toBe(20);
    const first = await session.mailbox();
    const firstBytes = new Uint8Array(await first.arrayBuffer());
    expect(firstBytes.length).toBeLessThanOrEqual(1_048_576);
    const rest = await session.mailbox(first.headers.get("siphms-cursor") ?? "");
    const all = [
      ...decodeMailbox(firstBytes),
      ...decodeMailbox(new Uint8Array(await rest.arrayBuffer())),
    ];
    expect(all.map((one) => one[0])).toEqual(Array.from({ length: 20 }, (_, count) => count));
  });

  it("is empty with 204, at once without a wait", async () => {
    const session = await test.newSession();
    expect((await session.mailbox()).status).toBe(204);
  });

  it("answers a waiting request as soon as something comes", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    const waiting = session.mailbox(undefined, { waitSeconds: 30 });
    await eventually(() => waits()).toContain("siphms_gateway_waiting_mailboxes 1");
    uplink.send({ type: "answer", sid: session.sid, number: 0, body: bytes("notice") });
    expect(await mailOf(await waiting)).toEqual(["notice"]);
  });

  it("ends a wait with 204 when its time is up", async () => {
    const session = await test.newSession();
    expect((await session.mailbox(undefined, { waitSeconds: 1 })).status).toBe(204);
  });

  it("forgets a waiting client that goes away", async () => {
    const session = await test.newSession();
    const gone = new AbortController();
    const waiting = session.mailbox(undefined, { waitSeconds: 30, signal: gone.signal });
    await eventually(() => waits()).toContain("siphms_gateway_waiting_mailboxes 1");
    gone.abort();
    await expect(waiting).rejects.toThrow();
    await eventually(() => waits()).toContain("siphms_gateway_waiting_mailboxes 0");
  });

  it("lets one request of a session wait and ends it for a newer one, which hears what comes", async () => {
    const uplink = await test.connect();
    const session = await test.newSession();
    const older = session.mailbox(undefined, { waitSeconds: 30 });
    await eventually(() => waits()).toContain("siphms_gateway_waiting_mailboxes 1");
    const newer = session.mailbox(undefined, { waitSeconds: 30 });
    expect((await older).status).toBe(204);
    uplink.send({ type: "answer", sid: session.sid, number: 0, body: bytes("notice") });
    expect(await mailOf(await newer)).toEqual(["notice"]);
  });

  it.each(["", "0", "-1", "A", "zzzzzzzzzzzz", "1.5", "x".repeat(65), "%00"])(
    "refuses the cursor %j with 400 malformed",
    async (cursor) => {
      const session = await test.newSession();
      const answer = await fetch(`${test.url}${mailboxPath(session.sid)}?after=${cursor}`, {
        headers: { authorization: `Bearer ${session.pass}` },
      });
      expect(await problemOf(answer)).toEqual([400, "malformed"]);
    },
  );

  it.each(["?after=1&after=2", "?before=1", "?after=1&x=1"])(
    "refuses the query %s",
    async (query) => {
      const session = await test.newSession();
      const answer = await fetch(test.url + mailboxPath(session.sid) + query, {
        headers: { authorization: `Bearer ${session.pass}` },
      });
      expect(await problemOf(answer)).toEqual([400, "malformed"]);
    },
  );

  it.each(["short", "x".repeat(23), "AAAAAAAAAAAAAAAAAAAAA!"])(
    "refuses the sid %j",
    async (sid) => {
      const answer = await fetch(`${test.url}/v1/sessions/${sid}/mailbox`);
      expect(await problemOf(answer)).toEqual([400, "malformed"]);
    },
  );

  it("is not read, and nothing acknowledged, by HEAD", async () => {
    const session = await test.newSession();
    const answer = await fetch(test.url + mailboxPath(session.sid), {
      method: "HEAD",
      headers: { authorization: `Bearer ${session.pass}` },
    });
    expect(answer.status).toBe(404);
  });
});

async function waits(): Promise<string> {
  return test.gateway.metrics.text();
}
