# SPDX-License-Identifier: GPL-2.0-or-later
"""How long it takes from the command to the first line or screen."""
import shutil
import subprocess
import time

import bench


def first_line():
    begin = time.monotonic()
    with bench.Held([bench.CONTOP, "-b", "-d", "0.1"], b"host"):
        return time.monotonic() - begin - 0.1


def first_screen():
    begin = time.monotonic()
    with bench.Screen([]) as screen:
        if not screen.run(20, until=b"contop"):
            raise bench.Unavailable("no screen in time")
        return time.monotonic() - begin


def bpftrace():
    if not shutil.which("bpftrace"):
        raise bench.Unavailable("bpftrace is not installed")
    begin = time.monotonic()
    done = subprocess.run(bench.with_tracefs(["bpftrace", "-e", "tracepoint:raw_syscalls:sys_exit "
                                              "{ @[cgroup, args->id] = count(); exit(); }"]),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise bench.Unavailable("bpftrace does not work here")
    return time.monotonic() - begin


def start():
    times = {"first line of batch (less its interval)": [], "first screen": [], "bpftrace": []}
    for _ in range(bench.ROUNDS):
        for figures, measure in zip(times.values(), (first_line, first_screen, bpftrace)):
            try:
                figures.append(measure() * 1e3)
            except bench.Unavailable as error:
                print(f"\n{measure.__name__}: not measured: {error}")
    medians = {name: bench.median(figures) for name, figures in times.items() if figures}
    peer = medians.get("bpftrace")
    bench.table("Start", ["", "ms", "x bpftrace"],
                [[name, ms, ms / peer if peer else None] for name, ms in medians.items()])
    return medians
