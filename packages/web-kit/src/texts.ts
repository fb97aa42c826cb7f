/** The plural endings that a language may have beyond those of English. */
type Plural = "zero" | "two" | "few" | "many";

/**
 * The keys of an English namespace with any texts: what its Arabic file has to have. A key that ends in `_one` allows the
 * other endings too.
 */
export type Texts<English> = {
  readonly [Key in keyof English]: English[Key] extends string ? string : Texts<English[Key]>;
} & {
  readonly [
    Key in keyof English as Key extends `${infer Stem}_one` ? `${Stem}_${Plural}` : never
  ]?: string;
};
