import { Stack, Title } from "@mantine/core";
import { useEffect, useId, useRef, type ReactElement, type ReactNode } from "react";
import "./dialog.css";

/** Props of {@link Dialog}. */
export interface DialogProps {
  readonly title: string;
  /** The person closed it: Escape. Buttons inside close by themselves. */
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/**
 * Asks one thing, with everything behind it out of reach until it is answered.
 *
 * The browser's own dialog keeps the focus inside and gives it back. Lists inside it have to be native ones: what else
 * opens at the end of the page stands behind it.
 */
export function Dialog({ title, onClose, children }: DialogProps): ReactElement {
  const ref = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      className="siphms-dialog"
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <Stack gap="md">
        <Title order={2} size="h4" id={titleId}>
          {title}
        </Title>
        {children}
      </Stack>
    </dialog>
  );
}
