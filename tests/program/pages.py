"""Pages of the documentation, run as a reader would run them: one way for all of them.

What counts as shown, in the page's order:

    ```console          lines with "$ " are commands, the others what they print, errors included; compared
    ```sh, and          commands: each must succeed
    indented lines
    ```python, ```r     run; a ```text block right behind it is what it prints; compared
    ```toml, and        a study, or a part of one: it is put behind the study that the page has set (below) and must
    indented [tables]   pass `plan`
    ```KIND NAME        a file of that name, wherever it stands on the page; a study must pass `plan`, too
    `greenfront ...`    in a sentence: must succeed, unless it is the mere form of a command (STUDY.toml, NAME, ...)

    ```console needs:NAME   the block needs a file or a program that may be missing; then it is skipped, which is said

Comments that a reader does not see prepare the folder in which the page is run:

    <!-- pages: cities results ... -->       files of page_files.py
    <!-- pages: prelude                      TOML that the page's parts of studies are put behind, from here on
    [dea.eff] ... -->
    <!-- pages: run                          commands; or a file: <!-- pages: file NAME
    ... -->

Outputs may differ as `alike` says; with --update they are written into the page. What is shown but not run stands with
its reason in the caller's list."""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import page_files
from program import PROGRAM, SOURCE, check

NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?:e[-+]?\d{1,3}(?!\d))?(?![\w.]*[A-Za-z_])")
RUN_ID = re.compile(r"\b[0-9a-f]{32}\b")  # changes with every new key of a study
FENCE = re.compile(r"```(?P<kind>\w+)(?: (?P<name>\S+))?\n(?P<text>.*?)^```$", re.M | re.S)
SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
KINDS = {"console", "sh", "python", "r", "toml", "text", "csv", "py"}
COMMAND = re.compile(r"(?:^|[\s;|&(\"'])(?:\./)?(?:greenfront|scripts/\S+|bench/[\w/.]+\.py|build/release/\S+) ?(?=$|[\s])", re.M)
FORM = re.compile(r"(?:^|[\s=/:])(?:[A-Z][A-Z_]+(?:\.\w+)?|\.\.\.)(?=$|[\s,])")


def rounding(number):
    """What rounding may change in a printed number: a unit of its last digit, if it has enough of them."""
    mantissa, _, exponent = number.partition("e")
    digits = len(mantissa.strip("-0.").replace(".", ""))
    if "." not in mantissa or digits < 4:
        return 0.0
    return 1.001 * 10.0 ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def alike(old, new):
    """The same words, the same layout but for blanks and rules, the same numbers but for rounding: 1e-8 of themselves, those of
    four digits or more one unit of their last digit, since processors round differently."""
    def words(line):
        return re.sub(r"[-\s]+", " ", NUMBER.sub("#", RUN_ID.sub("ID", line)))

    old_numbers, new_numbers = (NUMBER.findall(RUN_ID.sub("ID", line)) for line in (old, new))
    return words(old) == words(new) and all(
        a == b or abs(float(a) - float(b)) <= max(1e-8 * abs(float(a)), min(rounding(a), rounding(b)))
        for a, b in zip(old_numbers, new_numbers))


def pieces(page):
    """The page cut into fences, comments, indented blocks and text, whole lines each; joined they are the page."""
    found, ends = [], None
    for line in page.splitlines(keepends=True):
        if ends:
            found[-1][1] += line
            ends = None if line.rstrip().endswith(ends) else ends
            continue
        indented = line.startswith("    ") or (not line.strip() and found and found[-1][0] == "indented")
        kind = "fence" if line.startswith("```") else "comment" if line.startswith("<!--") else "indented" if indented else "text"
        if kind == "fence":
            ends = "```"
        elif kind == "comment" and not line.rstrip().endswith("-->"):
            ends = "-->"
        if kind in ("fence", "comment") or not found or found[-1][0] != kind:
            found.append([kind, line])
        else:
            found[-1][1] += line
    return found


def paragraphs(text):
    """An indented block cut where commands end and tables of a study begin."""
    found = []
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        if found and part.startswith("[") == found[-1].startswith("["):
            found[-1] += f"\n\n{part}"
        else:
            found.append(part)
    return [part + "\n" for part in found]


# Never run from a page, on whichever it stands.
NEVER = {"scripts/test": "runs this test", "scripts/fuzz": "builds the fuzzers and runs for minutes",
         "scripts/run": "builds the program and installs packages"}


