import { describe, expect, it } from "vitest";
import { argon2Kdf } from "./argon2.ts";
import { parsePin } from "./pin.ts";
import { KDF_COST } from "./record.ts";

const PIN = parsePin("274915");
const SALT = Uint8Array.from({ length: 16 }, (_, n) => n);

describe("argon2Kdf", () => {
  it("gives 32 bytes that hang on PIN, salt and cost", async () => {
    const key = await argon2Kdf(PIN, SALT, KDF_COST);
    expect(key).toHaveLength(32);
    expect(await argon2Kdf(PIN, SALT, KDF_COST)).toEqual(key);
    expect(await argon2Kdf(parsePin("274916"), SALT, KDF_COST)).not.toEqual(key);
    expect(
      await argon2Kdf(
        PIN,
        SALT.map((byte) => byte ^ 1),
        KDF_COST,
      ),
    ).not.toEqual(key);
    expect(await argon2Kdf(PIN, SALT, { ...KDF_COST, iterations: 4 })).not.toEqual(key);
  });

  it("is asked for at least 64 MiB and three passes", () => {
    expect(KDF_COST.memoryKiB).toBeGreaterThanOrEqual(65_536);
    expect(KDF_COST.iterations).toBeGreaterThanOrEqual(3);
  });
});
