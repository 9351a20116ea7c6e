# SPDX-License-Identifier: GPL-2.0-or-later
"""What tools take themselves that show a host once a second, all on the same one."""
import shutil
import subprocess
import time

import bench
import tick

SECONDS = 5
CONTAINERS, FLOWS, MOVING = 100, 1000, 1000

# Each on a terminal of its own; -t of these two is a text mode, without names of addresses.
PEERS = {
    "htop": ["htop", "-d", "10"],
    "top": ["top", "-d", "1"],
    "nethogs": ["nethogs", "-t", "-a", "-d", "1"],
    "iftop": ["iftop", "-t", "-n", "-N", "-i", "lo"],
    "docker stats": ["docker", "stats"],
}


def used(program, arguments):
    with bench.Screen(arguments, program=program) as screen:
        screen.run(3)
        before = bench.Cost(screen.pid)
        screen.run(SECONDS)
        after = bench.Cost(screen.pid)
        return {"cpu_ms": (after.cpu_ns - before.cpu_ns) / 1e6 / SECONDS,
                "rss": bench.field(screen.pid, "status", "VmRSS") * 1024}


def works(name, command):
    if not shutil.which(command[0]):
        return False
    return name != "docker stats" or subprocess.run(
        ["docker", "version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        check=False).returncode == 0


def readers():
    commands = {"contop": (bench.CONTOP, []), "contop, all flows": (bench.CONTOP, ["-P", "flows"])}
    for name, command in PEERS.items():
        if works(name, command):
            commands[name] = (shutil.which(command[0]), command[1:])
        else:
            print(f"\n{name}: not measured: it is not installed, or does not work here")
    figures = {name: [] for name in commands}
    with tick.world(CONTAINERS, FLOWS, MOVING) as held:
        tick.begin(held)
        time.sleep(2)
        for _ in range(bench.ROUNDS):
            for name, (program, arguments) in commands.items():
                try:
                    figures[name].append(used(program, arguments))
                except bench.Unavailable as error:
                    print(f"\n{name}: not measured: {error}")
    results = {name: {key: bench.median([figure[key] for figure in some]) for key in some[0]}
               for name, some in figures.items() if some}
    own = results["contop"]["cpu_ms"]
    bench.table(f"Watching {CONTAINERS} containers with {FLOWS:,} flows, each second",
                ["", "CPU ms", "x contop", "RSS MiB"],
                [[name, row["cpu_ms"], row["cpu_ms"] / own, row["rss"] / 2**20]
                 for name, row in results.items()])
    return results
