import { Alert, Button, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { sexSchema, type Sex } from "@siphms/api";
import { useRef, useState, type SubmitEvent, type ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { hospitalNow } from "../../client.ts";
import { useSignedIn } from "../../session/session.ts";
import { isCaring } from "../shell/places.ts";
import { DoctorSelect } from "./doctor-select.tsx";
import { EMPTY_FIELDS, faultsOf, type FieldFault, type PatientFields } from "./patient-fields.ts";

/** Props of {@link PatientForm}. */
export interface PatientFormProps {
  readonly isBusy: boolean;
  readonly onSubmit: (fields: PatientFields) => void;
}

type Faults = Partial<Record<keyof PatientFields, FieldFault>>;

/** Who is to be registered; says in words what is wrong before anything is sent. */
export function PatientForm({ isBusy, onSubmit }: PatientFormProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { role } = useSignedIn().staff;
  const form = useRef<HTMLFormElement>(null);
  const [fields, setFields] = useState(EMPTY_FIELDS);
  const [faults, setFaults] = useState<Faults>({});
  const change = (changed: Partial<PatientFields>): void => {
    setFields({ ...fields, ...changed });
    const kept = Object.entries(faults).filter(([name]) => !(name in changed));
    setFaults(Object.fromEntries(kept));
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const found = faultsOf(fields, hospitalNow());
    setFaults(found);
    const [first] = Object.keys(found);
    if (first === undefined) onSubmit(fields);
    else form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  };
  const count = Object.keys(faults).length;
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Stack gap="md" maw={560}>
        {count > 0 ? <Alert role="alert">{t("register.faultSummary", { count })}</Alert> : null}
        <Fields fields={fields} faults={faults} onChange={change} />
        {isCaring(role) ? (
          <Text size="sm" c="dimmed">
            {t("register.careNote")}
          </Text>
        ) : (
          <DoctorSelect value={fields.doctor} onChange={(doctor) => change({ doctor })} />
        )}
        <Button type="submit" loading={isBusy} w="fit-content">
          {t("register.submit")}
        </Button>
      </Stack>
    </form>
  );
}

interface FieldsProps {
  readonly fields: PatientFields;
  readonly faults: Faults;
  readonly onChange: (changed: Partial<PatientFields>) => void;
}

function Fields({ fields, faults, onChange }: FieldsProps): ReactElement {
  const { t } = useTranslation("enrol");
  const of = (name: "birthDate" | "mrn" | "name" | "problem") => ({
    name,
    label: t(`register.${name}`),
    value: fields[name],
    error: faults[name] === undefined ? undefined : t(`register.fault.${faults[name]}`),
    autoComplete: "off",
    onChange: ({ currentTarget }: { currentTarget: HTMLInputElement }) =>
      onChange({ [name]: currentTarget.value }),
  });
  return (
    <>
      <TextInput {...of("name")} required dir="auto" />
      <TextInput {...of("birthDate")} required type="date" w={200} />
      <SexSelect value={fields.sex} onChange={(sex) => onChange({ sex })} />
      <TextInput {...of("mrn")} required dir="ltr" description={t("register.mrnHelp")} />
      <TextInput {...of("problem")} dir="auto" description={t("register.problemHelp")} />
    </>
  );
}

const SEXES: readonly Sex[] = sexSchema.enum;

interface SexSelectProps {
  readonly value: Sex | "";
  readonly onChange: (sex: Sex | "") => void;
}

function SexSelect({ value, onChange }: SexSelectProps): ReactElement {
  const { t } = useTranslation("enrol");
  const { t: common } = useTranslation();
  return (
    <NativeSelect
      label={t("register.sex")}
      value={value}
      onChange={({ currentTarget }) =>
        onChange(SEXES.find((sex) => sex === currentTarget.value) ?? "")
      }
      data={[
        { value: "", label: t("register.sexUnknown") },
        ...SEXES.map((sex) => ({ value: sex, label: common(`sex${sex}`) })),
      ]}
      w={200}
    />
  );
}
