import type { ApiAlert } from "@siphms/api";
import { describe, expect, it } from "vitest";
import { aTechnicalAlert, anAlert } from "../views/alerts/alert-example.ts";
import { ringingFor, type Heard } from "./ringing.ts";

const NOTHING: Heard = new Set();
const acknowledged = { by: "Dr Iris Example", at: 1 };

/** What is heard as one list of open alerts comes after the other. */
function rings(...lists: readonly (readonly ApiAlert[])[]): readonly (string | undefined)[] {
  let heard = NOTHING;
  return lists.map((open) => {
    const ringing = ringingFor(heard, open);
    ({ heard } = ringing);
    return ringing.ring;
  });
}

describe("what is heard of alerts (SR-66)", () => {
  it("is each new one, once, the most urgent of those that come together", () => {
    const both = [aTechnicalAlert(), anAlert()];
    expect(rings([], both, both)).toEqual([undefined, "urgent", undefined]);
    expect(rings([anAlert()], both)).toEqual(["urgent", "warn"]);
  });

  it("is one whose level rises, and not one that falls to what was heard", () => {
    expect(rings([anAlert({ level: "warn" })], [anAlert()])).toEqual(["warn", "urgent"]);
  });

  it("is nothing new where values, who was told or who saw it change", () => {
    const later = anAlert({ updated: 99, seen: [acknowledged] });
    expect(rings([anAlert()], [later])).toEqual(["urgent", undefined]);
  });

  it("is none that somebody looks after, until the acknowledgement is taken away", () => {
    const looked = anAlert({ acknowledged });
    expect(rings([looked], [anAlert()], [looked], [anAlert()])).toEqual([
      undefined,
      "urgent",
      undefined,
      "urgent",
    ]);
  });

  it("is one that was gone and comes back", () => {
    expect(rings([anAlert()], [], [anAlert()])).toEqual(["urgent", undefined, "urgent"]);
  });

  it("is what waits already when the page is opened", () => {
    expect(rings([aTechnicalAlert()])).toEqual(["warn"]);
  });
});
