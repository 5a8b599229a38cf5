#!/usr/bin/env python3
"""free_ports.py CLAIMS COUNT OWNER: prints ports that nobody listens on and claims them for the folder OWNER.

A claim is a file CLAIMS/PORT that names the owner; it holds as long as that folder exists, so that stopped nodes
find their ports again and clusters that start at the same time get different ones. The ports lie below those that
the kernel hands out to outgoing connections.
"""

import errno
import fcntl
import pathlib
import random
import socket
import sys

FIRST, LAST = 15000, 31000


def listens(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):  # no IPv6 here
                return True
    return False


def is_claimed(claim: pathlib.Path) -> bool:
    try:
        return pathlib.Path(claim.read_text()).is_dir()
    except FileNotFoundError:
        return False


def main(claims: pathlib.Path, count: int, owner: str) -> int:
    claims.mkdir(parents=True, exist_ok=True)
    with (claims / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = []
        for port in random.sample(range(FIRST, LAST), LAST - FIRST):
            if len(found) == count:
                break
            if not is_claimed(claims / str(port)) and not listens(port):
                (claims / str(port)).write_text(owner)
                found.append(port)
    if len(found) < count:
        sys.exit(f"kafka: {count} free ports wanted between {FIRST} and {LAST}, found {len(found)}")
    print(*found)
    return 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
