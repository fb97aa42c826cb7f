import { describe, expect, it } from "vitest";
import { parseReferenceRows } from "./reference-rows.ts";

const PAGE = `# Controls

| R | a table | that is no list of rows |
|---|---|---|
| x | y | z |

## 1 Technical

| Id | 45 CFR | | Requirement in brief | What SIPHMS does (where) | Automated check | Stays with operator |
|---|---|---|---|---|---|---|
| HS-312b | 164.312(b) | R* | Audit \`a\\|b\` | planned | checked | Reviewing |
| HS-312d | 164.312(d) | R | Who | planned | checked | n/a |

## 2 Coming

| Id | Proposed | Proposal in brief | What SIPHMS does (where) | Automated check |
|---|---|---|---|---|
| HN-72h | .308(a)(13) | Restore | planned | checked |
`;

describe("a reference page", () => {
  it("gives each row with page, section, citation, what is asked and whose duty it is", () => {
    const rows = parseReferenceRows(PAGE);
    expect(rows.map(({ id }) => id)).toEqual(["HS-312b", "HS-312d", "HN-72h"]);
    expect(rows[0]).toEqual({
      id: "HS-312b",
      page: "Controls",
      section: "1 Technical",
      citation: "164.312(b)",
      asks: "Audit `a|b`",
      binding: "R*",
      duty: "Reviewing",
      helps: "",
    });
  });

  it("names no duty where its table has none, and says that a proposal is one", () => {
    const [, second, third] = parseReferenceRows(PAGE);
    expect(second?.duty).toBe("");
    expect(third).toMatchObject({ citation: "proposed: 164.308(a)(13)", binding: "", duty: "" });
  });

  it("names the row of the other page that a requirement helps", () => {
    const table =
      "| Id | Source | Requirement | Where | Test idea | Row |\n|---|---|---|---|---|---|\n";
    const [row] = parseReferenceRows(
      `${table}| SR-01 | V6 | Two factors | H | x | HS-312d, HN-mfa |`,
    );
    expect(row).toMatchObject({ id: "SR-01", citation: "V6", helps: "HS-312d, HN-mfa" });
  });

  it.each([
    ["a row with a cell too few", "| HS-312d | 164.312(d) | R | Who | planned | checked |"],
    ["a row with a cell too many", "| HS-312d | 164.312(d) | R | Who | a | b | c | d |"],
    ["an id that is none", "| 312d | 164.312(d) | R | Who | planned | checked | n/a |"],
    ["a row that is there already", "| HS-312b | 164.312(d) | R | Who | planned | checked | n/a |"],
  ])("is refused with %s, by its line", (_what, line) => {
    const lines = PAGE.split("\n");
    const broken = lines.with(
      lines.findIndex((each) => each.startsWith("| HS-312d")),
      line,
    );
    expect(() => parseReferenceRows(broken.join("\n"))).toThrow("line 12");
  });

  it("is refused where a table of rows has no citation", () => {
    const broken = PAGE.replace("| Id | 45 CFR |", "| Id | Rule |");
    expect(() => parseReferenceRows(broken)).toThrow("no column for the citation");
  });
});
