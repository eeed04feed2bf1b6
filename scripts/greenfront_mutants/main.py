"""Draws mutants, tests them and says which survive."""

import argparse
import hashlib
import json
import queue
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

from . import sites, tests
from .tree import Broken, Tree

FOLDERS = ("kernels", "scenarios")


def options(arguments):
    parser = argparse.ArgumentParser(prog="scripts/mutate", description=__doc__)
    parser.add_argument("--count", type=int, default=120, metavar="N", help="mutants that compile (default 120)")
    parser.add_argument("--seed", type=int, default=1, help="of the draw (default 1)")
    parser.add_argument("--files", default="", metavar="TEXT", help="only files whose path contains this")
    parser.add_argument("--jobs", type=int, default=1, metavar="J", help="copies of the project at once (default 1)")
    parser.add_argument("--list", action="store_true", help="shows the mutants and tests none")
    parser.add_argument("--own", action="store_true", help="only before a kernel's own test programs: survivors go before the others with --again")
    parser.add_argument("--again", action="store_true", help="only those that survived before, with the tests of now")
    return parser.parse_args(arguments)


def all_mutants(source, part):
    listed = subprocess.run(["git", "ls-files", *FOLDERS], cwd=source, capture_output=True, text=True, check=True)
    found = []
    for name in listed.stdout.split():
        if name.endswith((".cpp", ".hpp")) and part in name:
            found += sites.of_file(name, (source / name).read_text())
    return found


def key(mutant, text):
    """A mutant is the same as long as its line is: numbers of lines change with every commit."""
    line = text.split("\n")[mutant.line].strip()
    return f"{mutant.file}|{mutant.kind}|{line}|{mutant.applied(text).split(chr(10))[mutant.line].strip()}"


class Record:
    """What was found, a line of JSON a mutant; a run that is stopped goes on where it was."""

    def __init__(self, path):
        self.path = path
        self.outcomes = {}
        self.lock = threading.Lock()
        if path.exists():
            for line in path.read_text().splitlines():
                entry = json.loads(line)
                self.outcomes[entry["key"]] = entry

    def add(self, entry):
        with self.lock:
            self.outcomes[entry["key"]] = entry
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(entry, ensure_ascii=False) + "\n")
            done = sum(e["outcome"] != "uncompiled" for e in self.outcomes.values())
            print(f"{done:4} {entry['outcome']:10} {entry['by']:28} {entry['shown']}", flush=True)

    def compiled(self, keys):
        return sum(k in self.outcomes and self.outcomes[k]["outcome"] != "uncompiled" for k in keys)


def work(tree, waiting, record, wanted, others):
    while record.compiled(wanted) < wanted.count:
        try:
            mutant, text = waiting.get_nowait()
        except queue.Empty:
            return
        outcome, by = tree.judge(mutant, others)
        record.add({"key": key(mutant, text), "outcome": outcome, "by": by, "shown": mutant.described(text)})


class Wanted(set):
    """The keys of this draw, and how many of them are to compile."""

    count = 0


def table(record, wanted):
    entries = [record.outcomes[k] for k in wanted if k in record.outcomes]
    for name, column in (("file's folder", lambda e: "/".join(e["key"].split("|")[0].split("/")[:-1])),
                         ("kind", lambda e: e["key"].split("|")[1])):
        killed = Counter(column(e) for e in entries if e["outcome"] == "killed")
        survived = Counter(column(e) for e in entries if e["outcome"] == "survived")
        print(f"\n{name:20} {'mutants':>8} {'killed':>8}")
        for group in sorted(killed | survived):
            print(f"{group:20} {killed[group] + survived[group]:8} {killed[group]:8}")
    killed = sum(e["outcome"] == "killed" for e in entries)
    survivors = [e for e in entries if e["outcome"] == "survived"]
    total = killed + len(survivors)
    print(f"\n{killed} of {total} mutants killed ({100 * killed / max(total, 1):.1f} %); "
          f"{sum(e['outcome'] == 'uncompiled' for e in entries)} more did not compile")
    for entry in survivors:
        print(f"survived: {entry['shown']}")
    return 0 if not survivors else 1


def draw(mutants, keys, record, chosen):
    """What belongs to this draw, and what of it waits for a verdict."""
    wanted = Wanted()
    before = {m: record.outcomes.get(keys[m], {}).get("outcome") for m in mutants}
    # Those that were tested before stay in the draw, as long as their lines are there.
    known = [m for m in mutants if before[m]]
    new = [m for m in mutants if not before[m]][: 3 * chosen.count]  # some do not compile
    wanted.update(keys[m] for m in known + new)
    if chosen.again:
        waiting = [m for m in known if before[m] == "survived"]
        wanted.count = len(mutants)  # until none waits
    else:
        waiting = new
        wanted.count = chosen.count
    return wanted, waiting


def main(arguments):
    chosen = options(arguments)
    source = Path(__file__).resolve().parents[2]
    mutants = all_mutants(source, chosen.files)
    texts = {m.file: (source / m.file).read_text() for m in mutants}
    keys = {m: key(m, texts[m.file]) for m in mutants}
    # By a hash of each, so that an edit of one file leaves the draw from the others as it was.
    mutants.sort(key=lambda m: hashlib.sha256(f"{chosen.seed}|{keys[m]}|{m.begin}".encode()).digest())
    if chosen.list:
        for mutant in mutants[: chosen.count]:
            print(mutant.described(texts[mutant.file]))
        print(f"{len(mutants)} mutants in {len(texts)} files")
        return 0
    folder = source / "build" / "mutants"
    folder.mkdir(parents=True, exist_ok=True)
    record = Record(folder / f"seed-{chosen.seed}{'-' + chosen.files.replace('/', '-') if chosen.files else ''}.jsonl")
    wanted, drawn = draw(mutants, keys, record, chosen)
    waiting = queue.Queue()
    for mutant in drawn:
        waiting.put((mutant, texts[mutant.file]))
    folders = sorted({name for m in mutants for name in tests.folders(m.file)})
    trees = [Tree(source, folder / f"tree-{j}") for j in range(chosen.jobs)]
    try:
        for tree in trees:
            tree.prepare(folders, not chosen.own)
    except Broken as error:
        print(f"scripts/mutate: {error}", file=sys.stderr)
        return 1
    workers = [threading.Thread(target=work, args=(tree, waiting, record, wanted, not chosen.own)) for tree in trees]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return table(record, wanted)