class Reader:
    """A shell in a folder of its own, that does what a page says."""

    def __init__(self, page, folder, not_run):
        self.page, self.folder, self.not_run = page, folder, not_run
        self.environment = {**os.environ, "PATH": f"{PROGRAM.parent}:{os.environ['PATH']}", "LC_ALL": "C.UTF-8", "COLUMNS": "110"}
        self.prelude = page_files.PRELUDE
        self.pending = None  # output of the last Python or R block
        self.counts = dict.fromkeys(("console", "command", "python", "R", "study", "file", "skipped", "not run"), 0)
        self.used = set()
        (folder / "scripts").symlink_to(SOURCE / "scripts")
        (folder / "bench").symlink_to(SOURCE / "bench")
        (folder / "scenarios").symlink_to(SOURCE / "scenarios")

    def where(self, text):
        return f"{self.page}, at\n{text.rstrip()}\n"

    def call(self, *command, merged=True):
        errors = subprocess.STDOUT if merged else subprocess.PIPE
        return subprocess.run(command, cwd=self.folder, env=self.environment, stdout=subprocess.PIPE, stderr=errors, text=True,
                              stdin=subprocess.DEVNULL, timeout=540)

    def printed(self, *command):
        return "".join(line.rstrip() + "\n" for line in self.call(*command).stdout.splitlines())

    def left_out(self, text):
        """Whether the caller's list says why this is not run."""
        for start, reason in {**NEVER, **self.not_run}.items():
            if start in text:
                if start not in self.used:
                    print(f"{self.page}: not run: {start} ({reason})")
                self.used.add(start)
                self.counts["not run"] += 1
                return True
        return False

    def script(self, text):
        """Commands of a block, one after the other, in one shell."""
        if self.left_out(text):
            return
        done = self.call("bash", "-c", f"set -euo pipefail\n{text}")
        check(done.returncode == 0, f"{self.where(text)}exit {done.returncode}\n{done.stdout[-3000:]}")
        self.counts["command"] += 1

    def study(self, text, path=None):
        """A study, or a part of one behind what the page has set, must be a plan."""
        if self.left_out(text):
            return
        whole = text if re.search(r"^\[panel\]", text, re.M) else self.prelude + text
        file = self.folder / (path or "part-of-a-study.toml")
        file.write_text(whole, encoding="utf-8")
        done = self.call(str(PROGRAM), "plan", file.name)
        check(done.returncode == 0, f"{self.where(text)}is no study: {done.stdout[-3000:]}\n--- with what the page has set:\n{whole}")
        self.counts["study"] += 1

    def prepare(self, hidden):
        """A hidden comment."""
        first, _, rest = hidden.partition("\n")
        words = first.split()
        for k, word in enumerate(words):
            if word == "prelude":
                self.prelude = (page_files.PRELUDE if "[panel]" not in rest else "") + rest
            elif word == "run":
                done = self.call("bash", "-c", f"set -euo pipefail\n{rest}")
                check(done.returncode == 0, f"{self.where(rest)}exit {done.returncode}\n{done.stdout}")
            elif word == "file":
                (self.folder / words[k + 1]).write_text(rest, encoding="utf-8")
                break
            else:
                check(word in page_files.FILES, f"{self.page}: page_files.py has no {word}")
                page_files.FILES[word](self.folder)

    def fence(self, raw):
        """The block as it must be, given what its commands print."""
        match = FENCE.match(raw)
        check(match, f"{self.where(raw)}a block without a kind would not be run")
        kind, name, text = match["kind"], match["name"], match["text"]
        check(name or kind in KINDS, f"{self.where(raw)}a block of kind {kind} would not be run; there are {' '.join(sorted(KINDS))}")
        if name and not name.startswith("needs:"):
            self.counts["file"] += 1
            if kind == "toml":
                self.study(text, name)
            return raw
        reason = page_files.missing(name.removeprefix("needs:")) if name else ""
        if reason:
            self.counts["skipped"] += 1
            print(f"{self.page}: skipped a block of {kind}: it {reason}")
            return raw
        if kind == "console":
            commands = [line for line in text.splitlines() if line.startswith("$ ")]
            check(commands, f"{self.where(text)}a console block without a command")
            if self.left_out(text):
                return raw
            self.counts["console"] += 1
            text = "".join(f"{line}\n{self.printed('bash', '-o', 'pipefail', '-c', line[2:])}" for line in commands)
        elif kind == "sh":
            self.script(text)
        elif kind in ("python", "r") and not self.left_out(text):
            self.counts["python" if kind == "python" else "R"] += 1
            done = self.call(*(["/usr/bin/python3", "-c"] if kind == "python" else ["Rscript", "-e"]), text)
            self.pending = "".join(line.rstrip() + "\n" for line in done.stdout.splitlines())
            check(done.returncode == 0, f"{self.where(text)}{self.pending}")
        elif kind == "toml":
            self.study(text)
        elif kind == "text" and self.pending is not None:
            text, self.pending = self.pending, None
        return f"```{kind}{' ' + name if name else ''}\n{text}```\n"

    def piece(self, kind, raw):
        if kind == "fence":
            return self.fence(raw)
        if kind == "comment" and raw.startswith("<!-- pages: "):
            self.prepare(raw.rstrip().removeprefix("<!-- pages: ").removesuffix("-->"))
        elif kind == "indented":
            for text in paragraphs(re.sub(r"^ {4}", "", raw, flags=re.M)):
                if text.startswith("["):
                    self.study(text)
                elif COMMAND.search(text):
                    check(not text.startswith("$ "), f"{self.where(text)}commands with their output belong in a console block")
                    self.script(text)
        elif kind == "text":
            for span in SPAN.findall(raw):
                if is_command(span):
                    self.script(span)
        return raw

    def whole(self, page):
        return "".join(self.piece(kind, raw) for kind, raw in pieces(page))


