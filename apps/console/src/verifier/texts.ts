import type { CheckName } from "@siphms/evidence";
import { common as commonAr } from "../i18n/ar/common.ts";
import { evidence as evidenceAr } from "../i18n/ar/evidence.ts";
import { common as commonEn } from "../i18n/en/common.ts";
import { evidence as evidenceEn } from "../i18n/en/evidence.ts";

/** Languages of the page. */
export type Language = "ar" | "en";

/** What a failed check means. */
type Failures = Readonly<Record<CheckName, string>>;

const en = {
  title: "Evidence verifier",
  intro:
    "This page checks whether readings are those that a patient's phone signed and that the hospital received. It works without a network: nothing that you open leaves this computer.",
  choose: "Choose a file",
  drop: "or drop an evidence file (.siphms-evidence.json) here",
  language: "العربية",
  genuine: "Genuine: every check passed",
  genuineHelp:
    "The readings below are exactly those that the phone signed, if the key is the hospital's own: compare it at the end of this page.",
  refused: "Refused",
  refusedHelp: "Do not rely on this file. Ask the hospital for a new one.",
  unreadable: "The file could not be opened. Choose it again.",
  check: evidenceEn.check,
  passed: evidenceEn.passed,
  failed: evidenceEn.notPassed,
  notChecked: "not checked",
  reason: "Found",
  failures: {
    format: "This is no evidence file, or something of it is missing or added.",
    "device-key": "The phone's key in the file was changed.",
    "hospital-keys": "A key of the hospital in the file was changed.",
    "message-signature":
      "The phone's signature does not fit: the readings, the signature or a key was changed.",
    "message-content": "What the phone signed are no readings.",
    "receipt-signature":
      "The hospital's signature on the receipt does not fit: the receipt or a key was changed.",
    "receipt-content": "The receipt is that of another message.",
    "statement-signature":
      "The hospital's signature on its statement does not fit: what it says about patient, phone or decisions, or a key, was changed.",
    "statement-content": "The statement is about another message, another receipt or other keys.",
  } satisfies Failures,
  hospital: "Hospital",
  hospitalId: "Hospital's id",
  keys: "Its keys",
  use: evidenceEn.use,
  compare: "Is it really this hospital?",
  compareHelp:
    "No file can prove that. Ask the hospital, by a way that you trust, for the fingerprint of its key and enter it here. It is compared with the key that signed the statement.",
  compareLabel: "Fingerprint from the hospital",
  same: "The same: this is that hospital's key.",
  different: "Not the same. Do not rely on this file.",
  patient: "Patient",
  name: "Name",
  recordNumber: "Record number",
  birthDate: "Born",
  phone: "Phone",
  deviceName: "Named",
  fingerprint: evidenceEn.fingerprint,
  state: "State at the time of the statement",
  states: {
    pending: "waiting to be confirmed",
    active: "active",
    revoked: "revoked",
    dropped: "dropped",
  },
  enrolled: evidenceEn.connected,
  confirmed: evidenceEn.confirmed,
  nobody: "nobody",
  ended: evidenceEn.ended,
  message: evidenceEn.message,
  messageId: evidenceEn.messageId,
  created: evidenceEn.created,
  received: evidenceEn.received,
  stored: evidenceEn.stored,
  made: "Statement made",
  decisions: "Decided by a doctor",
  decided: { released: "released", rejected: "rejected" },
  readings: "Readings",
  time: commonEn.time,
  kind: "What",
  value: commonEn.value,
  origin: commonEn.from,
  sampleState: commonEn.state,
  origins: { sensor: "sensor", typed: "typed in", imported: "imported" },
  sampleStates: {
    stored: "stored",
    quarantined: "in quarantine",
    released: "released from quarantine",
    rejected: "in quarantine, rejected",
  },
  kinds: commonEn.kind,
  reasons: commonEn.quarantineReason,
} as const;

type Widen<T> = { readonly [K in keyof T]: T[K] extends string ? string : Widen<T[K]> };

/** Everything that the page says. */
export type VerifierTexts = Widen<typeof en>;

