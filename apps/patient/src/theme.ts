import { createTheme } from "@mantine/core";

/**
 * The app's theme. Its colours stand in `theme.css`: the page's policy lets in no style tag, so Mantine must not write its
 * variables into one.
 */
export const theme = createTheme({
  primaryColor: "blue",
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
  respectReducedMotion: true,
  components: {
    // A thumb needs 48 px (WCAG 2.5.8 asks for 24).
    Button: { defaultProps: { size: "md", h: "auto", mih: 48, py: 10 } },
    TextInput: { defaultProps: { size: "md" } },
    PasswordInput: { defaultProps: { size: "md" } },
    NumberInput: { defaultProps: { size: "md" } },
    NativeSelect: { defaultProps: { size: "md" } },
    Checkbox: { defaultProps: { size: "md" } },
    Radio: { defaultProps: { size: "md" } },
    // Mantine would call out every one of them; what has to be called out says so.
    Alert: { defaultProps: { variant: "outline", role: "note" } },
  },
});
