import { describe, expect, it } from "vitest";
import { networkOf } from "./source.ts";

describe("a source of tries", () => {
  it.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2"],
    ["2001:0db8:0001:0002::6", "2001:db8:1:2"],
    ["2001:DB8:1:2:ffff::", "2001:db8:1:2"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["fe80::1%eth0", "fe80:0:0:0"],
    ["::1", "0:0:0:0"],
  ])("that is %s counts as %s", (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it("is another one in the next network", () => {
    expect(networkOf("2001:db8:1:3::1")).not.toBe(networkOf("2001:db8:1:2::1"));
    expect(networkOf("192.0.2.2")).not.toBe(networkOf("192.0.2.1"));
  });
});
