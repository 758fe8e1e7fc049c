# SPDX-License-Identifier: MIT
"""What the scripts of this directory share: the echo server as a process, and checks that are told and counted."""

import argparse
import contextlib
import pathlib
import re
import reprlib
import resource
import signal
import subprocess
import sys
import threading

PATIENCE = 10  # seconds, for anything that should take none


class EchoServer:
    """The binary on a free port, as `with EchoServer(path) as server:`. When left it is stopped, and must exit 0."""

    running = []

    def __init__(self, binary, max_files=None):
        self.process = subprocess.Popen(
            [binary, "0"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.running.append(self.process)
        if max_files:
            resource.prlimit(self.process.pid, resource.RLIMIT_NOFILE, (max_files, max_files))
        kill_if_late = threading.Timer(PATIENCE, self.process.kill)
        kill_if_late.start()
        line = self.process.stdout.readline()
        kill_if_late.cancel()
        found = re.search(r"http://127\.0\.0\.1:(\d+)/", line)
        if not found:
            self.process.kill()
            sys.exit(f"the server names no port: {line!r} {self.process.communicate()[1]!r}")
        self.port = int(found[1])
        self.address = ("127.0.0.1", self.port)
        self.page = f"http://127.0.0.1:{self.port}/"
        self.url = f"ws://127.0.0.1:{self.port}/"

    def __enter__(self):
        return self

    def __exit__(self, error, *_):
        self.signal(signal.SIGINT)
        ended = self.wait()
        if error is None:
            check("the server ends with status 0 and without complaint", (0, ""), ended)

    def signal(self, number):
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def wait(self):
        """Waits for the process to end; returns its status and what it said on stderr."""
        try:
            said = self.process.communicate(timeout=PATIENCE)[1]
        except subprocess.TimeoutExpired:
            self.process.kill()
            said = self.process.communicate()[1] + f"(killed, for it did not end within {PATIENCE} s)"
        return self.process.returncode, said

    def resident_kib(self):
        """Memory that the process holds, in KiB."""
        return int(re.search(r"VmRSS:\s+(\d+) kB", pathlib.Path(f"/proc/{self.process.pid}/status").read_text())[1])

    def processor_seconds(self):
        """Time that the process has spent computing."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / 100


passed = 0
lock = threading.Lock()


def check(name, expected, seen):
    """Tells the outcome of one check, and ends the script where it failed."""
    global passed
    if seen != expected:
        raise SystemExit(f"FAILED {name}\n  expected {shortened(expected)}\n  seen     {shortened(seen)}")
    with lock:
        passed += 1
        print("ok", name, flush=True)


def shortened(value):
    brief = reprlib.Repr()
    brief.maxlist = brief.maxtuple = brief.maxdict = 12
    brief.maxstring = brief.maxother = 120
    return brief.repr(value)


def run(checks, *options):
    """Runs a script's checks with what it was given, ends them if they take too long, and tells their number."""

    def give_up(*_):
        for process in EchoServer.running:  # so that whoever waits for one waits no longer
            process.kill()
        raise SystemExit("FAILED: not done within 50 s")

    parser = argparse.ArgumentParser()
    parser.add_argument("binary", metavar="PATH_TO_ECHO_SERVER")
    for option in options:
        parser.add_argument(option, metavar="FILE")
    given = parser.parse_args()
    signal.signal(signal.SIGALRM, give_up)
    signal.alarm(50)
    checks(**vars(given))
    print(passed, "checks passed")
