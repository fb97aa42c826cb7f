import { describe, expect, it } from "vitest";
import { demoAnnouncement, type DemoAnnouncement } from "./demo-announcement.ts";

const LINK = "http://localhost:8091/enrol#v1.invitation";
const FACTS: DemoAnnouncement = {
  invitation: { link: LINK, until: "10:15:00" },
  guest: "DEMO-GUEST",
  doctor: { name: "Dr Example", link: "http://localhost:8090/enter#token", until: "10:10:00" },
  gateway: "http://127.0.0.1:8080",
  hasApp: true,
  keyFile: ".siphms/demo/integration.key",
};

const announce = (change: Partial<DemoAnnouncement> = {}): string =>
  demoAnnouncement({ ...FACTS, ...change }).join("\n");

describe("what a demo says when it runs", () => {
  it("has a line with nothing but the link that opens the app already invited", () => {
    expect(demoAnnouncement(FACTS).map((line) => line.trim())).toContain(LINK);
    expect(announce()).toContain("Patient app, invited as patient DEMO-GUEST");
  });

  it("says how the six digits are confirmed", () => {
    expect(announce()).toContain("siphms login --key '.siphms/demo/integration.key'");
    expect(announce()).toContain("siphms enrolment confirm DEMO-GUEST DIGITS");
    expect(announce()).not.toContain("--data");
  });

  it("names the data folder where it is another, also with a space in its name", () => {
    expect(announce({ data: "my folder" })).toContain("DIGITS --data 'my folder'");
  });

  it("promises no app where none is built, and still has the invitation", () => {
    const text = announce({ hasApp: false });
    expect(text).not.toContain("Patient app, invited");
    expect(text).not.toContain("enrolment confirm");
    expect(text).toContain("is not built");
    expect(text).toContain(LINK);
  });

  it.each([true, false])("has the doctor's link, with an app: %s", (hasApp) => {
    expect(announce({ hasApp })).toContain(`  ${FACTS.doctor.link}`);
  });
});
