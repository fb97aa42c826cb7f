#!/usr/bin/python3
"""BlueZ (org.bluez) as a simulation on a private D-Bus of its own, for browser tests without Bluetooth.

The first line of stdin is the configuration, each further one a command; stdout has one event a line; all are JSON
(protocol.ts has their types, README.md their meaning). Everything ends with stdin, with the bus, or after --timeout seconds.
"""
import argparse
import ctypes
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import uuid

import dbus
import dbus.bus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

ADAPTER = "org.bluez.Adapter1"
DEVICE = "org.bluez.Device1"
SERVICE = "org.bluez.GattService1"
CHARACTERISTIC = "org.bluez.GattCharacteristic1"
DESCRIPTOR = "org.bluez.GattDescriptor1"
PROPERTIES = "org.freedesktop.DBus.Properties"
MANAGER = "org.freedesktop.DBus.ObjectManager"
BASE = "-0000-1000-8000-00805f9b34fb"  # the Bluetooth base UUID
NO, YES = dbus.Boolean(False), dbus.Boolean(True)
PAUSE_MS = 80  # before devices and GATT services show up, as with radio
PR_SET_PDEATHSIG = 1  # prctl(2)


def emit(event, **fields):
    print(json.dumps({"event": event, **fields}), flush=True)


def full(text):
    text = text.removeprefix("0x")
    return str(uuid.UUID(f"0000{text}{BASE}" if len(text) == 4 else text))


def short(text):
    text = full(text)
    return text[4:8] if text.startswith("0000") and text.endswith(BASE) else text


class Node(dbus.service.Object):
    """A D-Bus object with one BlueZ interface and its properties."""

    interface = SERVICE

    def __init__(self, sim, path, **properties):
        super().__init__(sim.bus, path)
        self.sim, self.path = sim, path
        self.properties = dbus.Dictionary(properties, signature="sv")
        sim.nodes[path] = self
        sim.InterfacesAdded(dbus.ObjectPath(path), self.described())

    def described(self):
        return dbus.Dictionary({self.interface: self.properties}, signature="sa{sv}")

    def remove(self):
        del self.sim.nodes[self.path]
        self.sim.InterfacesRemoved(dbus.ObjectPath(self.path), [self.interface])
        self.remove_from_connection()

    def update(self, **changes):
        self.properties.update(changes)
        changed = dbus.Dictionary(changes, signature="sv")
        self.PropertiesChanged(self.interface, changed, dbus.Array([], signature="s"))

    @dbus.service.method(PROPERTIES, in_signature="ss", out_signature="v")
    def Get(self, interface, name):
        return self.GetAll(interface)[name]

    @dbus.service.method(PROPERTIES, in_signature="s", out_signature="a{sv}")
    def GetAll(self, interface):
        is_own = interface == self.interface
        return self.properties if is_own else dbus.Dictionary({}, signature="sv")

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, changed, invalidated):
        pass


class Adapter(Node):
    interface = ADAPTER

    @dbus.service.method(ADAPTER, in_signature="a{sv}")
    def SetDiscoveryFilter(self, wanted):
        pass  # the browser filters by itself

    @dbus.service.method(ADAPTER)
    def StartDiscovery(self):
        self.update(Discovering=YES)
        emit("discovery-started")
        GLib.timeout_add(PAUSE_MS, self.sim.show)

    @dbus.service.method(ADAPTER)
    def StopDiscovery(self):
        self.update(Discovering=NO)


