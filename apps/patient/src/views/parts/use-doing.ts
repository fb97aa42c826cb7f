import { useState } from "react";
import { useTranslation } from "react-i18next";
import { failureCodeOf } from "../../app/failure-code.ts";

/** Something that a press of a button began. */
export interface Doing {
  readonly isDoing: boolean;
  /** What went wrong the last time, in words. */
  readonly fault: string | undefined;
  /** Does it; a failure is in {@link fault}. */
  readonly run: (work: () => Promise<void>) => Promise<void>;
}

/** Does what a button is pressed for, and says in words when it fails: no press may end in silence. */
export function useDoing(): Doing {
  const { t } = useTranslation("problems");
  const [isDoing, setDoing] = useState(false);
  const [fault, setFault] = useState<string>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    setDoing(true);
    setFault(undefined);
    try {
      await work();
    } catch (error) {
      setFault(t(failureCodeOf(error)));
    }
    setDoing(false);
  };
  return { isDoing, fault, run };
}
