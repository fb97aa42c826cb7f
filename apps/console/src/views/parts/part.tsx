import { Stack, Title } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";

/** One part of a page, under its own heading. */
export function Part({
  title,
  children,
}: {
  readonly title: string;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <Stack component="section" gap="xs">
      <Title order={2} size="h4">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