class Device(Node):
    """A peripheral that discovery has shown; its GATT objects appear with the first connection."""

    interface = DEVICE

    def __init__(self, sim, path, spec):
        self.spec, self.address, self.gatt, self.handle = spec, spec["address"], [], 0
        flags = "Paired", "Bonded", "Trusted", "Blocked", "LegacyPairing", "Connected", "ServicesResolved"
        super().__init__(
            sim,
            path,
            Address=self.address,
            AddressType="public",
            Name=spec["name"],
            Alias=spec["name"],
            Appearance=dbus.UInt16(spec.get("appearance", 0)),
            Class=dbus.UInt32(0),
            UUIDs=dbus.Array([full(s["uuid"]) for s in spec["services"]], signature="s"),
            Adapter=dbus.ObjectPath(sim.adapter.path),
            RSSI=dbus.Int16(-50),
            TxPower=dbus.Int16(0),
            MTU=dbus.UInt16(247),
            **dict.fromkeys(flags, NO),
        )

    @dbus.service.method(DEVICE)
    def Connect(self):
        if not self.properties["Connected"]:
            self.update(Connected=YES)
            emit("connected", address=self.address)
            GLib.timeout_add(PAUSE_MS, self.resolve)

    @dbus.service.method(DEVICE)
    def Disconnect(self):
        self.drop("central")

    def resolve(self):
        if self.properties["Connected"]:
            if not self.gatt:
                self.gatt = [node for service in self.spec["services"] for node in self.build(service)]
            self.update(ServicesResolved=YES)
        return False

    def place(self, parent, kind):
        self.handle += 1
        return dbus.ObjectPath(f"{parent}/{kind}{self.handle:04x}")

    def build(self, service):
        top = self.place(self.path, "service")
        device = dbus.ObjectPath(self.path)
        yield Node(self.sim, top, UUID=full(service["uuid"]), Primary=YES, Device=device)
        for spec in service["characteristics"]:
            path = self.place(top, "char")
            yield Characteristic(self, path, spec, Service=top, Notifying=NO)
            # A browser looks for this descriptor before it subscribes.
            if {"notify", "indicate"} & set(spec["flags"]):
                place = self.place(path, "desc")
                values = {"uuid": "2902", "value": "0000", "flags": ["read"]}
                yield Descriptor(self, place, values, Characteristic=path)

    def drop(self, by):
        if self.properties["Connected"]:
            self.update(ServicesResolved=NO, Connected=NO)
            for node in self.gatt:
                if node.properties.get("Notifying"):
                    node.update(Notifying=NO)
            emit("disconnected", address=self.address, by=by)

    def find(self, characteristic):
        nodes = {n.label["characteristic"]: n for n in self.gatt if isinstance(n, Characteristic)}
        return nodes[short(characteristic)]  # KeyError: no such one, or never connected


class Attribute(Node):
    """What characteristics and descriptors share: a value, flags, and the fields of their events."""

    def __init__(self, device, path, spec, **properties):
        self.device = device
        self.label = {"address": device.address, "characteristic": short(spec["uuid"])}
        super().__init__(
            device.sim,
            path,
            UUID=full(spec["uuid"]),
            Value=dbus.ByteArray.fromhex(spec.get("value", "")),
            Flags=dbus.Array(spec["flags"], signature="s"),
            **properties,
        )

    def need(self, *flags):
        if not (self.device.properties["Connected"] and set(flags) & set(self.properties["Flags"])):
            message = f"not connected, or none of {flags}"
            raise dbus.DBusException(message, name="org.bluez.Error.NotPermitted")


class Descriptor(Attribute):
    interface = DESCRIPTOR

    @dbus.service.method(DESCRIPTOR, in_signature="a{sv}", out_signature="ay")
    def ReadValue(self, options):
        self.need("read")
        return self.properties["Value"]


class Characteristic(Attribute):
    interface = CHARACTERISTIC

    @dbus.service.method(CHARACTERISTIC, in_signature="a{sv}", out_signature="ay")
    def ReadValue(self, options):
        self.need("read")
        emit("read", **self.label)
        return self.properties["Value"]

    @dbus.service.method(CHARACTERISTIC, in_signature="aya{sv}", byte_arrays=True)
    def WriteValue(self, value, options):
        kind = str(options.get("type", "request"))
        self.need("write-without-response" if kind == "command" else "write")
        emit("written", **self.label, value=bytes(value).hex(), type=kind)

    @dbus.service.method(CHARACTERISTIC)
    def StartNotify(self):
        self.need("notify", "indicate")
        self.update(Notifying=YES)
        emit("subscribed", **self.label)

    @dbus.service.method(CHARACTERISTIC)
    def StopNotify(self):
        self.update(Notifying=NO)
        emit("unsubscribed", **self.label)


