import { Alert } from "@mantine/core";
import type { ReactElement } from "react";

/** Says at once what went wrong; nothing where nothing did. */
export function Failure({ text }: { readonly text: string | undefined }): ReactElement | null {
  if (text === undefined) return null;
  return (
    <Alert role="alert" color="red">
      {text}
    </Alert>
  );
}
