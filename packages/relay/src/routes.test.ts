import {
  envelopesPath,
  handshakePath,
  handshakesPath,
  isGatewayUrl,
  isHttpOrigin,
  mailboxPath,
} from "@siphms/relay";
import { describe, expect, it } from "vitest";

const SID = new Uint8Array(16).fill(0xff);
const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

describe("paths", () => {
  it("are those of protocol section 7", () => {
    expect([
      handshakesPath("city-hospital", KID),
      handshakePath(SID),
      envelopesPath(SID),
      mailboxPath(SID),
      mailboxPath(SID, "a_-9"),
    ]).toEqual([
      "/v1/hospitals/city-hospital/handshakes?key=AQIDBAUGBwg",
      "/v1/handshakes/_____________________w",
      "/v1/sessions/_____________________w/envelopes",
      "/v1/sessions/_____________________w/mailbox",
      "/v1/sessions/_____________________w/mailbox?after=a_-9",
    ]);
  });

  it.each(["", "City", "a/b", "a".repeat(64), "ä", "a b", "..", "a?"])(
    "refuse the hospital-id %j",
    (id) => {
      expect(() => handshakesPath(id, KID)).toThrow(RangeError);
    },
  );

  it.each([0, 7, 9])("refuse a kid of %i bytes", (length) => {
    expect(() => handshakesPath("h", new Uint8Array(length))).toThrow(RangeError);
  });

  it.each([0, 15, 17])("refuse ids of %i bytes", (length) => {
    expect(() => handshakePath(new Uint8Array(length))).toThrow(RangeError);
    expect(() => envelopesPath(new Uint8Array(length))).toThrow(RangeError);
    expect(() => mailboxPath(new Uint8Array(length))).toThrow(RangeError);
  });

  it.each(["", "a b", "a&b", "ä", "x".repeat(65)])("refuse the cursor %j", (cursor) => {
    expect(() => mailboxPath(SID, cursor)).toThrow(RangeError);
  });
});

describe("origins", () => {
  it.each([
    "https://gateway.example",
    "https://gateway.example:8443",
    "http://localhost:8091",
    "http://127.0.0.1:8080",
    "http://127.1.2.3",
    "http://[::1]:8080",
  ])("may be %s", (origin) => {
    expect([isHttpOrigin(origin), isGatewayUrl(origin)]).toEqual([true, true]);
  });

  it.each([
    "http://gateway.example",
    "http://127.0.0.1.example",
    "http://localhost.example",
    "https://gateway.example/",
    "https://gateway.example/path",
    "https://gateway.example?x",
    "https://user@gateway.example",
    "https://GATEWAY.example",
    "https://gateway.example:443",
    "ftp://gateway.example",
    "gateway.example",
    "null",
    "",
  ])("may not be %j", (origin) => {
    expect([isHttpOrigin(origin), isGatewayUrl(origin)]).toEqual([false, false]);
  });

  it("are no gateway-url beyond 128 characters", () => {
    const url = (length: number): string => `https://${"a.".repeat(59)}${"a".repeat(length - 126)}`;
    expect([url(128).length, isGatewayUrl(url(128)), isGatewayUrl(url(129))]).toEqual([
      128,
      true,
      false,
    ]);
  });
});
