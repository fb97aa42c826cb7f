import { Stack, Title } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";

/** One part of the account, under its own heading. */
export function Part({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <Stack component="section" gap="sm">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
