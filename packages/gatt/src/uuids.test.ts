import { CHARACTERISTICS, SERVICES, shortUuidOf, uuidOf } from "@siphms/gatt";
import { describe, expect, it } from "vitest";

describe("a UUID of 16 bits", () => {
  it("becomes the form that Web Bluetooth uses, and comes back", () => {
    expect(uuidOf(SERVICES.heartRate)).toBe("0000180d-0000-1000-8000-00805f9b34fb");
    for (const short of [...Object.values(SERVICES), ...Object.values(CHARACTERISTICS), 0, 0xffff])
      expect(shortUuidOf(uuidOf(short))).toBe(short);
    expect(shortUuidOf("00002A37-0000-1000-8000-00805F9B34FB")).toBe(0x2a37);
  });

  it("is each another one", () => {
    const all = [...Object.values(SERVICES), ...Object.values(CHARACTERISTICS)];
    expect(new Set(all).size).toBe(all.length);
  });

  it("is not among a manufacturer's own", () => {
    for (const uuid of [
      "",
      "2a37",
      "00002a37-0000-1000-8000-00805f9b34fc",
      "10002a37-0000-1000-8000-00805f9b34fb",
      "00002a37-0000-1000-8000-00805f9b34fb0",
      "0000zz37-0000-1000-8000-00805f9b34fb",
    ])
      expect(shortUuidOf(uuid)).toBeUndefined();
  });

  it("is no other number", () => {
    for (const short of [-1, 0x10000, 1.5, Number.NaN])
      expect(() => uuidOf(short)).toThrow(RangeError);
  });

  it("is not the serial number, which browsers block", () => {
    expect(Object.values(CHARACTERISTICS)).not.toContain(0x2a25);
  });
});