const ar: VerifierTexts = {
  title: "صفحة التحقق من الأدلة",
  intro:
    "تفحص هذه الصفحة هل القراءات هي التي وقّعها هاتف المريض واستلمها المستشفى. تعمل دون شبكة: لا يغادر شيء مما تفتحه هذا الحاسوب.",
  choose: "اختر ملفاً",
  drop: "أو أفلت ملف دليل ‎(.siphms-evidence.json)‎ هنا",
  language: "English",
  genuine: "أصلي: نجحت كل الفحوص",
  genuineHelp:
    "القراءات أدناه هي بالضبط التي وقّعها الهاتف، إن كان المفتاح مفتاح المستشفى: قارنه في آخر هذه الصفحة.",
  refused: "مرفوض",
  refusedHelp: "لا تعتمد على هذا الملف. اطلب من المستشفى ملفاً جديداً.",
  unreadable: "تعذّر فتح الملف. اختره مرة أخرى.",
  check: evidenceAr.check,
  passed: evidenceAr.passed,
  failed: evidenceAr.notPassed,
  notChecked: "لم يُفحص",
  reason: "وُجد",
  failures: {
    format: "هذا ليس ملف دليل، أو نقص منه شيء أو زيد عليه.",
    "device-key": "تغيّر مفتاح الهاتف في الملف.",
    "hospital-keys": "تغيّر مفتاح من مفاتيح المستشفى في الملف.",
    "message-signature": "توقيع الهاتف لا يطابق: تغيّرت القراءات أو التوقيع أو مفتاح.",
    "message-content": "ما وقّعه الهاتف ليس قراءات.",
    "receipt-signature": "توقيع المستشفى على الإيصال لا يطابق: تغيّر الإيصال أو مفتاح.",
    "receipt-content": "الإيصال لرسالة أخرى.",
    "statement-signature":
      "توقيع المستشفى على بيانه لا يطابق: تغيّر ما يقوله عن المريض أو الهاتف أو القرارات، أو تغيّر مفتاح.",
    "statement-content": "البيان عن رسالة أخرى أو إيصال آخر أو مفاتيح أخرى.",
  },
  hospital: "المستشفى",
  hospitalId: "معرّف المستشفى",
  keys: "مفاتيحه",
  use: evidenceAr.use,
  compare: "هل هو هذا المستشفى حقاً؟",
  compareHelp:
    "لا يستطيع أي ملف أن يثبت ذلك. اطلب من المستشفى، بطريقة تثق بها، بصمة مفتاحه وأدخلها هنا. تُقارَن بالمفتاح الذي وقّع البيان.",
  compareLabel: "البصمة من المستشفى",
  same: "متطابقة: هذا مفتاح ذلك المستشفى.",
  different: "غير متطابقة. لا تعتمد على هذا الملف.",
  patient: "المريض",
  name: "الاسم",
  recordNumber: "رقم الملف",
  birthDate: "تاريخ الميلاد",
  phone: "الهاتف",
  deviceName: "اسمه",
  fingerprint: evidenceAr.fingerprint,
  state: "حالته وقت البيان",
  states: { pending: "بانتظار التأكيد", active: "فعّال", revoked: "ملغى", dropped: "متروك" },
  enrolled: evidenceAr.connected,
  confirmed: evidenceAr.confirmed,
  nobody: "لا أحد",
  ended: evidenceAr.ended,
  message: evidenceAr.message,
  messageId: evidenceAr.messageId,
  created: evidenceAr.created,
  received: evidenceAr.received,
  stored: evidenceAr.stored,
  made: "وقت البيان",
  decisions: "قرار الطبيب",
  decided: { released: "أُخرجت من الحجر", rejected: "رُفضت" },
  readings: "القراءات",
  time: commonAr.time,
  kind: "القياس",
  value: commonAr.value,
  origin: commonAr.from,
  sampleState: commonAr.state,
  origins: { sensor: "مستشعر", typed: "مكتوبة", imported: "مستوردة" },
  sampleStates: {
    stored: "محفوظة",
    quarantined: "في الحجر",
    released: "أُخرجت من الحجر",
    rejected: "في الحجر، مرفوضة",
  },
  kinds: commonAr.kind,
  reasons: commonAr.quarantineReason,
};

/** The texts of both languages. */
export const TEXTS: Readonly<Record<Language, VerifierTexts>> = { en, ar };

/** A text by its key where the page has one for it; else the key itself, as a later hospital may write others. */
export function textOf(texts: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(texts, key) ? (texts[key] ?? key) : key;
}
