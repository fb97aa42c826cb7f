import { useEffect, useState, type RefObject } from "react";

/** A screen's height before it comes into sight, so that it is there when it does. */
const MARGIN = "100% 0px";

/** Whether an element is, or was once, in sight or nearly so: what is far down a list loads nothing. */
export function useInSight(ref: RefObject<HTMLElement | null>): boolean {
  const [wasInSight, setInSight] = useState(false);
  useEffect(() => {
    const { current: element } = ref;
    if (element === null || wasInSight) return undefined;
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) setInSight(true);
      },
      { rootMargin: MARGIN },
    );
    observer.observe(element);
    return () => observer.disconnect();
  }, [ref, wasInSight]);
  return wasInSight;
}
