import { describe, expect, it } from "vitest";
import { parseProxies } from "./proxies.ts";

describe("named proxies", () => {
  const isProxy = parseProxies(["10.1.2.3", "192.168.0.0/16", "2001:db8::/32", "::1"]);

  it.each(["10.1.2.3", "::ffff:10.1.2.3", "192.168.7.7", "2001:db8:1::9", "::1"])(
    "are known by %s",
    (address) => {
      expect(isProxy(address)).toBe(true);
    },
  );

  it.each(["10.1.2.4", "192.169.0.1", "2001:db9::1", "::2", "", "unknown", "10.1.2.3, 10.1.2.4"])(
    "are not known by %j",
    (address) => {
      expect(isProxy(address)).toBe(false);
    },
  );

  it("are nobody when none is named", () => {
    expect(parseProxies([])("127.0.0.1")).toBe(false);
  });

  it.each(["proxy.example", "10.0.0", "10.0.0.0/33", "10.0.0.0/x", "10.0.0.0/8/8", "::/129", "/8"])(
    "are not taken from %j",
    (entry) => {
      expect(() => parseProxies(["10.0.0.1", entry])).toThrow(`${entry} is neither`);
    },
  );
});
