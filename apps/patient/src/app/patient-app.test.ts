import { beforeEach, describe, expect, it } from "vitest";
import { AppWorld, PIN } from "../testing/app-world.ts";
import { LOCK_AFTER_MS } from "./auto-lock.ts";
import type { OpenApp } from "./open-app.ts";
import type { PatientApp } from "./patient-app.ts";

let world: AppWorld;

beforeEach(async () => {
  world = await AppWorld.create();
});

function openAppOf(app: PatientApp): OpenApp {
  const stage = app.snapshot();
  if (stage.kind !== "open") throw new Error(`expected an open app, not ${stage.kind}`);
  return stage.app;
}

async function record({ journal, device }: OpenApp): Promise<void> {
  await journal.record([{ kind: 1, start: device.now(), step: 0, values: [70], origin: 1 }]);
}

describe("a phone without a hospital", () => {
  it("is asked for an invitation and a way in", async () => {
    const app = await world.open();
    expect(app.snapshot()).toEqual({
      kind: "welcome",
      invitation: undefined,
      isMalformed: false,
      needsMethods: true,
    });
    expect(app.isPersisted.snapshot()).toBe(false);
  });

  it("says whose invitation it was opened with", async () => {
    const app = await world.open(world.device.hospital.invite());
    expect(app.snapshot()).toMatchObject({
      kind: "welcome",
      invitation: { hasExpired: false },
      isMalformed: false,
    });
    const stage = app.snapshot();
    if (stage.kind !== "welcome") throw new Error(stage.kind);
    expect(stage.invitation?.fingerprint).toMatch(/^[0-9a-f]{16}$/);
  });

  it.each(["", "no link", "https://app.example/enrol#cut", "https://evil.example/"])(
    "takes %j for no invitation, and goes on waiting for one",
    async (link) => {
      const app = await world.open();
      await app.invite(link);
      expect(app.snapshot()).toMatchObject({ kind: "welcome", isMalformed: true });
    },
  );

  it("changes nothing for a PIN that is too easy", async () => {
    const app = await world.open(world.device.hospital.invite());
    await expect(app.enrol({ pin: "123456" })).rejects.toMatchObject({ code: "PIN_WEAK" });
    expect(world.vault.record).toBeUndefined();
    expect(app.snapshot().kind).toBe("welcome");
  });

  it("changes nothing where the phone does not recognise its owner", async () => {
    world.isRecognised = false;
    const app = await world.open(world.device.hospital.invite());
    await expect(app.enrol({ passkey: true })).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
    expect(world.vault.record).toBeUndefined();
  });

  it("says what the browser lacks, and touches nothing", async () => {
    const app = await world.open(undefined, { missing: ["locks"] });
    expect(app.snapshot()).toEqual({ kind: "unsupported", missing: ["locks"] });
    expect(world.vault.writes).toBe(0);
  });
});

