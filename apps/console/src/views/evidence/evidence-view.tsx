import { Anchor, Button, Group, Skeleton, Stack, Text, Title } from "@mantine/core";
import { evidencePath, samplesOfRuns, type Evidence, type MessageName } from "@siphms/api";
import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { useTranslation } from "react-i18next";
import { Link, useParams, useSearchParams } from "react-router";
import { ApiError, callApi } from "../../client.ts";
import { Part } from "../parts/part.tsx";
import { ProblemAlert } from "../parts/problem-alert.tsx";
import { SampleTable } from "../parts/sample-table.tsx";
import { EvidenceBytes } from "./evidence-bytes.tsx";
import { EvidenceChecks, EvidenceVerdict } from "./evidence-checks.tsx";
import { MessageFacts, SignerFacts, HospitalFacts } from "./evidence-facts.tsx";
import { TakeEvidence } from "./take-evidence.tsx";

/** What is known of one signed message: `/patients/:id/evidence/:messageId?device=`. */
export function EvidenceView(): ReactElement {
  const { t } = useTranslation("evidence");
  const { id = "", messageId = "" } = useParams();
  const device = useSearchParams()[0].get("device");
  const name: MessageName = { patient: id, messageId, ...(device === null ? {} : { device }) };
  const evidence = useQuery({
    // Under the patient: when access ends live events make it asked anew, and refused.
    queryKey: ["patient", id, "evidence", messageId, device],
    queryFn: ({ signal }) => callApi<Evidence>(evidencePath(name), { signal }),
    // What is shown as verified just now was verified just now.
    staleTime: 0,
    gcTime: 0,
  });
  // React Query keeps what it once had: what is nobody's business any more must leave the screen.
  const isRefused = evidence.error instanceof ApiError && evidence.error.status === 404;
  return (
    <Stack gap="lg" maw={980}>
      <Group justify="space-between">
        <Title order={1} size="h2">
          {t("title")}
        </Title>
        <Anchor component={Link} to={`/patients/${encodeURIComponent(id)}`}>
          {t("back")}
        </Anchor>
      </Group>
      <ProblemAlert
        error={evidence.error}
        words={{ "not-found": t("notFound") }}
        onRetry={() => void evidence.refetch()}
      />
      {evidence.isPending ? <Skeleton height={320} className="siphms-late" /> : null}
      {evidence.data === undefined || isRefused ? null : (
        <Found
          name={name}
          evidence={evidence.data}
          isBusy={evidence.isFetching}
          onAgain={() => void evidence.refetch()}
        />
      )}
    </Stack>
  );
}

interface FoundProps {
  readonly name: MessageName;
  readonly evidence: Evidence;
  readonly isBusy: boolean;
  readonly onAgain: () => void;
}

function Found({ name, evidence, isBusy, onAgain }: FoundProps): ReactElement {
  const { t } = useTranslation("evidence");
  return (
    <>
      <Text maw={720}>{t("intro")}</Text>
      <Group>
        <EvidenceVerdict checks={evidence.checks} />
        <Button variant="default" loading={isBusy} onClick={onAgain}>
          {t("again")}
        </Button>
      </Group>
      <Part title={t("values")}>
        <SampleTable samples={samplesOfRuns(evidence.runs)} />
      </Part>
      <Part title={t("signedBy")}>
        <SignerFacts device={evidence.device} />
      </Part>
      <Part title={t("message")}>
        <MessageFacts message={evidence.message} />
      </Part>
      <Part title={t("hospital")}>
        <HospitalFacts hospital={evidence.hospital} />
      </Part>
      <Part title={t("checks")}>
        <EvidenceChecks checks={evidence.checks} />
      </Part>
      <Part title={t("take")}>
        <TakeEvidence name={name} />
      </Part>
      <EvidenceBytes name={name} />
    </>
  );
}
