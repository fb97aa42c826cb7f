import type { ReactElement } from "react";
import { PinInput } from "./pin-input.tsx";

/** A PIN that is being chosen, typed twice. */
export interface NewPin {
  readonly first: string;
  readonly second: string;
}

/** Nothing typed yet. */
export const NO_PIN: NewPin = { first: "", second: "" };

/** Props of {@link NewPinFields}. */
export interface NewPinFieldsProps {
  readonly labels: readonly [first: string, second: string];
  readonly description?: string;
  readonly pin: NewPin;
  readonly onPin: (pin: NewPin) => void;
}

/** The two fields of a new PIN. */
export function NewPinFields({ labels, description, pin, onPin }: NewPinFieldsProps): ReactElement {
  return (
    <>
      <PinInput
        label={labels[0]}
        {...(description === undefined ? {} : { description })}
        isNew
        value={pin.first}
        onValue={(first) => onPin({ ...pin, first })}
      />
      <PinInput
        label={labels[1]}
        isNew
        value={pin.second}
        onValue={(second) => onPin({ ...pin, second })}
      />
    </>
  );
}
