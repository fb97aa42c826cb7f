import type uPlot from "uplot";

/**
 * Keeps a chart as wide as the element that it stands in, within the frame in which that changes: a turned phone never shows
 * the old width.
 *
 * @returns How to stop.
 */
export function followWidth(host: HTMLElement, plot: uPlot): () => void {
  const observer = new ResizeObserver(() => {
    const { clientWidth: width } = host;
    if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
  });
  observer.observe(host);
  return () => observer.disconnect();
}