describe("enrolling", () => {
  it("shows the code, waits for staff, shows that both verified, and only then opens", async () => {
    const app = await world.open(world.device.hospital.invite());
    void app.enrol({ pin: PIN });
    await world.until(app, "pending");
    const stage = app.snapshot();
    if (stage.kind !== "pending") throw new Error(stage.kind);
    expect(stage.code).toMatch(/^\d{6}$/);
    await world.device.hospital.confirm(stage.code);
    await world.until(app, "confirmed");
    await app.enter();
    expect(openAppOf(app).device.status().state).toBe("active");
  });

  async function problemOf(app: PatientApp): Promise<unknown> {
    void app.enrol({ pin: PIN });
    await world.device.until(() => {
      const stage = app.snapshot();
      return stage.kind === "enrolling" && stage.problem !== undefined;
    });
    const stage = app.snapshot();
    return stage.kind === "enrolling" ? stage.problem : undefined;
  }

  it("stops at an invitation that was used, with words for it, and takes another one", async () => {
    const link = world.device.hospital.invite();
    void (await world.open(link)).enrol({ pin: PIN });
    await world.device.until(() => world.vault.record !== undefined);
    await world.device.pass(1_000);
    const phone = await AppWorld.create(world.device);
    const app = await phone.open(link);
    expect(await problemOf(app)).toBe("INVITATION_REFUSED");
    await app.otherInvitation();
    await app.invite(world.device.hospital.invite());
    // The way in was chosen before.
    expect(app.snapshot()).toMatchObject({ kind: "welcome", needsMethods: false });
    void app.enrol({});
    await phone.until(app, "pending");
  });

  it("stops at the invitation of a hospital that the gateway does not know", async () => {
    const elsewhere = await AppWorld.create();
    const app = await world.open(elsewhere.device.hospital.invite());
    expect(await problemOf(app)).toBe("HOSPITAL_KEY_UNKNOWN");
  });

  it("goes on after a try without a network", async () => {
    world.device.gateway.isHospitalAway = true;
    const app = await world.open(world.device.hospital.invite());
    void app.enrol({ pin: PIN });
    await world.device.until(() => {
      const stage = app.snapshot();
      return stage.kind === "enrolling" && stage.problem !== undefined;
    });
    world.device.gateway.isHospitalAway = false;
    void app.tryAgain();
    await world.until(app, "pending");
  });

  it("is taken up again after the app was closed while staff were to confirm", async () => {
    const app = await world.open(world.device.hospital.invite());
    void app.enrol({ pin: PIN });
    await world.until(app, "pending");
    const before = app.snapshot();
    app.lock();
    await world.until(app, "locked");
    await app.unlockWithPin(PIN);
    await world.until(app, "pending");
    expect(app.snapshot()).toEqual(before);
  });
});

describe("an invitation on a phone that has its hospital", () => {
  it("changes nothing, and the patient is told", async () => {
    const first = await world.openEnrolled();
    await first.putAway();
    const kid = world.device.hospital.bindings.size;
    await first.invite(world.device.hospital.invite());
    await first.unlockWithPin(PIN);
    expect(first.hasNeedlessInvitation.snapshot()).toBe(true);
    expect(openAppOf(first).device.status().state).toBe("active");
    expect(world.device.hospital.bindings.size).toBe(kid);
    first.forgetInvitation();
    expect(first.hasNeedlessInvitation.snapshot()).toBe(false);
  });
});

describe("the lock", () => {
  it("lets go of the key and of everything that was open", async () => {
    const app = await world.openEnrolled();
    const open = openAppOf(app);
    app.lock();
    // At once, before anything else can happen.
    expect(app.snapshot().kind).not.toBe("open");
    await world.until(app, "locked");
    await world.device.until(() => open.device.status().connection === "stopped");
    expect(app.storageTrouble).toBeUndefined();
    expect(() => app.setPin("739164")).toThrow(RangeError);
  });

  it("opens to the right PIN, and counts a wrong one", async () => {
    const app = await world.openEnrolled();
    app.lock();
    await world.until(app, "locked");
    expect(await app.unlockWithPin("909090")).toMatchObject({ kind: "wrong" });
    expect(app.snapshot().kind).toBe("locked");
    await app.unlockWithPin(PIN);
    expect(app.snapshot().kind).toBe("open");
  });

  it("opens to the fingerprint, and not where nobody is recognised", async () => {
    const app = await world.openEnrolled();
    await app.addPasskey();
    app.lock();
    await world.until(app, "locked");
    world.isRecognised = false;
    await expect(app.unlockWithPasskey()).rejects.toMatchObject({ code: "PASSKEY_REFUSED" });
    expect(app.snapshot().kind).toBe("locked");
    world.isRecognised = true;
    await app.unlockWithPasskey();
    expect(app.snapshot().kind).toBe("open");
  });

  it("says from the sixth wrong PIN on how many tries are left and how much is unsent", async () => {
    const app = await world.openEnrolled();
    world.device.gateway.isHospitalAway = true;
    await record(openAppOf(app));
    app.lock();
    await world.until(app, "locked");
    for (let wrong = 1; wrong <= 6; wrong++) {
      expect(app.snapshot()).not.toMatchObject({ vault: { triesLeft: 4 } });
      await app.unlockWithPin("909090");
      await world.device.pass(30 * 60_000);
    }
    expect(app.snapshot()).toMatchObject({ kind: "locked", unsent: 1, vault: { triesLeft: 4 } });
  });

  it("comes after two minutes out of sight, and not before [HS-312a2iii]", async () => {
    const app = await world.openEnrolled();
    world.show(false);
    await world.device.pass(LOCK_AFTER_MS - 1_000);
    expect(app.snapshot().kind).toBe("open");
    await world.device.pass(2_000);
    expect(app.snapshot().kind).toBe("locked");
  });

  it("does not come where the page was seen again in time", async () => {
    const app = await world.openEnrolled();
    world.show(false);
    await world.device.pass(LOCK_AFTER_MS / 2);
    world.show(true);
    await world.device.pass(LOCK_AFTER_MS);
    expect(app.snapshot().kind).toBe("open");
  });

  it("stands before a second tab reads anything", async () => {
    const first = await world.openEnrolled();
    const second = await world.open();
    expect(second.snapshot().kind).toBe("elsewhere");
    expect(first.snapshot().kind).toBe("open");
  });
});

