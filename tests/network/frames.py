#!/usr/bin/env python3
"""Frames by hand, as root of a network: frames.py send LINK HEX..., frames.py count LINK SECONDS SUBSTRING.

`count` says how many frames come in over the link which hold the bytes, in hexadecimal; "ready" when it listens."""
import socket
import sys
import time

ALL = 3  # ETH_P_ALL
OUTGOING = 4  # PACKET_OUTGOING


def send(link: str, *frames: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind((link, 0))
        for frame in frames:
            raw.send(bytes.fromhex(frame))


def count(link: str, seconds: str, wanted: str) -> None:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ALL)) as raw:
        raw.bind((link, ALL))
        print("ready", flush=True)
        found, end = 0, time.monotonic() + float(seconds)
        while (left := end - time.monotonic()) > 0:
            raw.settimeout(left)
            try:
                frame, address = raw.recvfrom(2000)
            except TimeoutError:
                break
            found += address[2] != OUTGOING and bytes.fromhex(wanted) in frame
        print(found)


if __name__ == "__main__":
    {"send": send, "count": count}[sys.argv[1]](*sys.argv[2:])
