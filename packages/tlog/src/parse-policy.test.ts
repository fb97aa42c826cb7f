import { describe, expect, it } from "vitest";
import { MAX_POLICY_BYTES, parsePolicy } from "./parse-policy.ts";
import { isQuorum } from "./policy.ts";
import { codeOf } from "./testing/refusal.ts";
import { createVerifierKey, encodeVerifierKey, type VerifierKeyKind } from "./verifier-key.ts";

function vkey(kind: VerifierKeyKind, name: string, fill: number): string {
  return encodeVerifierKey(createVerifierKey(kind, name, new Uint8Array(32).fill(fill)));
}

const LOG = `log ${vkey("ed25519", "log.example", 1)}\n`;
const WITNESSES = ["X1", "X2", "X3", "Y1", "Y2", "Y3"]
  .map((name, at) => `witness ${name} ${vkey("cosignature", `${name}.example`, 10 + at)}\n`)
  .join("");
const [X1 = ""] = WITNESSES.split("\n");
/** The specification's example, with keys. */
const EXAMPLE = `${LOG}
${WITNESSES}group X-witnesses 2 X1 X2 X3
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

const parse = (text: string): ReturnType<typeof parsePolicy> => parsePolicy(Buffer.from(text));

describe("policies", () => {
  it("are read as in the specification's example", () => {
    const policy = parse(EXAMPLE);
    expect(policy.logs.map(({ key }) => key.name)).toEqual(["log.example"]);
    expect(policy.witnesses.map(({ name }) => name)).toEqual(["X1", "X2", "X3", "Y1", "Y2", "Y3"]);
    expect(policy.groups).toEqual([
      { name: "X-witnesses", threshold: 2, members: ["X1", "X2", "X3"] },
      { name: "Y-witnesses", threshold: 1, members: ["Y1", "Y2", "Y3"] },
      { name: "X-and-Y", threshold: 2, members: ["X-witnesses", "Y-witnesses"] },
    ]);
    expect(policy.quorum).toBe("X-and-Y");
  });

  it.each([
    [["X1", "X2", "Y1"], true],
    [["X1", "X3", "Y3"], true],
    [["X1", "X2", "X3", "Y1", "Y2", "Y3"], true],
    [[], false],
    [["X1", "Y1"], false],
    [["X1", "X2", "X3"], false],
    [["Y1", "Y2", "Y3"], false],
    [["X1", "Y1", "Y2", "Y3"], false],
    [["X1", "Z1", "Z2", "Y1"], false],
    [["X-witnesses", "Y-witnesses"], false],
    [["X-and-Y"], false],
  ])("find in %j a quorum: %s", (cosigners, expected) => {
    expect(isQuorum(parse(EXAMPLE), new Set(cosigners))).toBe(expected);
  });

  it("may ask for one witness, or for none", () => {
    const one = parse(`${WITNESSES}quorum X2\n`);
    expect(isQuorum(one, new Set(["X2"]))).toBe(true);
    expect(isQuorum(one, new Set(["X1", "X3"]))).toBe(false);
    expect(isQuorum(parse("quorum none\n"), new Set())).toBe(true);
  });

  it("may have comments, empty lines, tabs, spaces, addresses, and octets that spell nothing", () => {
    const text = Buffer.concat([
      Buffer.from(`  # a comment\n\n \t \n#\n\t${LOG.trim()} https://log.example/ \n`),
      Buffer.from([0x23, 0xff, 0xfe, 0x0a]),
      Buffer.from(X1.replace("X1", "\u00e9\u00a0")),
      Buffer.from(" https://w.example\nquorum\t\u00e9\u00a0\n# end\n"),
    ]);
    const policy = parsePolicy(text);
    expect(policy.logs[0]?.url).toBe("https://log.example/");
    expect(policy.witnesses[0]?.url).toBe("https://w.example");
    expect(policy.quorum).toBe(Buffer.from("\u00e9\u00a0").toString("latin1"));
    expect(isQuorum(policy, new Set([policy.quorum]))).toBe(true);
  });

  it("do not take a Kelvin sign for a K", () => {
    const text = `${X1.replace("X1", "K")}\nquorum \u212a\n`;
    expect(codeOf(() => parse(text))).toBe("POLICY_MALFORMED");
  });

  it("hold at least 32 logs, 32 witnesses and 32 groups", () => {
    const names = Array.from({ length: 32 }, (_, at) => `n${at}`);
    const logs = names.map((name, at) => `log ${vkey("ed25519", name, at)}\n`);
    const witnesses = names.map((name, at) => `witness ${name} ${vkey("cosignature", name, at)}\n`);
    const groups = names.map((name) => `group g-${name} any ${name}\n`);
    const policy = parse(`${[...logs, ...witnesses, ...groups].join("")}quorum g-n31\n`);
    expect(policy.groups).toHaveLength(32);
    expect(isQuorum(policy, new Set(["n31"]))).toBe(true);
    expect(isQuorum(policy, new Set(["n30"]))).toBe(false);
  });

  it.each([
    ["nothing", ""],
    ["no quorum", LOG + WITNESSES],
    ["two quorums", `${WITNESSES}quorum X1\nquorum X1\n`],
    ["a quorum and none", `${WITNESSES}quorum none\nquorum X1\n`],
    ["no newline at the end", "quorum none"],
    ["a carriage return", "quorum none\r\n"],
    ["a NUL", "quorum none\n#\0\n"],
    ["a delete", "quorum none\n#\u007f\n"],
    ["a vertical tab", "quorum\u000bnone\n"],
    ["a line of another kind", `${EXAMPLE}mirror X\n`],
    ["an upper-case word", "Quorum none\n"],
    ["a quorum of two names", `${WITNESSES}quorum X1 X2\n`],
    ["a quorum of no name", "quorum\n"],
    ["a comment behind a quorum", "quorum none # none\n"],
    ["a quorum that nothing defines", `${WITNESSES}quorum X9\n`],
    ["a quorum before its definition", `quorum X1\n${WITNESSES}`],
    ["a log without key", "log\nquorum none\n"],
    ["a log of four words", `${LOG.trim()} a b\nquorum none\n`],
    ["a log twice", `${LOG}${LOG}quorum none\n`],
    ["a log's public key under two names", `${LOG}log ${vkey("ed25519", "b", 1)}\nquorum none\n`],
    ["a cosigner's key for a log", `log ${vkey("cosignature", "a", 1)}\nquorum none\n`],
    ["a log's key for a witness", `witness a ${vkey("ed25519", "a", 1)}\nquorum none\n`],
    ["a witness without name", `witness ${vkey("cosignature", "a", 1)}\nquorum none\n`],
    ["a witness of five words", `${X1} a b\nquorum none\n`],
    ["a witness's name twice", `${X1}\nwitness X1 ${vkey("cosignature", "a", 99)}\nquorum none\n`],
    [
      "a witness's public key twice",
      `${X1}\nwitness Z ${vkey("cosignature", "z", 10)}\nquorum none\n`,
    ],
    ["a witness with the name none", `${X1.replace("X1", "none")}\nquorum none\n`],
    ["a key that is none", "log abc\nquorum none\n"],
    ["a key with another key id", `${LOG.replace(/\+[0-9a-f]{8}\+/, "+00000000+")}quorum none\n`],
    ["a group of two words", `${WITNESSES}group G any\nquorum G\n`],
    ["a group of one word", `${WITNESSES}group G\nquorum none\n`],
    ["a group with a witness's name", `${WITNESSES}group X1 any X2\nquorum X1\n`],
    ["a group with the name none", `${WITNESSES}group none any X2\nquorum none\n`],
    ["a group's name twice", `${WITNESSES}group G any X1\ngroup G any X2\nquorum G\n`],
    ["a group that is its own member", `${WITNESSES}group G any G\nquorum G\n`],
    ["a group with the member none", `${WITNESSES}group G any none\nquorum G\n`],
    ["a member that nothing defines", `${WITNESSES}group G any X9\nquorum G\n`],
    ["a member before its definition", `group G any X1\n${WITNESSES}quorum G\n`],
    ["a member twice in a group", `${WITNESSES}group G any X1 X1\nquorum G\n`],
    ["a member of two groups", `${WITNESSES}group G any X1\ngroup H any X1\nquorum H\n`],
    ["a threshold of 0", `${WITNESSES}group G 0 X1\nquorum G\n`],
    ["a threshold above its members", `${WITNESSES}group G 3 X1 X2\nquorum G\n`],
    ["a threshold with a leading zero", `${WITNESSES}group G 01 X1\nquorum G\n`],
    ["a threshold of another word", `${WITNESSES}group G some X1\nquorum G\n`],
    ["more bytes than are read", `#${"x".repeat(MAX_POLICY_BYTES)}\nquorum none\n`],
  ])("are refused with %s", (_, text) => {
    expect(codeOf(() => parse(text))).toBe("POLICY_MALFORMED");
  });

  it("are refused whole for a key of a type that is not known", () => {
    const typed = Buffer.concat([Buffer.of(6), Buffer.alloc(1312)]).toString("base64");
    const text = `${WITNESSES}witness Q q+00000000+${typed}\nquorum X1\n`;
    expect(codeOf(() => parse(text))).toBe("POLICY_MALFORMED");
    expect(() => parse(text)).toThrow(
      expect.objectContaining({
        cause: expect.objectContaining({ code: "VERIFIER_KEY_UNSUPPORTED" }) as unknown,
      }),
    );
  });

  it("are refused with a key that is no UTF-8", () => {
    const bytes = Buffer.concat([
      Buffer.from("log \u00ff"),
      Buffer.of(0xff),
      Buffer.from("\nquorum none\n"),
    ]);
    expect(codeOf(() => parsePolicy(bytes))).toBe("POLICY_MALFORMED");
  });
});
