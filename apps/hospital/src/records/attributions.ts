import type { Attribution } from "@siphms/api";
import type { Patient } from "../patients/index.ts";

/** The credits that the data sets of recordings ask for, by the set's name in a demo patient's record number. */
const CREDITS: ReadonlyMap<string, Attribution> = new Map(
  (
    [
      [
        "bidmc",
        "BIDMC PPG and Respiration Dataset",
        "BIDMC PPG and Respiration Dataset 1.0.0, PhysioNet, doi 10.13026/C2208R; Pimentel and others, IEEE Trans. Biomed. Eng. 64(8), 2017; Goldberger and others, Circulation 101(23), 2000. Contains information from the BIDMC PPG and Respiration Dataset, which is made available under the ODC Attribution License.",
      ],
      [
        "monitor",
        "MIMIC-II waveform database, record s00001",
        "MIMIC-II waveform database, matched subset, record s00001-2896-10-10-00-31n, from MIT-LCP/wfdb-python, MIT License.",
      ],
      [
        "sepsis2019",
        "PhysioNet/Computing in Cardiology Challenge 2019",
        "Early Prediction of Sepsis from Clinical Data, the PhysioNet/Computing in Cardiology Challenge 2019, 1.0.0, doi 10.13026/v64v-d857; Reyna and others, Crit. Care Med. 48(2), 2020. Creative Commons Attribution 4.0.",
      ],
      [
        "icu2012",
        "PhysioNet/Computing in Cardiology Challenge 2012",
        "Predicting Mortality of ICU Patients, the PhysioNet/Computing in Cardiology Challenge 2012, 1.0.0; Silva and others, Comput. Cardiol. 39, 2012. Contains information from the Challenge 2012 data set, which is made available under the ODC Attribution License.",
      ],
      [
        "home2020",
        "Welltory COVID-19 and Wearables Open Data Research",
        "Welltory COVID-19 and Wearables Open Data Research, 2020, CC0 1.0.",
      ],
      [
        "synthea",
        "Synthea sample data",
        "Synthetic patients made by Synthea, smart-on-fhir/generated-sample-data, Apache License 2.0.",
      ],
    ] as const
  ).map(([set, source, text]) => [set, { source, text }]),
);
const DEMO_MRN = /^DEMO-([a-z0-9]+)-/i;

/** The credits of the recordings among some patients, each once. */
export function attributionsOf(patients: readonly Patient[]): readonly Attribution[] {
  const sets = new Set(
    patients
      .filter((patient) => patient.source === "recorded")
      .map((patient) => DEMO_MRN.exec(patient.demographics.mrn)?.[1]?.toLowerCase()),
  );
  return [...CREDITS].filter(([set]) => sets.has(set)).map(([, credit]) => credit);
}
