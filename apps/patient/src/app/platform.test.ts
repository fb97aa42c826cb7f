import { describe, expect, it } from "vitest";
import { deviceNameOf, isApplePhone } from "./platform.ts";

const agents = {
  iphone: "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile",
  mac: "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
  android: "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36",
  linux: "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36",
};

describe("a phone whose system evicts what web apps keep", () => {
  it("is an iPhone, and an iPad that calls itself a Mac", () => {
    expect(isApplePhone(agents.iphone, 5)).toBe(true);
    expect(isApplePhone(agents.mac, 5)).toBe(true);
  });

  it.each([agents.android, agents.linux])("is not %s", (agent) => {
    expect(isApplePhone(agent, 5)).toBe(false);
  });

  it("is no Mac without a touch screen", () => {
    expect(isApplePhone(agents.mac, 0)).toBe(false);
  });
});

describe("the name that staff see", () => {
  it("is the kind of phone, and nothing that tells one owner from another", () => {
    expect(Object.values(agents).map(deviceNameOf)).toEqual([
      "iPhone",
      "Mac",
      "Android phone",
      "Linux computer",
    ]);
    expect(deviceNameOf("something else")).toBe("Web browser");
  });
});
