import { describe, expect, it } from "vitest";
import { onlyText } from "./trusted-types.ts";

describe("what may be written as markup", () => {
  it("is a text that opens no tag, such as a style's", () => {
    const style = ":root{--a:#fff}@media (min-width: 62em){a > b{color:red}}";
    expect(onlyText(style)).toBe(style);
  });

  it.each(["<img src=x onerror=alert(1)>", "</style><script>", "a < b", "<"])(
    "is never %j (SR-48)",
    (text) => {
      expect(() => onlyText(text)).toThrow(TypeError);
    },
  );
});
