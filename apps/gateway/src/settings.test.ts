import { ServerKitError } from "@siphms/server-kit";
import { describe, expect, it } from "vitest";
import { loadGatewaySettings } from "./settings.ts";

function fault(settings: Record<string, string>): string {
  const names = Object.entries(settings).map(([name, value]) => [`SIPHMS_GATEWAY_${name}`, value]);
  try {
    loadGatewaySettings(Object.fromEntries(names) as Record<string, string>);
    return "none";
  } catch (error) {
    if (error instanceof ServerKitError) return error.message;
    throw error;
  }
}

const TLS = { TLS_CERT: "cert.pem", TLS_KEY: "key.pem" };

describe("the gateway's settings", () => {
  it("are those of one machine when nothing is set", () => {
    expect(loadGatewaySettings({})).toMatchObject({
      url: undefined,
      host: "127.0.0.1",
      port: 8080,
      dataFolder: ".siphms/gateway",
      runFolder: ".siphms/run",
      secure: false,
    });
  });

  it.each([
    ["loopback by another name", { HOST: "localhost", URL: "http://localhost:8080" }],
    ["TLS files and an https address", { HOST: "0.0.0.0", URL: "https://g.example", ...TLS }],
    [
      "a reverse proxy and an https address",
      { HOST: "10.0.0.5", URL: "https://g.example", PROXIES: "10.0.0.1" },
    ],
    ["loopback behind a proxy on this machine", { URL: "https://g.example", PROXIES: "127.0.0.1" }],
  ])("are good with %s", (_what, settings) => {
    expect(fault(settings)).toBe("none");
  });

  it.each<[string, Record<string, string>, string]>([
    [
      "another host in plain http [HS-312e1]",
      { HOST: "0.0.0.0", URL: "http://127.0.0.1:8080" },
      "SIPHMS_GATEWAY_HOST is not loopback",
    ],
    [
      "every host without TLS [HS-312e1]",
      { HOST: "::", URL: "https://g.example" },
      "SIPHMS_GATEWAY_HOST is not loopback",
    ],
    [
      "a certificate without key",
      { TLS_CERT: "cert.pem" },
      "SIPHMS_GATEWAY_TLS_CERT and SIPHMS_GATEWAY_TLS_KEY",
    ],
    [
      "a key without certificate",
      { TLS_KEY: "key.pem" },
      "SIPHMS_GATEWAY_TLS_CERT and SIPHMS_GATEWAY_TLS_KEY",
    ],
    ["TLS without an address", TLS, "SIPHMS_GATEWAY_URL is not set"],
    [
      "TLS and a plain address [HS-312e1]",
      { ...TLS, URL: "http://127.0.0.1:8080" },
      "SIPHMS_GATEWAY_URL must begin with https",
    ],
    [
      "a proxy and a plain address [HS-312e1]",
      { HOST: "10.0.0.5", PROXIES: "10.0.0.1", URL: "http://127.0.0.1" },
      "SIPHMS_GATEWAY_URL must begin with https",
    ],
    [
      "a plain address that is not loopback [HS-312e1]",
      { URL: "http://g.example" },
      "SIPHMS_GATEWAY_URL must be an https origin",
    ],
    [
      "an address with a path",
      { URL: "https://g.example/x" },
      "SIPHMS_GATEWAY_URL must be an https origin",
    ],
    ["a port that is none", { PORT: "65536" }, "SIPHMS_GATEWAY_PORT must be a whole number"],
    [
      "a proxy that is no address",
      { PROXIES: "10.0.0.1, proxy.example" },
      "SIPHMS_GATEWAY_PROXIES: proxy.example is neither an address nor a network",
    ],
    [
      "more handshakes than an uplink may carry",
      { MAX_HANDSHAKES: "1025" },
      "SIPHMS_GATEWAY_MAX_HANDSHAKES must be a whole number",
    ],
    ["a name that is none", { PORTS: "1" }, "SIPHMS_GATEWAY_PORTS is not a setting"],
    ["a log level that is none", { LOG: "verbose" }, "SIPHMS_GATEWAY_LOG must be one of"],
    ["a settings file that is not there", { SETTINGS: "/nonexistent/settings" }, "cannot be read"],
  ])("are refused with %s", (_what, settings, message) => {
    expect(fault(settings)).toContain(message);
  });
});
