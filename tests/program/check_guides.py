#!/usr/bin/env python3
"""The guides and the README, run (pages.py says how); and forms of commands on all pages: every `greenfront ...` anywhere, those with
placeholders too, names a command and options that the program has.

    check_guides.py [--update] [PAGE...]"""

import re
import shlex
import sys

from page_list import pages, run_pages
from program import SOURCE, call, check

SPAN = re.compile(r"`(greenfront [^`\n]+)`")
LINE = re.compile(r"^(?: {4}|\t|\$ )(greenfront .+)$", re.M)
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.M | re.S)
WORDS_BEHIND = re.compile(r"\s+#.*$|[|>;&].*$")  # comments, and what the shell does with the output


def known_options():
    """Commands and their options, from the program's own help."""
    listing = call("--help").stdout
    commands = re.findall(r"^  ([a-z][a-z-]+) ", listing.split("Subcommands:")[1], re.M)
    return {name: set(re.findall(r"(?<![\w-])(--?[a-zA-Z][\w-]*)", call(name, "--help").stdout)) for name in commands}


def check_words(options):
    seen = 0
    for page in pages():
        text = (SOURCE / page).read_text(encoding="utf-8")
        lines = SPAN.findall(text) + LINE.findall(text) + [line for block in BLOCK.findall(text) for line in block.splitlines()]
        for line in lines:
            try:
                words = shlex.split(WORDS_BEHIND.sub("", line))
            except ValueError:
                continue  # a line that goes on below, or a pattern with a lone quote
            if len(words) < 2 or words[0] != "greenfront" or words[1].startswith("-") or words[1].isupper() or not words[1][0].isalpha():
                continue
            where = f"{page}: {line}"
            check(words[1] in options, f"{where}\nthere is no command {words[1]}")
            for word in words[2:]:
                if re.fullmatch(r"--?[a-zA-Z][\w-]*(=.*)?", word):
                    check(word.split("=")[0] in options[words[1]], f"{where}\n{words[1]} has no option {word}")
            seen += 1
    check(seen > 40, f"only {seen} command lines were found in the documents")
    return seen


def anchors(text):
    """Those of a page's headings, as they are made of them on the web."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S), re.M)
    return {re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading).lower()).replace(" ", "-") for heading in headings}


def check_links(there):
    """Every link inside of the project leads to a file, and to a heading where it names one."""
    seen = 0
    for page in there:
        text = (SOURCE / page).read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)\s]+)\)", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, heading = target.partition("#")
            file = (SOURCE / page).parent / name if name else SOURCE / page
            check(file.exists(), f"{page}: the link {target} leads nowhere")
            check(not heading or heading in anchors(file.read_text(encoding="utf-8")), f"{page}: there is no heading for {target}")
            seen += 1
    check(seen > 100, f"only {seen} links were found")
    return seen


def main():
    check(anchors("# A `b`, and c!\n## It's-me") == {"a-b-and-c", "its-me"}, "anchors of headings")
    print(f"{check_links(pages())} links lead somewhere")
    words = check_words(known_options())
    print(f"{words} command lines checked")
    run_pages("check_guides.py", 20)
    return 0


if __name__ == "__main__":
    sys.exit(main())
