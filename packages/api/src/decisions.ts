import { Type, type Static } from "typebox";
import { timeSchema } from "./vocabulary.ts";

/**
 * What a doctor decided about samples in quarantine. `released`: they count as every other reading, marked with it;
 * `rejected`: they never will. The signed message and its receipt stay as they are.
 */
export const decisionSchema = Type.Object(
  {
    kind: Type.Enum(["released", "rejected"]),
    at: timeSchema,
    /** The person's name. */
    by: Type.String(),
    why: Type.String(),
  },
  { additionalProperties: false },
);

/** See {@link decisionSchema}. */
export type Decision = Static<typeof decisionSchema>;
