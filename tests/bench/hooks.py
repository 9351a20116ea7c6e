# SPDX-License-Identifier: GPL-2.0-or-later
"""What counting adds to each system call, packet and block operation."""
import contextlib
import os
import shutil
import subprocess
import tempfile

import bench

BPFTRACE_CALLS = "tracepoint:raw_syscalls:sys_exit { @[cgroup, args->id] = count(); }"
BPFTRACE_BEGIN = 'BEGIN { printf("ready\\n"); } '


def empty(name):
    return lambda: bench.Held([bench.EMPTY, bench.cgroup2(), name], b"ready")


@contextlib.contextmanager
def all_empty(*names):
    with contextlib.ExitStack() as stack:
        for name in names:
            stack.enter_context(empty(name)())
        yield


def peer(ready, *command):
    def begin():
        if not shutil.which(command[0]):
            raise bench.Unavailable(f"{command[0]} is not installed")
        # Into a pipe they would keep their first lines to themselves.
        return bench.Held(bench.with_tracefs(["stdbuf", "-oL", *command]), ready)
    return begin


def nothing():
    return contextlib.nullcontext()


# The first two are what ratios are taken against.
CALL_CONDITIONS = {
    "nothing": nothing,
    "empty program": empty("exit_only"),
    "empty enter + exit": empty("both_"),
    "the same, with clocks": empty("clock_"),
    "contop": lambda: bench.contop(),
    "contop, latency": lambda: bench.contop("-P", "syscalls", "-F", "syscall,count,latency_avg_ns"),
    "contop, -c filters out": lambda: bench.contop("-c", "no-such-container"),
    "syscount": peer(b"Tracing", "syscount", "-i", "3600"),
    "syscount -P": peer(b"Tracing", "syscount", "-P", "-i", "3600"),
    "syscount -L": peer(b"Tracing", "syscount", "-L", "-i", "3600"),
    "bpftrace": peer(b"ready", "bpftrace", "-B", "line", "-e", BPFTRACE_BEGIN + BPFTRACE_CALLS),
}

# An exchange has system calls, too: what these cost is no packet's.
WITHOUT_PACKETS = "contop, system calls only"

PACKET_CONDITIONS = {
    "nothing": nothing,
    "empty program": empty("packet_"),
    "empty programs, system calls too": lambda: all_empty("packet_", "exit_only"),
    "contop": lambda: bench.contop(),
    WITHOUT_PACKETS: lambda: bench.contop(without="cgroup_skb*"),
    "contop, --hints": lambda: bench.contop("--hints"),
    "contop, -c filters out": lambda: bench.contop("-c", "no-such-container"),
}

DISK_CONDITIONS = {
    "nothing": nothing,
    "empty program": empty("block_"),
    "contop": lambda: bench.contop(),
}


def compare(conditions, loads):
    """Figures of every load under every condition, by round: {condition: {load: [figure]}}."""
    figures = {name: {load: [] for load in loads} for name in conditions}
    missing = {}
    for _ in range(bench.ROUNDS):
        for name, begin in conditions.items():
            if name in missing:
                continue
            try:
                with begin():
                    for load, measure in loads.items():
                        figures[name][load].append(measure())
            except bench.Unavailable as error:
                missing[name] = str(error)
    for name, reason in missing.items():
        print(f"\n{name}: not measured: {reason}")
        del figures[name]
    return figures


def added(figures, name, load):
    """Median over the rounds of what a condition adds to nothing."""
    return bench.median([with_it - without for with_it, without in
                         zip(figures[name][load], figures["nothing"][load])])


def show(title, unit, figures, loads):
    columns = [f"{unit} added"] + [column for load in loads for column in (load, "x empty")]
    rows, results = [], {}
    for name in figures:
        row = [name]
        results[name] = {}
        for load in loads:
            if name == "nothing":
                value, ratio = bench.median(figures[name][load]), None
            else:
                value = added(figures, name, load)
                floor = added(figures, "empty program", load)
                ratio = value / floor if floor > 0 else None
            results[name][load] = {"value": value, "x_empty": ratio}
            row += [value, ratio]
        rows.append(row)
    bench.table(title, columns, rows)
    return results


