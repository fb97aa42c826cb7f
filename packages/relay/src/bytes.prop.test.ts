import {
  decodeBase64Url,
  decodeMailbox,
  encodeBase64Url,
  encodeMailbox,
  RelayError,
} from "@siphms/relay";
import fc from "fast-check";
import { describe, expect, it } from "vitest";

describe("base64url", () => {
  it("reads back whatever it writes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(decodeBase64Url(encodeBase64Url(bytes))).toEqual(new Uint8Array(bytes));
      }),
    );
  });

  it("has one spelling for each value: any text is refused or is exactly what is written", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[\w=-]{0,12}$/), (text) => {
        try {
          expect(encodeBase64Url(decodeBase64Url(text))).toBe(text);
        } catch (error) {
          if (!(error instanceof RelayError)) throw error;
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("the mailbox codec", () => {
  it("reads back whatever it writes", () => {
    const envelopes = fc.array(fc.uint8Array({ minLength: 1, maxLength: 400 }), { maxLength: 10 });
    fc.assert(
      fc.property(envelopes, (list) => {
        expect(decodeMailbox(encodeMailbox(list))).toEqual(list.map((one) => new Uint8Array(one)));
      }),
    );
  });

  it("answers any bytes with envelopes that write back to the same bytes, or with its own error", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (answer) => {
        try {
          expect(encodeMailbox(decodeMailbox(answer))).toEqual(new Uint8Array(answer));
        } catch (error) {
          if (!(error instanceof RelayError)) throw error;
        }
      }),
      { numRuns: 2000 },
    );
  });
});
