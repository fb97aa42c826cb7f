import type { Page } from "playwright-core";
import { answerChooser } from "../system/device-chooser.ts";
import type { SimPeripheral } from "./protocol.ts";

/** A page that connects what was chosen, subscribes to everything, and keeps what came. */
const PAGE = `<!doctype html><title>sim</title><button>go</button><script>
const log = [], found = {}; let device, job, service;
const hex = (view) => Array.from(new Uint8Array(view.buffer), (b) => b.toString(16).padStart(2, "0")).join("");
async function open() {
  const all = await (await (await device.gatt.connect()).getPrimaryService(service)).getCharacteristics();
  for (const one of all) {
    const short = one.uuid.slice(4, 8);
    found[short] = one;
    one.oncharacteristicvaluechanged = (event) => log.push(short + " " + hex(event.target.value));
    if (one.properties.notify || one.properties.indicate) await one.startNotifications();
  }
}
document.querySelector("button").onclick = () => {
  job = (async () => {
    device = await navigator.bluetooth.requestDevice({ filters: [{ services: [service] }] });
    device.ongattserverdisconnected = () => log.push("disconnected");
    await open();
    return device.name;
  })().catch((error) => error.name);
};
</script>`;

/** The smallest page that uses sensors: what the simulations are tried with, before any app is. */
export class SensorPage {
  readonly page: Page;
  #wanted = "";

  private constructor(page: Page) {
    this.page = page;
  }

  /** Opens it in a page of a browser that was started with `bluetooth`. */
  static async open(page: Page): Promise<SensorPage> {
    const opened = new SensorPage(page);
    // A secure context; the route answers, nothing listens.
    await page.route("**/*", (route) => route.fulfill({ contentType: "text/html", body: PAGE }));
    await page.goto("http://localhost/");
    await answerChooser(page, () => opened.#wanted);
    return opened;
  }

  /** Chooses a sensor and subscribes to everything it has: its name, or the name of the error. */
  async pick(peripheral: SimPeripheral): Promise<unknown> {
    this.#wanted = peripheral.address;
    const service = Number.parseInt(peripheral.services[0]!.uuid, 16);
    await this.run(`service = ${String(service)}`);
    await this.page.getByRole("button").click();
    return this.run("job");
  }

  /** Waits until the page has seen this line, and takes it. */
  async seen(line: string): Promise<void> {
    const text = JSON.stringify(line);
    await this.page.waitForFunction(`log.includes(${text}) && log.splice(log.indexOf(${text}), 1)`);
  }

  /** Evaluates an expression in the page. */
  async run(expression: string): Promise<unknown> {
    return this.page.evaluate(expression);
  }
}
