"""The client `uhppoted` (PyPI), told what to do.

    python3 uhppoted_client.py SERIAL IP:PORT

Each line of standard input is a JSON object: `{"encode": NAME, "args": […]}` answers with the packet of that request as hex digits, and
`{"call": NAME, "args": […]}` sends it to the controller and answers with what the library makes of the reply. Arguments that JSON does not have are
`{"date": "2026-11-25"}`, `{"datetime": "2026-11-25 16:08:45"}`, `{"time": "08:30"}` and `{"ip": "192.168.1.100"}`.
"""

import datetime
import ipaddress
import json
import sys

from uhppoted import encode
from uhppoted.uhppote import Uhppote

serial, address = int(sys.argv[1]), sys.argv[2]
controller = (serial, address, "udp")
client = Uhppote("127.0.0.1", "127.0.0.1:60000", "127.0.0.1:60001")


def value(given):
    if not isinstance(given, dict):
        return given
    (kind, text), = given.items()
    return {
        "date": lambda: datetime.date.fromisoformat(text),
        "datetime": lambda: datetime.datetime.fromisoformat(text),
        "time": lambda: datetime.time.fromisoformat(text),
        "ip": lambda: ipaddress.IPv4Address(text),
    }[kind]()


for line in sys.stdin:
    told = json.loads(line)
    arguments = [value(given) for given in told["args"]]
    try:
        if "encode" in told:
            packet = getattr(encode, told["encode"])(told.get("serial", serial), *arguments)
            answer = {"encoded": told["encode"], "hex": bytes(packet).hex()}
        else:
            reply = getattr(client, told["call"])(controller, *arguments)
            answer = {"called": told["call"], "reply": None if reply is None else vars(reply)}
    except Exception as error:
        answer = {"failed": str(error), "told": told}
    print(json.dumps(answer, default=str), flush=True)
