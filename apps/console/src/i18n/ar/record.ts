import type { record as english } from "../en/record.ts";
import type { Texts } from "@siphms/web-kit";

/** Arabic texts of a patient's page. */
export const record: Texts<typeof english> = {
  tabs: {
    vitals: "العلامات الحيوية",
    alerts: "التنبيهات",
    plan: "الحدود",
    messages: "الرسائل",
    devices: "الأجهزة",
    quarantine: "الحجر",
  },
  notFoundHelp:
    "لا يظهر لك إلا المرضى الذين في رعايتك. في حالة طارئة يمكنك فتح ملف آخر لساعة، مع سبب تجري مراجعته.",
  emergency: "وصول طارئ",
  breakGlass_zero: "مفتوح لحالة طارئة وينتهي الآن ({{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlass_one: "مفتوح لحالة طارئة، بقيت دقيقة (حتى {{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlass_two: "مفتوح لحالة طارئة، بقيت دقيقتان (حتى {{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlass_few:
    "مفتوح لحالة طارئة، بقيت {{count}} دقائق (حتى {{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlass_many:
    "مفتوح لحالة طارئة، بقيت {{count}} دقيقة (حتى {{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlass_other:
    "مفتوح لحالة طارئة، بقيت {{count}} دقيقة (حتى {{time}}). ستجري مراجعة هذا الاطلاع.",
  breakGlassOver: "انتهى الوصول الطارئ عند {{time}}. لن يصل شيء جديد.",
  presets: {
    "1h": "ساعة",
    "6h": "6 ساعات",
    "24h": "يوم",
    "7d": "أسبوع",
    "30d": "شهر",
    all: "الكل",
  },
  move: "حرّك المخططات وكبّرها",
  earlier: "أقدم",
  later: "أحدث",
  zoomIn: "اعرض وقتاً أقل",
  zoomOut: "اعرض وقتاً أكثر",
  newest: "الآن",
  newestHelp: "اعرض أحدث القيم وتابع مع الساعة",
  goToDay: "اذهب إلى يوم",
  print: "اطبع",
  shown: "من {{from}} إلى {{to}}",
  chartHelp:
    "اسحب المخطط أو استعمل الأسهم للتحريك، وCtrl مع العجلة أو + و− للتكبير، وShift مع الأسهم للانتقال من قيمة إلى قيمة، وEnd للعودة إلى الآن.",
  behind: "يجري تحميل قيم هذا الوقت. ما زالت المخططات تعرض وقتاً آخر.",
  rows: "أحدث {{shown}} من {{total}} صف.",
  moreRows: "صفوف أخرى",
  evidence: "الدليل",
  original: "الأصل الموقّع",
};
