import { Type, type Static } from "typebox";

/**
 * What came of taking entries of emergency mode into the log, by file. `added`: the others were there already.
 * `tornBytes`: of a last entry that was not written to its end. `refused`: from some place on, `refusedBytes` before its end, the
 * file is not as emergency mode of this installation wrote it; the entries before were taken.
 */
export const mergeReportSchema = Type.Object(
  {
    files: Type.Array(
      Type.Union([
        Type.Object(
          {
            file: Type.String(),
            kind: Type.Literal("merged"),
            entries: Type.Integer({ minimum: 0 }),
            added: Type.Integer({ minimum: 0 }),
            tornBytes: Type.Integer({ minimum: 0 }),
          },
          { additionalProperties: false },
        ),
        Type.Object(
          {
            file: Type.String(),
            kind: Type.Literal("refused"),
            entries: Type.Integer({ minimum: 0 }),
            added: Type.Integer({ minimum: 0 }),
            refusedBytes: Type.Integer({ minimum: 0 }),
          },
          { additionalProperties: false },
        ),
      ]),
    ),
  },
  { additionalProperties: false },
);

/** See {@link mergeReportSchema}. */
export type MergeReport = Static<typeof mergeReportSchema>;
