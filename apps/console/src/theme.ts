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

/**
 * Colours by meaning, and a dimmed text colour that keeps 4.5:1 in both themes (Mantine's own does not).
 * Curves keep the ward's habit: heart rate green, SpO2 cyan, pressure red, respiration ochre, temperature slate.
 */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-dimmed": "#4d5761",
    "--siphms-pending": "#1f5a92",
    "--siphms-technical": "#6b32b5",
    "--siphms-medium": "#7a4a00",
    "--siphms-curve-heart": "#1c7a33",
    "--siphms-curve-spo2": "#0a7285",
    "--siphms-curve-pressure": "#b3261e",
    "--siphms-curve-respiration": "#8a6100",
    "--siphms-curve-temperature": "#475569",
    "--siphms-curve-other": "#1f5a92",
    "--siphms-grid": "#e3e7ea",
    "--siphms-axis": "#4d5761",
  },
  dark: {
    "--mantine-color-dimmed": "#b4bcc4",
    "--siphms-pending": "#8cbbe8",
    "--siphms-technical": "#c9a6f5",
    "--siphms-medium": "#ffc46b",
    "--siphms-curve-heart": "#5fd07c",
    "--siphms-curve-spo2": "#4fd1e6",
    "--siphms-curve-pressure": "#ff8a80",
    "--siphms-curve-respiration": "#f2d35b",
    "--siphms-curve-temperature": "#f1f5f9",
    "--siphms-curve-other": "#8cbbe8",
    "--siphms-grid": "#333b43",
    "--siphms-axis": "#b4bcc4",
  },
});
