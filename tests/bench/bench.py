# SPDX-License-Identifier: GPL-2.0-or-later
"""What the benchmarks share: programs held in the background, medians, tables."""
import json
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import termios
import time
import fcntl

HERE = os.path.dirname(os.path.abspath(__file__))
CONTOP = os.environ.get("CONTOP", "./contop")
WORK = os.environ.get("WORK", "tests/bench/work")
EMPTY = os.environ.get("EMPTY", "tests/bench/empty")
WORLD = os.environ.get("WORLD", "tests/bench/world")
ROUNDS = int(os.environ.get("ROUNDS", "5"))
CPUS = sorted(os.sched_getaffinity(0))


class Unavailable(Exception):
    """A peer that is not installed, or does not work here."""


class Held:
    """A program that runs while something is measured; begins when `ready` is in its output."""

    def __init__(self, command, ready, patience=20, stream="stdout"):
        try:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE if stream == "stdout" else subprocess.DEVNULL,
                                            stderr=subprocess.PIPE if stream == "stderr" else subprocess.DEVNULL,
                                            start_new_session=True)
        except OSError as error:
            raise Unavailable(str(error)) from error
        self.output = getattr(self.process, stream)
        self.wait_for(ready, patience)

    def wait_for(self, text, patience=20):
        seen, end = b"", time.monotonic() + patience
        while text not in seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.output], [], [], left)[0]:
                self.stop()
                raise Unavailable("not ready in time")
            part = os.read(self.output.fileno(), 65536)
            if not part:
                self.process.wait()
                raise Unavailable("ended at once")
            seen = (seen + part)[-65536 - len(text):]
        return seen

    def drain(self):
        """Takes what it has written, so that it never waits for a reader."""
        while select.select([self.output], [], [], 0)[0]:
            if not os.read(self.output.fileno(), 1 << 20):
                return

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.stdin.close()
                self.process.wait(10)
            except (subprocess.TimeoutExpired, OSError):
                self.process.kill()
                self.process.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Screen:
    """A program, contop if none is said, on a terminal of its own."""

    def __init__(self, arguments, rows=40, columns=120, program=CONTOP):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "xterm-256color"
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            os.execv(program, [program] + arguments)
        self.written = 0

    def run(self, seconds, until=None):
        """Takes what it draws, for a time or until a text is there; True: it was."""
        end, seen = time.monotonic() + seconds, b""
        while (left := end - time.monotonic()) > 0:
            if select.select([self.master], [], [], left)[0]:
                try:
                    part = os.read(self.master, 1 << 16)
                except OSError:
                    raise Unavailable("it ended") from None
                self.written += len(part)
                seen = (seen + part)[-1 << 17:] if until else b""
                if until and until in seen:
                    return True
        return False

    def ends(self, seconds):
        """Whether it does, in this time; what it still draws is taken."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.05)[0]:
                try:
                    os.read(self.master, 1 << 16)
                except OSError:
                    pass
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
        return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            os.write(self.master, b"q")
        except OSError:
            pass
        if not self.ends(2):
            os.kill(self.pid, signal.SIGINT)
            if not self.ends(2):
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
        os.close(self.master)


def read(path):
    with open(path, encoding="ascii", errors="replace") as file:
        return file.read()


def field(pid, file, name):
    for line in read(f"/proc/{pid}/{file}").splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1])
    return 0


class Cost:
    """What a process has used so far; the difference of two is what it used between."""

    def __init__(self, pid):
        tasks = os.listdir(f"/proc/{pid}/task")
        self.cpu_ns = sum(int(read(f"/proc/{pid}/task/{task}/schedstat").split()[0])
                          for task in tasks)
        self.wakeups = sum(field(f"{pid}/task/{task}", "status", "voluntary_ctxt_switches")
                           for task in tasks)
        self.bytes = field(pid, "io", "wchar")
        self.calls = field(pid, "io", "syscr") + field(pid, "io", "syscw")


def kernel_memory(pid):
    """Bytes of the maps that a process holds open, each once."""
    maps = {}
    for fd in os.listdir(f"/proc/{pid}/fdinfo"):
        try:
            lines = dict(line.split(":\t", 1) for line in
                         read(f"/proc/{pid}/fdinfo/{fd}").splitlines() if ":\t" in line)
        except OSError:
            continue
        if "map_id" in lines:
            maps[lines["map_id"]] = int(lines["memlock"])
    return sum(maps.values())


def work(*arguments, prefix=()):
    """Runs one load, on the last CPU; its figure."""
    done = subprocess.run([*prefix, "taskset", "-c", str(CPUS[-1]), WORK, *map(str, arguments)],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    try:
        return float(done.stdout.split()[-1])
    except (IndexError, ValueError):
        raise Unavailable("the load failed") from None


def median(numbers):
    return statistics.median(numbers)


def cgroup2():
    """Where cgroup v2 is mounted."""
    for line in read("/proc/self/mounts").splitlines():
        parts = line.split()
        if parts[2] == "cgroup2":
            return parts[1]
    raise Unavailable("cgroup v2 is not mounted")


def with_tracefs(command):
    """A command that sees tracefs also where the host has not mounted it."""
    script = "[ -d /sys/kernel/tracing/events ] || mount -t tracefs none /sys/kernel/tracing; exec \"$@\""
    return ["unshare", "-m", "sh", "-c", script, "sh", *command]


def contop(*arguments, without=""):
    """contop in the background, counting, but for the hooks that it is to do without."""
    return Held(["env", f"CONTOP_HOOKS_OFF={without}", CONTOP, "-b", "-o", "json", "-P",
                 "containers", *arguments], b'"schema"')


def table(title, columns, rows):
    cells = [columns] + [[text(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in cells) for i in range(len(columns))]
    print(f"\n{title}")
    for row in cells:
        print("  " + "  ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                               for i, (cell, width) in enumerate(zip(row, widths))).rstrip())
    sys.stdout.flush()


def text(cell):
    if cell is None:
        return "-"
    if isinstance(cell, float):
        return f"{cell:.2f}" if abs(cell) < 100 else f"{cell:,.0f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def save(results):
    path = os.environ.get("BENCH_JSON", "bench.json")
    with open(path, "w", encoding="ascii") as file:
        json.dump(results, file, indent=1)
    print(f"\nresults in {path}")
