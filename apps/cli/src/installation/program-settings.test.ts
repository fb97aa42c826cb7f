import { describe, expect, it } from "vitest";
import { tellingSettings } from "./program-settings.ts";

describe("the settings that an installation takes from whoever starts it", () => {
  it("are how alerts leave the console, and the hospital's time zone", () => {
    const given = {
      SIPHMS_HOSPITAL_SMTP_URL: "smtp://127.0.0.1:1025",
      SIPHMS_HOSPITAL_SMTP_FROM: "siphms@hospital.example",
      SIPHMS_HOSPITAL_WEBHOOK_URL: "https://pager.example",
      SIPHMS_HOSPITAL_TIME_ZONE: "Europe/Berlin",
    };
    expect(tellingSettings(given)).toEqual(given);
  });

  it("are no others, least of all what weakens it or opens another database", () => {
    const others = {
      DATABASE_URL: "postgres://somewhere",
      SIPHMS_DATA: "/elsewhere",
      SIPHMS_HOSPITAL_HOST: "0.0.0.0",
      SIPHMS_HOSPITAL_UNSAFE_SMTP_WITHOUT_TLS: "yes",
      SIPHMS_HOSPITAL_UNSAFE_KEK_WITH_DATA: "yes",
    };
    expect(tellingSettings(others)).toEqual({});
  });
});
