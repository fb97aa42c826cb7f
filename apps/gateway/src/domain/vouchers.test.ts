import { beforeEach, describe, expect, it } from "vitest";
import { createMovableClock, type MovableClock } from "../testing/test-gateway.ts";
import { createVouchers, VOUCHER_MS, VOUCHERS_PER_HANDSHAKE, type Vouchers } from "./vouchers.ts";

let clock: MovableClock;
let vouchers: Vouchers;

beforeEach(() => {
  clock = createMovableClock();
  vouchers = createVouchers(clock, 3);
});

/** How many an address has. */
function takeAll(address: string): number {
  let count = 0;
  while (vouchers.take(address)) count += 1;
  return count;
}

describe("vouchers", () => {
  it("are a few for each handshake, and add up", () => {
    vouchers.give("192.0.2.1");
    expect(takeAll("192.0.2.1")).toBe(VOUCHERS_PER_HANDSHAKE);
    for (let count = 0; count < 10; count += 1) vouchers.give("192.0.2.1");
    expect(takeAll("192.0.2.1")).toBe(10 * VOUCHERS_PER_HANDSHAKE);
  });

  it("are not there for an address that nobody let in", () => {
    vouchers.give("192.0.2.1");
    expect([takeAll("192.0.2.2"), takeAll("2001:db8::1")]).toEqual([0, 0]);
  });

  it("hold for the whole network of an IPv6 address", () => {
    vouchers.give("2001:db8::1");
    expect([vouchers.take("2001:db8::2"), vouchers.take("2001:db8:0:1::1")]).toEqual([true, false]);
  });

  it("are over after a minute, not earlier, and do not come back with new ones", () => {
    vouchers.give("192.0.2.1");
    clock.advance(VOUCHER_MS - 1);
    expect(vouchers.take("192.0.2.1")).toBe(true);
    clock.advance(1);
    expect(vouchers.take("192.0.2.1")).toBe(false);
    vouchers.give("192.0.2.1");
    expect(takeAll("192.0.2.1")).toBe(VOUCHERS_PER_HANDSHAKE);
  });

  it("are forgotten when they are used up or over", () => {
    vouchers.give("192.0.2.1");
    vouchers.give("192.0.2.2");
    takeAll("192.0.2.1");
    vouchers.forgetOld();
    expect(vouchers.size()).toBe(1);
    clock.advance(VOUCHER_MS);
    vouchers.forgetOld();
    expect(vouchers.size()).toBe(0);
  });

  it("are kept for no more addresses than allowed: the first goes", () => {
    for (const last of [1, 2, 3, 1, 4]) vouchers.give(`192.0.2.${String(last)}`);
    expect(vouchers.size()).toBe(3);
    expect([takeAll("192.0.2.2"), takeAll("192.0.2.1")]).toEqual([0, 2 * VOUCHERS_PER_HANDSHAKE]);
  });
});
