import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from "@mantine/core";

/** A quiet blue for what can be pressed; normal values carry no colour at all. */
const siphms: MantineColorsTuple = [
  "#eaf3fb",
  "#d3e4f3",
  "#a6c8e6",
  "#77abd9",
  "#5192ce",
  "#3a82c7",
  "#2b6cab",
  "#1f5a92",
  "#1b4b72",
  "#123551",
];

/** The console's theme: system fonts (Arabic included), dense tables, tabular figures where values stand. */
export const theme = createTheme({
  primaryColor: "siphms",
  primaryShade: { light: 7, dark: 4 },
  colors: { siphms },
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Helvetica Neue", Arial, sans-serif',
  defaultRadius: "md",
  cursorType: "pointer",
  focusRing: "auto",
});

/** Colours of dimmed and of wrong text that keep 4.5:1 in both themes (Mantine's own do not). Colours by meaning are the web-kit's. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#4d5761",
    "--mantine-color-error": "#b3261e",
  },
  dark: {
    "--mantine-color-dimmed": "#b4bcc4",
    "--mantine-color-anchor": "#8cbbe8",
    // White words on what is filled.
    "--mantine-color-siphms-filled": "#2b6cab",
    "--mantine-color-siphms-filled-hover": "#1f5a92",
    "--mantine-color-error": "#ff8a80",
  },
});
