/**
 * Works on one thing after another and shows what came of the newest, and of no other.
 *
 * What was shown is taken away before the work begins: if that fails, or showing does, nothing of before stands on the page
 * under the new one's name.
 *
 * @param show - Called with nothing when the work begins, and with what came of it.
 */
export function createNewest<Thing, Outcome>(
  work: (thing: Thing) => Promise<Outcome>,
  show: (thing: Thing, outcome: Outcome | undefined) => void,
): (thing: Thing) => Promise<void> {
  let begun = 0;
  return async (thing) => {
    begun += 1;
    const own = begun;
    show(thing, undefined);
    const outcome = await work(thing);
    if (own === begun) show(thing, outcome);
  };
}
