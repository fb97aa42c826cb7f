const STORED_SENSORS = "siphms-demo-sensors";

/** Whether the hospital serves the app as a demonstration: it alone writes this into the page. */
export function isDemo(): boolean {
  return document.querySelector('meta[name="siphms-demo"][content="on"]') !== null;
}

/** Whether the sensors are the demonstration's; only there, and until somebody chooses the real ones. */
export function usesDemoSensors(): boolean {
  return isDemo() && localStorage.getItem(STORED_SENSORS) !== "real";
}

/** Chooses the sensors of a demonstration, from the next unlocking on. */
export function chooseDemoSensors(isOn: boolean): void {
  if (isOn) localStorage.removeItem(STORED_SENSORS);
  else localStorage.setItem(STORED_SENSORS, "real");
}
