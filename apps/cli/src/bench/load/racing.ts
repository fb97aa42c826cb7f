/** The first message of a session that races, counted from 0. @param session - Its place, from 0. */
export function firstRacing(session: number, racingWithin: number): number {
  return session % racingWithin;
}
