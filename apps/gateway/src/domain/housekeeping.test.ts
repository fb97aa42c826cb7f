import { RETENTION_MS } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { bytes, startTestGateway } from "../testing/test-gateway.ts";
import { SWEEP_EVERY_MS } from "./limits.ts";
import { eventually } from "../testing/eventually.ts";

describe("what nobody fetched or answered", () => {
  it("is kept for 72 hours and gone soon after, queue and mailbox alike", async () => {
    const test = await startTestGateway();
    const session = await test.newSession();
    const place = { hospital: "test-hospital", sid: session.sid };
    const held = (): [number, number] => [
      test.data.store.usage().queued,
      test.data.store.readMailbox(place, 0, 1e6)?.envelopes.length ?? 0,
    ];
    const uplink = await test.connect(0);
    uplink.send({ type: "answer", sid: session.sid, number: 0, body: bytes("notice") });
    expect((await session.post("x")).status).toBe(202);
    await eventually(held).toEqual([1, 1]);
    test.clock.advance(RETENTION_MS - SWEEP_EVERY_MS);
    uplink.send({ type: "answer", sid: session.sid, number: 0, body: bytes("newer") });
    await eventually(held).toEqual([1, 2]);
    test.clock.advance(SWEEP_EVERY_MS + 1);
    await eventually(held).toEqual([0, 1]);
    expect(await test.gateway.metrics.text()).toMatch(/^siphms_gateway_cached_passes 0$/m);
    await test.stop();
  });
});
