import type { Texts } from "../texts.ts";
import type { frame as english } from "../en/frame.ts";

/** Arabic texts of the frame. */
export const frame: Texts<typeof english> = {
  app: "SIPHMS",
  tabs: { today: "اليوم", sensors: "المستشعرات", record: "السجل", safety: "الأمان" },
};
