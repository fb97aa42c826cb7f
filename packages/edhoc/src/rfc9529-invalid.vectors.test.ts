import type { Bytes } from "@siphms/cose";
import { concatBytes, encodeCbor, fromHex } from "@siphms/cose";
import { publishedVectors } from "@siphms/testkit";
import { describe, expect, it } from "vitest";
import { processMessage1 } from "./index.ts";
import { parsePlaintext2 } from "./plaintext.ts";
import { suite0, suite2, suite24KeyCheck } from "./rfc-suites.suite.ts";
import { unwrapMessage } from "./sealed-message.ts";
import type { Suite } from "./suite.ts";

const vectors = publishedVectors("edhoc/rfc9529-invalid.json");

interface InvalidFile {
  readonly items: readonly {
    readonly case: string;
    readonly target: string;
    readonly hex: string;
  }[];
}

/**
 * Each case with the suite that it selects on offer. The message_1 cases are of method 3: their method is set to 0,
 * so that they are refused for what their name says and not for the method.
 */
const SUITES: Readonly<Record<string, Suite>> = {
  "Error in length of ephemeral key": suite24KeyCheck,
  "Curve point of low order": suite0,
};
const METHOD_IS_LONG = "Unnecessary long encoding";

describe(`RFC 9529 invalid traces${vectors.why}`, () => {
  it.skipIf(vectors.skip)("refuses the 11 cases of message_1", async () => {
    const cases = vectors.load<InvalidFile>().items.filter(({ target }) => target === "message_1");
    expect(cases).toHaveLength(11);
    for (const { case: name, hex } of cases) {
      const asMethod0 = hex.replace(/^(84)?03/, "$100");
      expect(asMethod0 === hex, name).toBe(name === METHOD_IS_LONG);
      const suites = [SUITES[name] ?? suite2];
      await expect(processMessage1(suites, fromHex(asMethod0)), name).rejects.toMatchObject({
        code: "EDHOC_MALFORMED",
      });
    }
  });

  it("takes the message_1 that those cases are made from", async () => {
    const good = "00025820741a13d7ba048fbb615e94386aa3b61bea5b3d8f65f32620b749bee8d278efa90e";
    const { cI } = await processMessage1([suite2], fromHex(good));
    expect(cI).toEqual(fromHex("0e"));
  });

  it.skipIf(vectors.skip)("refuses the case of message_2", () => {
    const cases = vectors.load<InvalidFile>().items.filter(({ target }) => target === "message_2");
    expect(cases).toHaveLength(1);
    for (const { case: name, hex } of cases) {
      expect(() => unwrapMessage(fromHex(hex)), name).toThrow(
        expect.objectContaining({ code: "EDHOC_MALFORMED" }),
      );
    }
  });

  it.skipIf(vectors.skip)("refuses the 3 cases of PLAINTEXT_2", () => {
    const cases = vectors
      .load<InvalidFile>()
      .items.filter(({ target }) => target === "PLAINTEXT_2");
    expect(cases).toHaveLength(3);
    for (const { case: name, hex } of cases) {
      expect(() => parsePlaintext2(suite2, fromHex(hex)), name).toThrow(
        expect.objectContaining({ code: "EDHOC_MALFORMED" }),
      );
    }
  });

  it("refuses both surplus encodings of ID_CRED also before a signature of the right length", () => {
    const signature = encodeCbor(new Uint8Array(64));
    const plaintext = (idCred: string): Bytes => concatBytes(fromHex(`27${idCred}`), signature);
    expect(parsePlaintext2(suite2, plaintext("32")).idCred).toEqual({
      kind: "kid",
      kid: fromHex("32"),
    });
    for (const surplus of ["a1044132", "4132"]) {
      expect(() => parsePlaintext2(suite2, plaintext(surplus))).toThrow("EDHOC_MALFORMED");
    }
  });
});
