import type { Browser } from "playwright-core";

/** One screen as it was photographed. */
export interface Picture {
  readonly png: Buffer;
  /** Of the window, in CSS pixels. */
  readonly width: number;
}

/** All pictures of one row are equally high; so many stand beside each other in the sheet's width. */
const SHEET = { width: 1800, gap: 12, wide: 4, narrow: 8 };

/** Puts pictures on one sheet: those of desks four in a row, those of phones eight. */
export async function drawSheet(
  browser: Browser,
  pictures: readonly Picture[],
  path: string,
): Promise<void> {
  const page = await browser.newPage({ viewport: { width: SHEET.width, height: 800 } });
  const images = pictures.map(({ png, width }) => {
    const inRow = width > 600 ? SHEET.wide : SHEET.narrow;
    const share = `calc((100% - ${(inRow - 1) * SHEET.gap}px) / ${inRow})`;
    return `<img src="data:image/png;base64,${png.toString("base64")}" style="width:${share}">`;
  });
  await page.setContent(
    `<body style="margin:0;padding:${SHEET.gap}px;background:#8a939b">
      <main style="display:flex;flex-wrap:wrap;gap:${SHEET.gap}px">${images.join("")}</main>
    </body>`,
  );
  await page.screenshot({ path, fullPage: true });
  await page.close();
}