def is_command(span):
    """A command to run; neither a form such as `greenfront plan STUDY.toml` nor the mere name of one."""
    words = span.split()
    least = 3 if words[0] == "greenfront" else 2
    known = words[0] == "greenfront" or words[0].startswith(("scripts/", "./scripts/", "build/release/"))
    return known and len(words) >= least and not FORM.search(span)


def run_page(page, not_run=None, files=()):
    """Runs a page; its text as it should be, and what was run by kind."""
    written = (SOURCE / page).read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as place:
        reader = Reader(page, Path(place), not_run or {})
        for name in files:
            page_files.FILES[name](reader.folder)
        for kind, raw in pieces(written):
            match = kind == "fence" and FENCE.match(raw)
            if match and match["name"] and not match["name"].startswith("needs:"):
                file = reader.folder / match["name"]
                check(not file.exists(), f"{page}: two files {match['name']}")
                file.write_text(match["text"], encoding="utf-8")
                file.chmod(0o755 if match["text"].startswith("#!") else 0o644)
        printed = reader.whole(written)
    idle = set(not_run or {}) - reader.used
    check(not idle, f"{page}: listed as not run, but not there: {sorted(idle)}")
    return written, printed, reader.counts


def check_page(page, not_run=None, files=()):
    """Runs a page and compares; with --update writes it instead."""
    written, printed, counts = run_page(page, not_run, files)
    if "--update" in sys.argv[1:]:
        check(not counts["skipped"], f"{page}: --update needs what was skipped, or it would leave old figures in the page")
        (SOURCE / page).write_text(printed, encoding="utf-8")
    else:
        old, new = written.splitlines(), printed.splitlines()
        for a, b in zip(old, new):
            check(alike(a, b), f"{page} says\n  {a}\nit should say\n  {b}\nIf the program is right: {sys.argv[0]} --update")
        check(len(old) == len(new), f"{page}: the programs print more or less than the page says")
    print(f"{page}: {', '.join(f'{n} {what}' for what, n in counts.items() if n)}")
    return counts


def self_test():
    """The comparison is neither too strict nor too loose, and what is planted on a page is found."""
    check(alike("x  0.1234 (5)", "x 0.1235 (5)") and alike("id " + "a1" * 16, "id " + "b2" * 16) and alike("mean 0.5", "mean 0.500000001")
          and alike("A 0.909091, B 1.2e-05", "A 0.909090, B 1.2e-05"), "compares too strictly")
    for old, new in (("x 0.1234", "x 0.1236"), ("n 5", "n 6"), ("x 1.5", "y 1.5"), ("p 1", "p 1 2"), ("e 1.0e-16", "e 1.2e-16"),
                     ("A 0.5", "A 0.6"), ("A 1", "A infeasible"), ("A 0.909091", "A 0.909089")):
        check(not alike(old, new), f"takes {old!r} for {new!r}")
    for text in ("\n    greenfront dea none.csv\n", "see `greenfront dea none.csv --unit a`\n", "```sh\ngreenfront show none.h5\n```\n",
                 "text:\n    for k in 1 2; do greenfront show none.h5; done\n", "\n    [dea.eff]\n    inputs = 3\n", "```toml\n[dea]\nx = \n```\n",
                 "\n    scripts/figures none.h5 -o f\n", "```bash\ngreenfront levers\n```\n", "```python\nraise SystemExit(1)\n```\n", "\n    seq 2 | greenfront plan none.toml\n"):
        with tempfile.TemporaryDirectory() as place:
            reader = Reader("a planted page", Path(place), {})
            try:
                reader.whole(text)
            except SystemExit:
                continue
        sys.exit(f"what is planted goes unnoticed: {text!r}")
