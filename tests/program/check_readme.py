"""The excerpts of README.md are what the program prints.

Between <!-- EXCERPT NAME: COMMAND --> and <!-- END EXCERPT --> stands a code block; COMMAND reads the results of
the embedded study. Numbers may differ as pages.py says (other processors round otherwise).
`check_readme.py --update` writes what the program prints.
"""

import re
import sys
import tempfile
from pathlib import Path

from pages import alike
from program import SOURCE, STUDY, call, check

BLOCK = re.compile(r"(<!-- EXCERPT [^:]+: (?P<command>[^>]+?) -->\n```text\n)(?P<text>.*?)(```\n<!-- END EXCERPT -->)", re.S)


def main():
    page = SOURCE / "README.md"
    written = page.read_text(encoding="utf-8")
    check(written.count("<!-- EXCERPT ") == 2 == len(BLOCK.findall(written)), "README.md: two whole excerpts are expected")
    with tempfile.TemporaryDirectory() as folder:
        results = Path(folder) / "results.h5"
        call("run", STUDY, "-o", results, "--progress", "none")

        def printed(match):
            words = match["command"].split()
            check(words[0] == "greenfront", f"README.md: an excerpt of another program: {match['command']}")
            return call(*[str(results) if word == "results.h5" else word for word in words[1:]]).stdout

        if "--update" in sys.argv:
            page.write_text(BLOCK.sub(lambda m: m[1] + printed(m) + m[4], written), encoding="utf-8")
            return
        for match in BLOCK.finditer(written):
            old, new = match["text"].splitlines(), printed(match).splitlines()
            check(len(old) == len(new), f"README.md, {match['command']}: {len(old)} lines, the program prints {len(new)}")
            for a, b in zip(old, new):
                check(alike(a, b), f"README.md says\n  {a}\nthe program prints\n  {b}\n"
                                   "If the program is right: tests/program/check_readme.py --update")
    print("two excerpts are what the program prints")


if __name__ == "__main__":
    main()
