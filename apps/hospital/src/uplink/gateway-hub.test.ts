import type { HospitalFrame } from "@siphms/relay";
import { describe, expect, it } from "vitest";
import { createGatewayHub } from "./gateway-hub.ts";

const sid = new Uint8Array(16);
const envelope = new Uint8Array([1]);
const A = "https://a.example";
const B = "https://b.example";

describe("the gateway hub", () => {
  it("says that nothing was delivered without a connection", () => {
    const { link } = createGatewayHub();
    expect(link.deliver({ gateway: A, sid, envelope })).toBe(false);
    expect(() => link.closeSession(A, sid)).not.toThrow();
  });

  it("delivers to the session's own gateway alone, as a notice", () => {
    const hub = createGatewayHub();
    const frames: HospitalFrame[] = [];
    hub.attach(A, (frame) => frames.push(frame));
    expect(hub.link.deliver({ gateway: A, sid, envelope })).toBe(true);
    expect(hub.link.deliver({ gateway: B, sid, envelope })).toBe(false);
    hub.link.closeSession(B, sid);
    expect(frames).toEqual([{ type: "answer", sid, number: 0, body: envelope }]);
  });

  it("keeps a newer connection when an older one is taken out", () => {
    const hub = createGatewayHub();
    const frames: HospitalFrame[] = [];
    const detachOld = hub.attach(A, () => undefined);
    hub.attach(A, (frame) => frames.push(frame));
    detachOld();
    hub.link.closeSession(A, sid);
    expect(frames).toEqual([{ type: "close", sid }]);
  });
});