describe("monitoring", () => {
  it("goes on sending behind the lock, and the same app is there after unlocking", async () => {
    const app = await world.openEnrolled();
    const open = openAppOf(app);
    open.monitoring.start(2);
    app.lock();
    await world.until(app, "locked");
    expect(app.snapshot()).toMatchObject({ monitoringUntil: open.monitoring.until });
    await record(open);
    await world.device.until(() => world.device.hospital.stored.length === 1);
    await app.unlockWithPin(PIN);
    expect(openAppOf(app)).toBe(open);
  });

  it("takes the PIN all the same", async () => {
    const app = await world.openEnrolled();
    openAppOf(app).monitoring.start(2);
    app.lock();
    await world.until(app, "locked");
    expect(await app.unlockWithPin("909090")).toMatchObject({ kind: "wrong" });
    expect(app.snapshot().kind).toBe("locked");
  });

  it("lets go of the key when its time is over [HS-312a2iii]", async () => {
    const app = await world.openEnrolled();
    const open = openAppOf(app);
    open.monitoring.start(1);
    app.lock();
    await world.device.pass(3_600_000 + 1_000);
    expect(open.device.status().connection).toBe("stopped");
    expect(app.storageTrouble).toBeUndefined();
  });

  it.each([0, -1, 8.1, Number.NaN])("is not started for %d hours", async (hours) => {
    const app = await world.openEnrolled();
    expect(() => openAppOf(app).monitoring.start(hours)).toThrow(RangeError);
  });
});

describe("a phone without room", () => {
  it("says so, takes no reading, and takes them again once there is room", async () => {
    const app = await world.openEnrolled();
    const open = openAppOf(app);
    world.writesFail = "STORE_FULL";
    await expect(record(open)).rejects.toMatchObject({ code: "STORE_FAILED" });
    expect(app.storageTrouble?.snapshot()).toBe("full");
    await world.device.pass(60_000);
    await expect(record(open)).rejects.toMatchObject({ code: "STORE_FAILED" });
    world.writesFail = undefined;
    await world.device.until(() => app.storageTrouble?.snapshot() === undefined);
    await world.device.settle();
    await record(open);
    await world.device.until(() => world.device.hospital.stored.length === 1);
  });
});

describe("erasing", () => {
  it("leaves neither key nor entry", async () => {
    const app = await world.openEnrolled();
    await record(openAppOf(app));
    await app.wipe();
    expect(app.snapshot().kind).toBe("wiped");
    expect(world.vault.record).toBeUndefined();
    expect(await world.entries.list("")).toEqual([]);
  });

  it("never comes from a refusal alone, which a gateway can forge: the app says so and keeps everything", async () => {
    const app = await world.openEnrolled();
    const open = openAppOf(app);
    world.device.gateway.isHospitalAway = true;
    await record(open);
    for (const binding of world.device.hospital.bindings.values()) binding.state = "revoked";
    world.device.gateway.isHospitalAway = false;
    app.lock();
    await world.until(app, "locked");
    await app.unlockWithPin(PIN);
    const again = openAppOf(app);
    await world.device.until(() => again.device.status().needsAttention);
    expect(again.device.status().lastError?.code).toBe("HANDSHAKE_REFUSED");
    expect(app.snapshot().kind).toBe("open");
    expect(world.isErased).toBe(false);
    expect(again.device.items()).toHaveLength(1);
  });
});
