/** Under which name the query cache keeps the accounts. */
export const PEOPLE_KEY = ["people"] as const;
