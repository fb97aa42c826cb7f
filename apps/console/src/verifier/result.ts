import { toHex } from "@siphms/cose";
import { provenSamples, type Check, type Verdict, type VerifiedEvidence } from "@siphms/evidence";
import { compareThumbprint, formatInstant, formatSample, formatThumbprint } from "./describe.ts";
import { element } from "./element.ts";
import { textOf, TEXTS, type Language, type VerifierTexts } from "./texts.ts";

interface Shown {
  readonly texts: VerifierTexts;
  readonly language: Language;
}

type Facts = readonly (readonly [label: string, ...values: (Node | string)[]])[];

/** Draws what verifying a file came to. */
export function drawResult({ checks, evidence }: Verdict, language: Language): HTMLElement {
  const shown = { texts: TEXTS[language], language };
  const failed = checks.find(({ ok }) => !ok);
  return element(
    "div",
    { class: "result" },
    drawVerdict(failed, shown),
    drawChecks(checks, shown),
    ...(evidence === undefined ? [] : drawEvidence(evidence, shown)),
  );
}

function drawVerdict(failed: Check | undefined, { texts }: Shown): HTMLElement {
  if (failed === undefined) {
    return element(
      "div",
      { class: "verdict good", role: "status" },
      element("h2", {}, mark(true), texts.genuine),
      element("p", {}, texts.genuineHelp),
    );
  }
  return element(
    "div",
    { class: "verdict bad", role: "alert" },
    element("h2", {}, mark(false), texts.refused),
    element("p", {}, texts.failures[failed.check]),
    element("p", {}, texts.refusedHelp),
  );
}

function drawChecks(checks: readonly Check[], { texts }: Shown): HTMLElement {
  const items = checks.map(({ check, ok, reason }) => {
    const isLeftOut = reason === "not checked";
    const word = ok ? texts.passed : isLeftOut ? texts.notChecked : texts.failed;
    const found = ok || isLeftOut || reason === undefined ? [] : [`${texts.reason}: ${reason}`];
    return element(
      "li",
      { class: ok ? "ok" : isLeftOut ? "left-out" : "failed" },
      mark(isLeftOut ? undefined : ok),
      element("span", {}, texts.check[check]),
      element("span", { class: "word" }, [word, ...found].join(". ")),
    );
  });
  return element("ol", { class: "checks" }, ...items);
}

/** A sign for the eye; the word beside it says the same. */
function mark(ok: boolean | undefined): HTMLElement {
  const sign = ok === undefined ? "–" : ok ? "✓" : "✗";
  return element("span", { "aria-hidden": "true", class: "mark" }, sign);
}

function drawEvidence(evidence: VerifiedEvidence, shown: Shown): readonly HTMLElement[] {
  const { texts } = shown;
  const { statement } = evidence;
  return [
    section(texts.readings, drawSamples(evidence, shown)),
    section(
      texts.patient,
      facts([
        [texts.name, isolated(statement.patient.name)],
        [texts.recordNumber, code(statement.patient.mrn)],
        [texts.birthDate, statement.patient.birthDate],
      ]),
    ),
    section(texts.phone, drawPhone(evidence, shown)),
    section(texts.message, drawMessage(evidence, shown)),
    section(texts.hospital, drawHospital(evidence, shown), drawComparison(evidence, shown)),
  ];
}

function drawPhone({ device, statement }: VerifiedEvidence, { texts, language }: Shown) {
  const { deviceName, state, enrolled, confirmed, ended } = statement.binding;
  const confirmation =
    confirmed === undefined
      ? [texts.nobody]
      : [isolated(confirmed.by), " · ", isolated(formatInstant(confirmed.at, language))];
  return facts([
    [texts.deviceName, isolated(deviceName)],
    [texts.fingerprint, code(formatThumbprint(device.thumbprint))],
    [texts.state, textOf(texts.states, state)],
    [texts.enrolled, formatInstant(enrolled, language)],
    [texts.confirmed, ...confirmation],
    ...(ended === undefined ? [] : [[texts.ended, formatInstant(ended, language)] as const]),
  ]);
}