def syscalls():
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes(1 << 16))
        file.flush()
        loads = {"getppid": lambda: bench.work("getppid"),
                 "pread 4k": lambda: bench.work("pread", file.name),
                 "futex": lambda: bench.work("futex")}
        figures = compare(CALL_CONDITIONS, loads)
        results = show("System calls: what a call costs, and what each adds to it", "ns",
                       figures, loads)
    if shutil.which("strace"):
        prefix = ("strace", "-c", "-f", "-o", "/dev/null")
        slow = bench.work("few-getppid", prefix=prefix) - bench.median(figures["nothing"]["getppid"])
        print(f"  strace -c adds {slow:,.0f} ns to a getppid")
        results["strace -c"] = {"getppid": {"value": slow}}
    return results


@contextlib.contextmanager
def namespaces():
    """Two network namespaces with a veth pair between them, as ids of processes in them."""
    holders = [subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; exec sleep 3600"],
                                stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for holder in holders:
            holder.stdout.readline()
        pids = [str(holder.pid) for holder in holders]
        inside = [["nsenter", "-n", "-t", pid] for pid in pids]
        run = lambda *command: subprocess.run(command, check=True)
        run(*inside[0], "ip", "link", "add", "veth0", "type", "veth", "peer", "name", "veth1",
            "netns", pids[1])
        for i in range(2):
            run(*inside[i], "ip", "address", "add", f"10.77.0.{i + 1}/24", "dev", f"veth{i}")
            run(*inside[i], "ip", "link", "set", f"veth{i}", "up")
        yield inside
    finally:
        for holder in holders:
            holder.kill()
            holder.wait()


def packets_alone(figures, load):
    """What counting packets adds, and what the empty programs on the same hooks do."""
    if WITHOUT_PACKETS not in figures:
        raise bench.Unavailable("contop does not count here")
    each = bench.median([with_them - without for with_them, without in
                         zip(figures["contop"][load], figures[WITHOUT_PACKETS][load])])
    return each, added(figures, "empty program", load)


def packets():
    with namespaces() as (client, server), \
         bench.Held([*server, bench.WORK, "sink", "7001"], b"ready"):
        loads = {"udp exchange": lambda: bench.work("udp"),
                 "tcp exchange": lambda: bench.work("tcp"),
                 "dns exchange": lambda: bench.work("dns")}
        both = dict(loads)
        both["stream"] = lambda: bench.work("stream", "10.77.0.2", 7001, prefix=client)
        figures = compare(PACKET_CONDITIONS, both)
    results = show("Loopback exchanges: what one costs, and what each adds to it", "ns",
                   figures, loads)
    rows = []
    for name in figures:
        rates = figures[name]["stream"]
        share = bench.median([rate / bare for rate, bare in zip(rates, figures["nothing"]["stream"])])
        slower = {load: bench.median([b / a for a, b in zip(figures[name][load],
                                                            figures["nothing"][load])])
                  for load in loads}
        rows.append([name, bench.median(rates) / 1e9, share, *slower.values()])
        results[name]["stream"] = {"bytes_per_second": bench.median(rates), "x_nothing": share}
        results[name]["rate"] = slower
    for load in loads:
        each, floor = packets_alone(figures, load)
        results[load] = {"packets_ns": each, "x_empty": each / floor}
    bench.table("Packets alone: what they add to an exchange beside its system calls",
                ["", "ns", "x empty"],
                [[load, results[load]["packets_ns"], results[load]["x_empty"]] for load in loads])
    bench.table("Throughput: a stream between two namespaces, and rates of exchanges",
                ["", "stream GB/s", "x nothing"] + [f"{load} x nothing" for load in loads], rows)
    return results


def disk():
    directory = os.environ.get("BENCH_DIR", ".")
    with tempfile.NamedTemporaryFile(dir=directory) as file:
        file.write(os.urandom(1 << 20) * 32)
        file.flush()
        os.fsync(file.fileno())
        loads = {"direct 4k read": lambda: bench.work("disk", file.name)}
        return show("Block I/O: what a direct random read costs, and what each adds to it", "ns",
                    compare(DISK_CONDITIONS, loads), loads)