class Sim(dbus.service.Object):
    """The root object: all nodes by path, and the commands of the test."""

    def __init__(self, bus, config):
        super().__init__(bus, "/")
        self.bus, self.nodes, self.waiting = bus, {}, config["peripherals"]
        self.adapter = Adapter(
            self,
            "/org/bluez/hci0",
            Address="02:00:00:00:00:01",
            AddressType="public",
            Name="bluez-sim",
            Alias="bluez-sim",
            Powered=YES,
            Discovering=NO,
            Discoverable=NO,
            Pairable=NO,
        )
        self.name = dbus.service.BusName("org.bluez", bus, do_not_queue=True)

    @dbus.service.method(MANAGER, out_signature="a{oa{sa{sv}}}")
    def GetManagedObjects(self):
        described = {path: node.described() for path, node in self.nodes.items()}
        return dbus.Dictionary(described, signature="oa{sa{sv}}")

    @dbus.service.signal(MANAGER, signature="oa{sa{sv}}")
    def InterfacesAdded(self, path, interfaces):
        pass

    @dbus.service.signal(MANAGER, signature="oas")
    def InterfacesRemoved(self, path, interfaces):
        pass

    def where(self, address):
        return f"{self.adapter.path}/dev_{address.replace(':', '_')}"

    def show(self):
        for device in [node for node in self.nodes.values() if node.interface == DEVICE]:
            device.update(RSSI=dbus.Int16(-50))  # seen again: browsers do not list it without
        while self.waiting and self.adapter.properties["Discovering"]:
            spec = self.waiting.pop(0)
            Device(self, self.where(spec["address"]), spec)
        return False

    def command(self, verb, what):
        if verb == "add":
            self.waiting.append(what)
            self.show()
            return
        device = self.nodes[self.where(what["address"])]
        if verb == "disconnect":
            device.drop("peripheral")
        elif verb == "remove":
            device.drop("peripheral")
            for node in [*reversed(device.gatt), device]:
                node.remove()
        elif verb in ("notify", "set"):
            node, value = device.find(what["characteristic"]), dbus.ByteArray.fromhex(what["value"])
            if verb == "notify" and not node.properties["Notifying"]:
                raise ValueError("nobody has subscribed")
            (node.update if verb == "notify" else node.properties.update)(Value=value)
        else:
            raise ValueError("unknown command")

    def take(self, line):
        try:
            [[verb, what]] = json.loads(line).items()
            self.command(verb, what)
        except Exception as error:  # a bad command is reported; the run goes on
            message = f"{type(error).__name__}: {error}"
            emit("error", command=line.decode(errors="replace"), message=message)


class Input:
    """Lines of stdin, read without a buffer of Python's, which GLib would not see."""

    def __init__(self):
        self.rest = b""

    def more(self):
        """The whole lines that came; None at the end of stdin."""
        data = os.read(0, 65536)
        *lines, self.rest = (self.rest + data).split(b"\n")
        return [line for line in lines if line.strip()] if data else None

    def first(self):
        lines = []
        while not lines:
            lines = self.more()
            if lines is None:
                sys.exit("stdin ended before the configuration")
        return lines


def end_with_parent():
    """Has the kernel kill this child with its parent, however that one dies."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def start_bus(folder):
    """Starts a message bus on a socket of its own; returns its process and address."""
    address = f"unix:path={folder}/bus"
    config = pathlib.Path(__file__).with_name("bus.conf")
    daemon = subprocess.Popen(
        ["dbus-daemon", f"--config-file={config}", f"--address={address}", "--nofork", "--nopidfile", "--print-address"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=end_with_parent,
    )
    if not daemon.stdout.readline():  # it prints the address when it listens
        sys.exit("dbus-daemon did not start")
    return daemon, address


def run(address, seconds):
    source = Input()
    config, *early = source.first()
    loop = GLib.MainLoop()
    GLib.timeout_add_seconds(seconds, loop.quit)
    bus = dbus.bus.BusConnection(address, mainloop=dbus.mainloop.glib.DBusGMainLoop())
    bus.call_on_disconnection(lambda _: loop.quit())
    sim = Sim(bus, json.loads(config))

    def take(*_):
        lines = source.more()
        for line in lines or []:
            sim.take(line)
        if lines is None:
            loop.quit()
        return lines is not None

    emit("ready", address=address)
    for line in early:
        sim.take(line)
    GLib.io_add_watch(0, GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, take)
    loop.run()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--timeout", type=int, default=120, help="seconds until it ends by itself (120)")
    seconds = parser.parse_args().timeout
    with tempfile.TemporaryDirectory(prefix="siphms-bluez-") as folder:
        daemon, address = start_bus(folder)
        try:
            run(address, seconds)
        finally:
            daemon.kill()
            daemon.wait()


main()