function drawMessage({ readings, receipt, statement }: VerifiedEvidence, shown: Shown) {
  const { texts, language } = shown;
  const decided = statement.decisions.map(({ reason, kind, at, by, why }) => {
    const what = `${textOf(texts.reasons, reason)}: ${texts.decided[kind]}`;
    return element(
      "div",
      {},
      ...[what, " · ", isolated(by), " · ", isolated(formatInstant(at, language))],
      element("div", {}, isolated(`“${why}”`)),
    );
  });
  return facts([
    [texts.messageId, code(toHex(readings.messageId))],
    [texts.created, formatInstant(readings.created, language)],
    [texts.received, formatInstant(receipt.received, language)],
    [texts.stored, formatInstant(receipt.stored, language)],
    ...(decided.length === 0 ? [] : [[texts.decisions, ...decided] as const]),
    [texts.made, formatInstant(statement.made, language)],
  ]);
}

function drawHospital({ hospitalId, hospitalKeys, statement }: VerifiedEvidence, { texts }: Shown) {
  const keys = hospitalKeys.map(({ credential, uses }) =>
    element(
      "div",
      {},
      code(formatThumbprint(credential.thumbprint)),
      element("div", { class: "word" }, uses.map((use) => texts.use[use]).join(", ")),
    ),
  );
  return facts([
    [texts.name, isolated(statement.hospitalName)],
    [texts.hospitalId, code(hospitalId)],
    [texts.keys, ...keys],
  ]);
}

/** Whether the statement's key is the hospital's: the one thing that the reader has to know from elsewhere. */
function drawComparison(evidence: VerifiedEvidence, { texts }: Shown): HTMLElement {
  const answer = element("p", { class: "answer", role: "status" });
  const input = element("input", {
    ...{ id: "known-fingerprint", type: "text", dir: "ltr", spellcheck: "false" },
    autocomplete: "off",
  });
  input.addEventListener("input", () => {
    const outcome = compareThumbprint(input.value, evidence);
    answer.className = `answer ${outcome}`;
    answer.textContent = outcome === "none" ? "" : texts[outcome];
  });
  return element(
    "div",
    { class: "comparison" },
    element("h3", {}, texts.compare),
    element("p", {}, texts.compareHelp),
    element("label", { for: "known-fingerprint" }, texts.compareLabel),
    input,
    answer,
  );
}

function drawSamples(evidence: VerifiedEvidence, { texts, language }: Shown): HTMLElement {
  const head = [texts.time, texts.kind, texts.value, texts.origin, texts.sampleState];
  const rows = provenSamples(evidence).map((sample) => {
    const { at, kind, origin, state, reason } = sample;
    const why = reason === undefined ? "" : ` (${textOf(texts.reasons, reason)})`;
    return element(
      "tr",
      { class: state },
      element("td", {}, formatInstant(at, language)),
      element("td", {}, textOf(texts.kinds, kind)),
      element("td", {}, element("bdi", { dir: "ltr" }, formatSample(sample))),
      element("td", {}, textOf(texts.origins, origin)),
      element("td", {}, `${texts.sampleStates[state]}${why}`),
    );
  });
  const titles = head.map((title) => element("th", { scope: "col" }, title));
  return element(
    "div",
    { class: "table", tabindex: "0", role: "region", "aria-label": texts.readings },
    element(
      "table",
      {},
      element("thead", {}, element("tr", {}, ...titles)),
      element("tbody", {}, ...rows),
    ),
  );
}

function section(title: string, ...content: readonly HTMLElement[]): HTMLElement {
  return element("section", {}, element("h2", {}, title), ...content);
}

function facts(list: Facts): HTMLElement {
  return element(
    "dl",
    {},
    ...list.flatMap(([label, ...values]) => [
      element("dt", {}, label),
      element("dd", {}, ...values),
    ]),
  );
}

/** What may run in another direction than the page: a name, a date, what somebody typed. */
function isolated(text: string): HTMLElement {
  return element("bdi", {}, text);
}

function code(text: string): HTMLElement {
  return element("code", { dir: "ltr" }, text);
}
