import { createWebCrypto } from "@siphms/cose";
import {
  MAX_EVIDENCE_CHARACTERS,
  parseEvidenceText,
  verifyEvidence,
  type Verdict,
} from "@siphms/evidence";
import { element } from "./element.ts";
import { createNewest } from "./newest.ts";
import { drawResult } from "./result.ts";
import { TEXTS, type Language } from "./texts.ts";
import "./verifier.css";

/** What is on the page. */
interface Page {
  language: Language;
  /** The newest file's outcome; `unreadable` where the browser could not read it. */
  outcome: Verdict | "unreadable" | undefined;
  fileName: string;
}

const page: Page = {
  language: navigator.language.startsWith("ar") ? "ar" : "en",
  outcome: undefined,
  fileName: "",
};

/** Verifies a file and shows what came of it. Nothing of it is kept. */
const verifyNewest = createNewest(verifyFile, (file, outcome) => {
  page.fileName = file.name;
  page.outcome = outcome;
  draw();
});

async function take(file: File | undefined): Promise<void> {
  if (file !== undefined) await verifyNewest(file);
}

async function verifyFile(file: File): Promise<Page["outcome"]> {
  let text: string;
  try {
    // One more than a file can have, so that a longer one is refused as such and not read as a whole.
    text = await file.slice(0, MAX_EVIDENCE_CHARACTERS + 1).text();
  } catch {
    return "unreadable";
  }
  return verifyEvidence(() => parseEvidenceText(text), createWebCrypto());
}

function draw(): void {
  const { language, outcome } = page;
  const texts = TEXTS[language];
  document.documentElement.lang = language;
  document.documentElement.dir = language === "ar" ? "rtl" : "ltr";
  document.title = texts.title;
  const result =
    outcome === undefined
      ? []
      : outcome === "unreadable"
        ? [element("p", { class: "verdict bad", role: "alert" }, texts.unreadable)]
        : [drawResult(outcome, language)];
  document
    .querySelector("main")
    ?.replaceChildren(
      element("header", {}, element("h1", {}, texts.title), drawLanguage()),
      element("p", {}, texts.intro),
      drawPicker(),
      ...result,
    );
}

function drawLanguage(): HTMLElement {
  const other = page.language === "en" ? "ar" : "en";
  const button = element("button", { type: "button", lang: other }, TEXTS[page.language].language);
  button.addEventListener("click", () => {
    page.language = other;
    draw();
  });
  return button;
}

function drawPicker(): HTMLElement {
  const texts = TEXTS[page.language];
  const input = element("input", {
    ...{ id: "evidence-file", type: "file", accept: ".json,application/json" },
  });
  input.addEventListener("change", () => void take(input.files?.[0]));
  return element(
    "div",
    { class: "picker" },
    input,
    element("label", { for: "evidence-file" }, texts.choose),
    element("p", {}, page.fileName === "" ? texts.drop : element("bdi", {}, page.fileName)),
  );
}

// The whole page takes what is dropped: a near miss must not open the file in place of the page.
document.addEventListener("dragover", (event) => {
  event.preventDefault();
});
document.addEventListener("drop", (event) => {
  event.preventDefault();
  void take(event.dataTransfer?.files[0]);
});
draw();
