#!/usr/bin/env python3
"""A sweep gives the same bits however often it is killed, with any number of threads and of shards, and whatever the order
in which the shards are merged. `check_durable.py --kills 200` kills a longer sweep so often."""

import argparse
import random
import shutil
import sys
import tempfile
from pathlib import Path

import h5py

from durable import Killer, blocks, compare, everything, make_study, parts_of
from program import call, check, differences


def provenance(output):
    with h5py.File(output, "r") as file:
        return dict(file["provenance"].attrs)


def check_kills(folder, study, reference, kills, total):
    """Kills that come before anything is finished do not count for nothing: the next command must still go on."""
    killer = Killer(5)
    order = ["start", "between", "part", "part", "between", "part", "start", "result"]
    cycles = attempts = 0
    while sum(killer.kills.values()) < kills:
        output = folder / f"killed{cycles}.h5"
        cycles += 1
        late = False
        command = ["run", study, "-o", output, "--progress", "none"]
        while sum(killer.kills.values()) < kills:
            threads = killer.random.choice([1, 2, 8])
            kind = order[attempts % len(order)]
            attempts += 1
            if not killer.run(output, [*command, "--threads", threads], kind):
                break
            late = output.exists()
            if late:  # killed between the result's last step, its name, and the end of the process: it must be whole
                break
        if not output.exists():
            before = len(blocks(output))
            call(*command)
            facts = provenance(output)
            check((facts["blocks_loaded"], facts["blocks_computed"]) == (before, total - before),
                  f"{before} of {total} blocks were there, but {facts['blocks_loaded']} were loaded and "
                  f"{facts['blocks_computed']} computed")
        compare(f"after kills {killer.kills}", reference, output)
        check(late or not parts_of(output).exists(), "parts are left behind")
        check(not list(folder.glob("*.tmp")), "temporary files are left behind")
    check(killer.kills["start"] > 0 and killer.kills["between"] + killer.kills["part"] > 1, f"too few kinds: {killer.kills}")
    return f"{sum(killer.kills.values())} kills in {cycles} runs ({killer.kills})"


def check_threads(folder, study, reference):
    for threads in (2, 8):
        output = folder / f"threads{threads}.h5"
        call("run", study, "-o", output, "--progress", "none", "--threads", threads)
        compare(f"--threads {threads}", reference, output)
    # The comparison must be able to fail.
    other = folder / "other.h5"
    call("run", study, "-o", other, "--progress", "none", "--set", "seed=2")
    moved = [name for name in differences(reference, everything(other)) if name.startswith("sweep/")]
    check(moved, "another seed changes nothing in the sweeps")


def check_shards(folder, study, reference, total):
    shuffle = random.Random(3)
    for count in (1, 3, 7):
        # Of three, each has a folder of its own; otherwise they share one.
        outputs = [folder / (f"shards{count}.{k if count == 3 else 0}.h5") for k in range(1, count + 1)]
        order = list(range(count))
        shuffle.shuffle(order)
        for k in order:
            command = ["run", study, "-o", outputs[k], "--progress", "plain", "--shard", f"{k + 1}/{count}",
                       "--threads", shuffle.choice([1, 2, 8])]
            if k == 1:
                Killer(count).run(outputs[k], command, "part")
            done = call(*command)
            check("is complete" in done.stderr and "placebo" not in done.stderr, f"of a shard:\n{done.stderr}")
            check(not outputs[k].exists(), "a shard has written a result")
        folders = sorted({parts_of(output) for output in outputs})
        check(sum(len(blocks(output)) for output in set(outputs)) == total, f"{count} shards do not make {total} blocks")
        merged = folder / f"merged{count}.h5"
        if count == 3:
            lacking = call("merge", "-o", merged, *folders[1:], "--progress", "none", expect=65)
            check("are in none of the parts: 0, 3, 6" in lacking.stderr and not merged.exists(),
                  f"a gap is not named:\n{lacking.stderr}")
            shuffle.shuffle(folders)
        call("merge", "-o", merged, *folders, "--progress", "none", cwd="/")
        compare(f"{count} shards", reference, merged, merged=True)
        check(provenance(merged)["run_id"] == provenance(folder / "whole.h5")["run_id"], "the merge has another run id")
        again = call("run", study, "-o", merged, "--shard", f"1/{count}")
        check("is complete" in again.stderr, f"a shard after the merge: {again.stderr}")


def check_merge_elsewhere(folder, study):
    """The parts of a run with --set, merged where the panel has moved."""
    output, merged = folder / "moved.h5", folder / "moved_merged.h5"
    sets = ["--set", "seed=7", "--set", "sweep.many.points=70"]
    call("run", study, "-o", output, "--shard", "1/1", *sets)
    panel = folder / "panel.csv"
    moved = folder / "elsewhere.csv"
    shutil.move(panel, moved)
    merge = ["merge", "-o", merged, parts_of(output), "--progress", "none"]
    check("panel.csv" in call(*merge, expect=66).stderr, "a panel that is not there is not named")
    call(*merge, "--set", f'panel.file="{moved}"')
    shutil.move(moved, panel)
    whole = folder / "moved_whole.h5"
    call("run", study, "-o", whole, "--progress", "none", *sets)
    compare("merge of a run with --set", everything(whole), merged, merged=True)
    refused = call(*merge, "--set", "seed=8", "--force", expect=65)
    check("seed is 7 there and 8 here" in refused.stderr, f"the first difference is not named: {refused.stderr}")
    panel.write_text(panel.read_text().rstrip("\n") + "\n\n")
    refused = call(*merge, "--force", expect=65)
    check("the first difference: panel is " in refused.stderr, f"another panel is not named: {refused.stderr}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=8, help="how often the sweep is killed")
    kills = parser.parse_args().kills
    points = 640 if kills <= 20 else 64 * 60
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        study = make_study(folder, points)
        total = points // 64 + 1
        whole = folder / "whole.h5"
        call("run", study, "-o", whole, "--progress", "none", "--threads", 1)
        reference = everything(whole)
        check(sum(name.startswith("sweep/many/") for name in reference) > 10, "the reference has no sweep")
        told = check_kills(folder, study, reference, kills, total)
        check_threads(folder, study, reference)
        check_shards(folder, study, reference, total)
        check_merge_elsewhere(folder, study)
    print(f"{told}, 1, 2 and 8 threads, 1, 3 and 7 shards: {len(reference)} datasets and attributes are the same")
    return 0


if __name__ == "__main__":
    sys.exit(main())
