# SPDX-License-Identifier: GPL-2.0-or-later
"""What an interval costs contop itself, by how much there is on the host.

Containers are cgroups and flows are datagrams over loopback, both real; so is
what contop does with them.
"""
import contextlib
import os
import shutil
import subprocess

import bench

TICKS = 5
# Containers, flows, and how many of those move in each interval.
SIZES = [(10, 100, 0), (10, 100, 100), (100, 10000, 0), (100, 10000, 10000), (1000, 10000, 0),
         (1000, 10000, 10000), (1000, 100000, 0), (1000, 100000, 1000), (1000, 100000, 100000)]


def home():
    """A directory of our own in the hierarchy by which contop tells containers apart."""
    hierarchies = [line.split(":") for line in bench.read("/proc/self/cgroup").splitlines()]
    for controller in ("pids", "memory", "cpuacct"):
        mount = f"/sys/fs/cgroup/{controller}"
        if any(controller in parts[1].split(",") for parts in hierarchies) and os.path.isdir(mount):
            return f"{mount}/contop-bench-{os.getpid()}"
    return f"{bench.cgroup2()}/contop-bench-{os.getpid()}"


@contextlib.contextmanager
def world(containers, flows, moving):
    directory = home()
    os.mkdir(directory)
    try:
        with bench.Held([bench.WORLD, directory, str(containers), str(flows), str(moving)],
                        b"ready") as held:
            try:
                yield held
            finally:
                held.process.stdin.close()
                held.process.wait(60)
    finally:
        os.rmdir(directory)


def begin(held):
    held.process.stdin.write(b"x")
    held.process.stdin.flush()
    held.wait_for(b"moved", 60)


def used(pid, run, ticks):
    before = bench.Cost(pid)
    run()
    after = bench.Cost(pid)
    return {"cpu_ms": (after.cpu_ns - before.cpu_ns) / 1e6 / ticks,
            "wakeups": (after.wakeups - before.wakeups) / ticks,
            "bytes": (after.bytes - before.bytes) / ticks}


def on_screen(containers, flows, moving):
    with world(containers, flows, moving) as held, \
         bench.Screen(["-P", "flows"]) as screen:
        screen.run(2)
        begin(held)
        screen.run(3)
        cost = used(screen.pid, lambda: screen.run(TICKS), TICKS)
        cost["rss"] = bench.field(screen.pid, "status", "VmRSS") * 1024
        cost["kernel"] = bench.kernel_memory(screen.pid)
        return cost


def in_batch(containers, flows, moving):
    with world(containers, flows, moving) as held, \
         bench.Held([bench.CONTOP, "-b", "-P", "containers"], b"NAME") as contop:
        begin(held)
        for _ in range(3):
            contop.wait_for(b"NAME")
        def some_ticks():
            for _ in range(TICKS):
                contop.wait_for(b"NAME")
        return used(contop.process.pid, some_ticks, TICKS)


def calls_of_a_tick(containers, flows, moving):
    """System calls, counted by strace in a run of its own: it slows down what it watches."""
    if not shutil.which("strace"):
        return None
    with world(containers, flows, moving) as held, \
         bench.Held([bench.CONTOP, "-b", "-P", "containers"], b"NAME") as contop:
        begin(held)
        for _ in range(3):
            contop.wait_for(b"NAME")
        done = subprocess.run(["timeout", "-s", "INT", "4.5", "strace", "-c", "-f", "-U", "calls,name",
                               "-p", str(contop.process.pid)], stderr=subprocess.PIPE, text=True,
                              check=False)
        contop.drain()
    for line in done.stderr.splitlines():
        if line.strip().endswith("total"):
            return int(line.split()[0]) / 4.5
    return None


def tick():
    rows, results = [], []
    for containers, flows, moving in SIZES:
        screen = on_screen(containers, flows, moving)
        batch = in_batch(containers, flows, moving)
        rows.append([f"{containers} x {flows:,}, {moving:,} moving", screen["cpu_ms"],
                     screen["wakeups"], int(screen["bytes"]), batch["cpu_ms"], batch["wakeups"],
                     screen["rss"] / 2**20, screen["kernel"] / 2**20])
        results.append({"containers": containers, "flows": flows, "moving": moving,
                        "screen": screen, "batch": batch})
    bench.table("An interval of contop, by containers x flows",
                ["", "screen ms", "wake-ups", "bytes", "batch ms", "wake-ups", "RSS MiB",
                 "kernel MiB"], rows)
    calls = calls_of_a_tick(20, 100, 0)
    if calls is not None:
        print(f"  system calls in an interval of batch with 20 containers: {calls:.0f}")
    return results
