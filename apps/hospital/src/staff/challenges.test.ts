import { createNodeCrypto } from "@siphms/node-crypto";
import { fromBase64Url, toBase64Url } from "@siphms/cose";
import { describe, expect, it } from "vitest";
import { createInstallationKey, openKeyring } from "../keys/index.ts";
import {
  CHALLENGE_LIFETIME_MS,
  createChallenge,
  isChallengeFor,
  type ChallengeUse,
} from "./challenges.ts";

const crypto = createNodeCrypto();
const newKeyring = () => openKeyring(createInstallationKey(crypto), crypto);
const keyring = newKeyring();
const NOW = Date.UTC(2026, 0, 5, 8);
const bound = new Uint8Array(32).fill(3);
const USE: ChallengeUse = { purpose: "step-up", staffId: 7, bound };
const challenge = createChallenge(USE, { keyring, crypto, now: NOW });
const isGood = (use: ChallengeUse, now = NOW, text = challenge) =>
  isChallengeFor(text, use, { keyring, now });

describe("a challenge (SR-03)", () => {
  it("is good for what it was made for, to its last millisecond", () => {
    expect(isGood(USE)).toBe(true);
    expect(isGood(USE, NOW + CHALLENGE_LIFETIME_MS - 1)).toBe(true);
    expect(isGood(USE, NOW + CHALLENGE_LIFETIME_MS)).toBe(false);
    expect(CHALLENGE_LIFETIME_MS).toBeLessThanOrEqual(300_000);
  });

  it.each<[string, ChallengeUse]>([
    ["another purpose", { ...USE, purpose: "log-in" }],
    ["registering", { ...USE, purpose: "register" }],
    ["another person", { ...USE, staffId: 8 }],
    ["anybody", { ...USE, staffId: null }],
    ["another session", { ...USE, bound: new Uint8Array(32).fill(4) }],
    ["no session", { ...USE, bound: null }],
  ])("is not good for %s (SR-02)", (_what, use) => {
    expect(isGood(use)).toBe(false);
  });

  it("is not good with any one of its bytes changed", () => {
    const bytes = fromBase64Url(challenge);
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect(isGood(USE, NOW, toBase64Url(changed)), `byte ${at}`).toBe(false);
    }
  });

  it.each(["", "A", "not base64url!", challenge.slice(0, -4), `${challenge}AAAA`])(
    "is not %j",
    (text) => {
      expect(isGood(USE, NOW, text)).toBe(false);
    },
  );

  it("of another installation is not good", () => {
    const foreign = createChallenge(USE, { keyring: newKeyring(), crypto, now: NOW });
    expect(isGood(USE, NOW, foreign)).toBe(false);
  });

  it("is never made twice, and begins with 16 random bytes", () => {
    const starts = new Set<string>();
    for (let count = 0; count < 100_000; count += 1) {
      starts.add(createChallenge(USE, { keyring, crypto, now: NOW }).slice(0, 21));
    }
    expect(starts.size).toBe(100_000);
  });
});
