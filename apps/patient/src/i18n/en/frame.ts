/** English texts of the frame: bar, strip, what stands on every screen. */
export const frame = {
  app: "SIPHMS",
  bar: "Main screens",
  tabs: { today: "Today", sensors: "Sensors", record: "Record", safety: "Safety" },
  back: "Back",
  lock: "Lock",
  loading: "Loading",
  strip: {
    confirmed: "All readings are at the hospital",
    waiting_one: "One reading is waiting",
    waiting_other: "{{count}} readings are waiting",
    offline: "Not connected since {{time}}",
    offlineNow: "Not connected",
    connecting: "Connecting",
    attention: "Action needed",
    storage: "This phone takes no more readings",
    monitoring: "Monitoring until {{time}}",
  },
  connected: "Connected to the hospital",
  connectedBy: "Connected to the hospital by {{network}}",
  notConnected: "Not connected to the hospital",
  network: { wifi: "Wi-Fi", cellular: "mobile network", ethernet: "cable", bluetooth: "Bluetooth" },
  demo: "Demo: no real patient",
  alreadyConnected:
    "You opened an invitation, but this phone is connected to {{hospital}} already. Nothing was changed.",
  dismiss: "Close",
  logAlarm: {
    title: "The hospital's log contradicts itself",
    more: "What this means",
  },
} as const;
