#!/usr/bin/env python3
"""Runs that are asked to stop, that meet a full disk or a vanished folder, or that find parts which are not theirs: exit code,
message, and nothing lost. What the machine does not allow to try (mounting, forbidding) is named."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

from durable import (blocks, compare, ended, everything, make_study, parts_of, skipped, start, temporary_in, wait_for_blocks)
from program import call, check


def command(study, output, *more):
    return ["run", study, "-o", output, "--progress", "plain", *more]


def kept(output, before):
    """What was finished is still there, as it was."""
    after = blocks(output)
    check(before and all(after.get(name) == facts for name, facts in before.items()), f"of {before} only {after} is left")


def check_signals(folder, study, reference):
    output = folder / "signals.h5"
    for name in ("SIGTERM", "SIGUSR1", "SIGINT"):
        process = start(*command(study, output))
        wait_for_blocks(process, output, len(blocks(output)) + 1)
        before = blocks(output)
        process.send_signal(getattr(signal, name))
        ended(process, 75, f"stopped: {name}", "the same command goes on", "blocks of sweeps stand in")
        kept(output, before)
        check(not temporary_in(parts_of(output)), "a stop has left a temporary file")
    (parts_of(output) / "STOP").touch()
    done = call(*command(study, output), expect=75)
    check("there was a file" in done.stderr and not (parts_of(output) / "STOP").exists(), f"STOP: {done.stderr}")
    done = call(*command(study, output, "--time-limit", "00:00:00"), expect=75)
    check("the time limit is over" in done.stderr, f"time limit: {done.stderr}")
    before = len(blocks(output))
    left = 640 - 64 * (before - 1)  # the first block is that of the other sweep
    done = call(*command(study, output))
    check(f", {before} loaded" in done.stderr, f"{before} blocks were there: {done.stderr}")
    check(f"sweep.many: {left} units" in done.stderr, f"loaded scenarios count as work: {done.stderr}")
    compare("a run that was stopped five times", reference, output)
    check(not parts_of(output).exists(), "parts are left behind")
    done = call(*command(study, output))
    check("is complete" in done.stderr and not parts_of(output).exists(), f"a complete run: {done.stderr}")

    nothing = folder / "nothing.h5"
    done = call(*command(study, nothing, "--time-limit", "0:0:0"), expect=75)
    check("no block of a sweep was finished yet" in done.stderr and not parts_of(nothing).exists(), f"{done.stderr}")
    for wrong in (["--time-limit", "10"], ["--shard", "4/3"], ["--shard", "slurm"]):
        refused = call(*command(study, nothing, *wrong), expect=64)
        check(wrong[0] in refused.stderr and not parts_of(nothing).exists(), f"{wrong}: {refused.stderr}")


def check_shard_stop(folder, study):
    output = folder / "stopped_shard.h5"
    process = start(*command(study, output, "--shard", "2/2"))
    wait_for_blocks(process, output)
    (parts_of(output) / "STOP").touch()
    ended(process, 75, "to be removed before going on")
    call(*command(study, output, "--shard", "1/2"), expect=75)
    (parts_of(output) / "STOP").unlink()
    call(*command(study, output, "--shard", "2/2"))


def check_interrupted_twice(folder):
    """Blocks that take long, so that the second interrupt meets one in flight."""
    place = folder / "slow"
    place.mkdir()
    study, output = make_study(place, 256, cities=200, years="2011:2016"), place / "twice.h5"
    process = start(*command(study, output, "--threads", "1"))
    wait_for_blocks(process, output, 2)
    before = blocks(output)
    process.send_signal(signal.SIGINT)
    for line in process.stderr:
        if "interrupt again to stop at once" in line:
            break
    process.send_signal(signal.SIGINT)
    ended(process, 130, "interrupted twice")
    kept(output, before)


def check_second_process(folder, study):
    """The first is halted, so that it is there as long as it takes."""
    output = folder / "second.h5"
    process = start(*command(study, output))
    wait_for_blocks(process, output)
    process.send_signal(signal.SIGSTOP)
    before = blocks(output)
    for more in ([], ["--fresh"], ["--force"], ["--shard", "1/2"]):
        refused = call(*command(study, output, *more), expect=73)
        check("another process is computing this output" in refused.stderr, f"{more}: {refused.stderr}")
    kept(output, before)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    call(*command(study, output, "--time-limit", "0:0:0"), expect=75)  # the lock went with its process

    shutil.rmtree(parts_of(output))
    first = start(*command(study, output, "--shard", "1/2"))
    wait_for_blocks(first, output)
    first.send_signal(signal.SIGSTOP)
    refused = call(*command(study, output, "--shard", "1/2"), expect=73)
    check("another process is computing shard 1/2" in refused.stderr, refused.stderr)
    call(*command(study, output, "--shard", "2/2"))
    call(*command(study, output), expect=73)
    first.send_signal(signal.SIGCONT)
    ended(first, 0)


def check_refused_parts(folder, study, reference):
    output, other = folder / "parts.h5", folder / "foreign.h5"
    call(*command(study, output, "--shard", "1/1"))
    call(*command(study, other, "--shard", "1/1", "--set", "seed=2"))
    first = parts_of(output) / "sweep-1-block-3.part"
    good = first.read_bytes()
    for what, damaged, words in (
        ("truncated", good[:-100], ("is truncated", str(len(good)), str(len(good) - 100))),
        ("flipped", good[:500] + bytes([good[500] ^ 4]) + good[501:], ("is damaged", "checksum")),
        ("foreign", (parts_of(other) / first.name).read_bytes(), ("is a part of another run", "run id")),
        ("misplaced", (parts_of(output) / "sweep-1-block-4.part").read_bytes(), ("block 4 of sweep 1",)),
        ("text", b"a,b\n1,2\n", ("is not a part",)),
    ):
        first.write_bytes(damaged)
        for words_of in (command(study, output), ["merge", "-o", output, parts_of(output)]):
            refused = call(*words_of, expect=65)
            check(all(word in refused.stderr for word in (first.name, *words)), f"{what}: {refused.stderr}")
            check(not output.exists(), f"{what}: a result was written")
    first.write_bytes(good)
    stray = parts_of(output) / "sweep-5-block-0.part"
    stray.write_bytes(good)
    check("no such block" in call("merge", "-o", output, parts_of(output), expect=65).stderr, "a stray part passes")
    stray.unlink()
    refused = call(*command(study, output, "--set", "dea.eff.reference=\"window:2\""), expect=65)
    check('dea.eff.reference is "global" there and "window:2" here' in refused.stderr, refused.stderr)
    check("--fresh" in refused.stderr, refused.stderr)
    refused = call("merge", "-o", output, parts_of(output), parts_of(other), expect=65)
    check("seed is 2 there and 1 here" in refused.stderr, refused.stderr)
    check("absent" in call("merge", "-o", output, folder / "absent", expect=66).stderr, "a missing folder is not named")

    done = call(*command(study, output, "--fresh"))
    check(", 0 loaded" in done.stderr, f"--fresh has loaded blocks: {done.stderr}")
    compare("--fresh", reference, output)
    refused = call(*command(study, output, "--set", "seed=2"), expect=73)
    check("--force" in refused.stderr, refused.stderr)
    call("merge", "-o", output, parts_of(other), "--progress", "none", "--force")
    call(*command(study, other, "--set", "seed=2"))
    compare("merge --force", everything(other), output, merged=True)


def check_without_sweep(folder, study):
    text = study.read_text()
    plain = folder / "plain.toml"
    plain.write_text(text[: text.index("[sweep.few]")])
    refused = call(*command(plain, folder / "plain.h5", "--shard", "1/2"), expect=64)
    check("no sweep" in refused.stderr, refused.stderr)
    call(*command(plain, folder / "plain.h5"))
    check(not parts_of(folder / "plain.h5").exists(), "a run without a sweep has left a folder of parts")


def check_vanished(folder, study):
    output = folder / "vanished.h5"
    process = start(*command(study, output))
    wait_for_blocks(process, output)
    process.send_signal(signal.SIGSTOP)
    aside = folder / "aside"
    parts_of(output).rename(aside)
    process.send_signal(signal.SIGCONT)
    ended(process, 74, "has vanished")
    aside.rename(parts_of(output))
    call(*command(study, output))


def attempt(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    return "" if done.returncode == 0 else f"{words[0]}: {done.stderr.strip()}"


def check_forbidden(folder, study):
    """A folder that may no longer be written while the run is on its way."""
    output = folder / "forbidden.h5"
    process = start(*command(study, output))
    wait_for_blocks(process, output)
    process.send_signal(signal.SIGSTOP)
    parts, before = parts_of(output), blocks(output)
    # Root is not held up by permissions.
    root = os.geteuid() == 0
    why = attempt("chattr", "+i", parts) if root else attempt("chmod", "a-w", parts)
    try:
        process.send_signal(signal.SIGCONT)
        if why:
            skipped("a folder that may no longer be written", why)
            ended(process, 0)
            return
        ended(process, 74, "Operation not permitted" if root else "Permission denied", "Blocks finished before stay")
        kept(output, before)
        call(*command(study, output), expect=73)
    finally:
        if not why:
            attempt(*(("chattr", "-i", parts) if root else ("chmod", "u+w", parts)))
    call(*command(study, output))


def check_full_disk(folder, study, reference):
    disk = folder / "disk"
    disk.mkdir()
    why = attempt("mount", "-t", "tmpfs", "-o", "size=200k", "greenfront-test", disk)
    if why:
        skipped("a full disk", why)
        return
    try:
        output = disk / "full.h5"
        done = call(*command(study, output), expect=74)
        check("No space left on device" in done.stderr and "the same command goes on" in done.stderr, done.stderr)
        before = blocks(output)
        kept(output, before)
        check(not temporary_in(parts_of(output)), "a full disk has left half a part")
        # Room for all parts, but not for the results.
        attempt("mount", "-o", "remount,size=64m", disk)
        call(*command(study, output, "--shard", "1/1"))
        kept(output, before)
        used = shutil.disk_usage(disk).used // 1024
        attempt("mount", "-o", f"remount,size={used + 8}k", disk)
        before = blocks(output)
        done = call(*command(study, output), expect=74)
        check("No space left on device" in done.stderr and "Finished blocks of sweeps stay" in done.stderr, done.stderr)
        kept(output, before)
        check(not output.exists(), "a full disk has left half a result")
        attempt("mount", "-o", "remount,ro", disk)
        done = call(*command(study, output), expect=73)
        check("cannot be written" in done.stderr, done.stderr)
        kept(output, before)
        attempt("mount", "-o", "remount,rw,size=64m", disk)
        call(*command(study, output))
        compare("a run that met a full disk twice", reference, output)
    finally:
        attempt("umount", disk)


def main():
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        study = make_study(folder, 640)
        whole = folder / "whole.h5"
        call("run", study, "-o", whole, "--progress", "none")
        reference = everything(whole)
        check_signals(folder, study, reference)
        check_shard_stop(folder, study)
        check_interrupted_twice(folder)
        check_second_process(folder, study)
        check_refused_parts(folder, study, reference)
        check_without_sweep(folder, study)
        check_vanished(folder, study)
        check_forbidden(folder, study)
        check_full_disk(folder, study, reference)
    print("stopped, interrupted, refused and without room: the right exit codes, and nothing lost")
    return 0


if __name__ == "__main__":
    sys.exit(main())
