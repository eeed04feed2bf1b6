"""The machine and the commit that figures belong to."""

import os
import platform
import re
import subprocess
from pathlib import Path


def output(*command, folder=None):
    """What a command prints, or "" where it cannot be run."""
    try:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def processor():
    text = Path("/proc/cpuinfo").read_text()
    names = re.findall(r"^model name\s*: (.*)$", text, re.M)
    flags = set((re.findall(r"^flags\s*: (.*)$", text, re.M) or [""])[0].split())
    known = [name for name in ("avx512f", "avx2", "sse4_1", "ssse3") if name in flags]
    return {"name": names[0] if names else platform.machine(), "vectors": known[0] if known else "scalar"}


def caches():
    sizes = {}
    for index in sorted(Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")):
        level, kind, size = ((index / key).read_text().strip() for key in ("level", "type", "size"))
        if kind != "Instruction":
            sizes["L" + level] = size
    return sizes


def memory_gib():
    kib = int(re.search(r"^MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text(), re.M).group(1))
    return round(kib / 2**20, 1)


def describe(source):
    """`source`: the checkout whose programs were built."""
    changed = output("git", "status", "--porcelain", folder=source)
    compiler = output("c++", "--version").splitlines()
    return {
        "processor": processor(),
        "cores": len(os.sched_getaffinity(0)),
        "caches": caches(),
        "memory_gib": memory_gib(),
        "system": platform.platform(),
        "compiler": compiler[0] if compiler else "",
        "load": [round(x, 2) for x in os.getloadavg()],
        "commit": output("git", "rev-parse", "HEAD", folder=source),
        "uncommitted_changes": bool(changed),
    }
