import { Text } from "@mantine/core";
import type { ReactElement, ReactNode } from "react";
import "./parts.css";

/** Props of {@link Fact}. */
export interface FactProps {
  readonly term: string;
  readonly children: ReactNode;
}

/** One thing that is known, under its name; stands in {@link Facts}. */
export function Fact({ term, children }: FactProps): ReactElement {
  return (
    <div className="siphms-fact">
      <Text component="dt" size="sm" c="dimmed">
        {term}
      </Text>
      <Text component="dd" size="sm" m={0}>
        {children}
      </Text>
    </div>
  );
}

/** Several facts beside each other, as many as there is room for. */
export function Facts({ children }: { readonly children: ReactNode }): ReactElement {
  return <dl className="siphms-facts">{children}</dl>;
}
