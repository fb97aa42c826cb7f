import type { readings as english } from "../en/readings.ts";
import type { Texts } from "@siphms/web-kit";

/** Arabic texts for readings wherever they are shown. */
export const readings: Texts<typeof english> = {
  kind: {
    "heart-rate": "نبض القلب",
    "blood-pressure": "ضغط الدم",
    spo2: "تشبّع الأكسجين",
    "respiratory-rate": "معدل التنفس",
    "body-temperature": "الحرارة",
    glucose: "سكر الدم",
    "body-weight": "الوزن",
    "rr-interval": "الزمن بين النبضات",
    consciousness: "اليقظة",
    "supplemental-oxygen": "أكسجين إضافي",
    "pulse-rate": "النبض",
  },
  origin: { sensor: "من مستشعر", typed: "أُدخلت يدوياً", imported: "من ملف" },
  late: "وصلت متأخرة",
  held: "محفوظة جانباً",
  heldHelp: "تُحفظ مع سببها ولا تُحسب قياساً.",
  old: "قديمة",
  noValue: "لا قيمة بعد",
  heldReason: {
    "out-of-range": "خارج الممكن",
    "no-signal": "لم يجد المستشعر إشارة",
    "no-contact": "لا تلامس مع الجلد",
    "pressure-order": "الضغط العلوي والسفلي متناقضان",
    unit: "على الأرجح بوحدة أخرى",
    clock: "وقتها بعد ساعة الهاتف",
    "binding-pending": "لم يكن هذا الهاتف مؤكداً بعد",
  },
  loading: "جارٍ التحميل",
  fault: {
    unanswered: "لم يجب المستشفى. على الأرجح لا يوجد اتصال الآن. يُعاد السؤال عند اتصال الهاتف.",
    refused: "لم يجب المستشفى عن هذا السؤال. اسأل المستشفى.",
    "not-offered": "لا يقدّم مستشفاك هذا بعد.",
    failed: "تعذّرت قراءة الجواب. حدّث التطبيق وأعد المحاولة.",
  },
  offline: "غير متصل. يأتي هذا من المستشفى ويظهر عند اتصال الهاتف.",
  stillShown: "المعروض هو ما قاله المستشفى من قبل.",
  retry: "أعد المحاولة",
};
