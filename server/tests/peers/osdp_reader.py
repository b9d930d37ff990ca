"""An OSDP reader by libosdp (PyPI), on a terminal.

    python3 osdp_reader.py PATH ADDRESS SCBK FLAGS

SCBK is 32 hex digits or `-`; FLAGS is a list such as `enforce,install` or `-`. What it is told comes on standard input, one JSON object a line;
what it was asked goes to standard output the same way, with the seconds since it began.
"""

import json
import os
import sys
import termios
import threading
import time
import tty

import osdp
from osdp import Capability, Channel, Command, Event, CardFormat, LibFlag, LogLevel, PDCapabilities, PDInfo, StatusReportType

path, address, scbk, flags = sys.argv[1:5]
begun = time.monotonic()


def say(**what):
    what["at"] = time.monotonic() - begun
    print(json.dumps(what, default=lambda raw: raw.hex()), flush=True)


class Line(Channel):
    """One end of a wire; unplugged, it hears and says nothing."""

    def __init__(self):
        super().__init__()
        self.file = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        tty.setraw(self.file, termios.TCSANOW)
        self.plugged = True

    def read(self, most):
        try:
            heard = os.read(self.file, most)
        except (BlockingIOError, OSError):
            return b""
        return heard if self.plugged else b""

    def write(self, sent):
        return os.write(self.file, bytes(sent)) if self.plugged else len(sent)

    def flush(self):
        pass


def asked(command):
    if command.get("command") == Command.Status:
        # The binding cannot fill in a report that is asked for, so contacts are reported by themselves; libosdp answers NAK.
        return 0, None
    names = {Command.Output: "output", Command.Keyset: "keyset", Command.LED: "led", Command.Buzzer: "buzzer"}
    say(asked=names.get(command.get("command"), "other"), **{key: command[key] for key in command if key != "command"})
    return 0, None


line = Line()
capabilities = PDCapabilities([
    (Capability.OutputControl, 3, 1),
    (Capability.ContactStatusMonitoring, 1, 2),
    (Capability.LEDControl, 1, 1),
    (Capability.AudibleControl, 1, 1),
    (Capability.CardDataFormat, 1, 1),
    (Capability.CommunicationSecurity, 1, 1),
])
known = {"enforce": LibFlag.EnforceSecure, "install": LibFlag.InstallMode}
info = PDInfo(
    int(address), line, scbk=None if scbk == "-" else bytes.fromhex(scbk),
    flags=[known[flag] for flag in flags.split(",") if flag in known],
)
reader = osdp.PeripheralDevice(info, capabilities, log_level=LogLevel.Warning, command_handler=asked)


def refresh():
    # libosdp's own loop sleeps for 20 ms, which is no reader's speed.
    while True:
        with reader.lock:
            reader.ctx.refresh()
        time.sleep(0.002)


reader.lock = threading.Lock()
threading.Thread(target=refresh, daemon=True).start()
say(ready=True)
secure = False


def watch():
    global secure
    while True:
        with reader.lock:
            now = reader.is_sc_active()
        if now != secure:
            secure = now
            say(secure=now)
        time.sleep(0.02)


threading.Thread(target=watch, daemon=True).start()
for text in sys.stdin:
    told = json.loads(text)
    if "card" in told:
        event = {"event": Event.CardRead, "reader_no": 0, "direction": 0, "format": CardFormat.Unspecified,
                 "length": told["bits"], "data": bytes.fromhex(told["card"])}
    elif "keys" in told:
        event = {"event": Event.KeyPress, "reader_no": 0, "data": told["keys"].encode("latin-1")}
    elif "inputs" in told:
        event = {"event": Event.Status, "type": StatusReportType.Input, "report": bytes(told["inputs"])}
    elif "plugged" in told:
        line.plugged = told["plugged"]
        continue
    elif "tamper" in told:
        event = {"event": Event.Status, "type": StatusReportType.Local, "report": bytes([int(told["tamper"]), 0])}
    else:
        sys.exit(f"unknown: {text}")
    with reader.lock:
        submitted = reader.ctx.submit_event(event)
    say(submitted=bool(submitted))
