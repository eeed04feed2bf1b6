"""Where a source file can be made wrong by one small edit, and how.

A mutant is one edit of one line: a comparison, an operator, a bound or a number that is off by one, a condition
turned round, or a statement left out. Comments, strings and preprocessor lines are not code; reserved memory,
assertions and numbers in exponent notation (tolerances, of which any nearby value is as right) are left alone.
"""

import re
from dataclasses import dataclass

# What stands for what, by kind. Binary operators stand between spaces, as clang-format leaves them; so the
# angle brackets of templates are not taken for comparisons.
EXCHANGES = {
    "comparison": {" < ": " <= ", " <= ": " < ", " > ": " >= ", " >= ": " > "},
    "equality": {" == ": " != ", " != ": " == "},
    "arithmetic": {" + ": " - ", " - ": " + ", " * ": " / ", " / ": " * "},
    "assignment": {" += ": " -= ", " -= ": " += ", " *= ": " /= ", " /= ": " *= "},
    "logic": {" && ": " || ", " || ": " && ", "return true": "return false", "return false": "return true"},
    "extreme": {"std::min(": "std::max(", "std::max(": "std::min(", "std::floor(": "std::ceil("},
    "loop": {"continue;": "break;", "break;": "continue;"},
}
NUMBER = re.compile(r"(?<![\w.\"'])(?<![eE][-+])(\d+)(\.\d*)?(?![\w.'])")
NEGATION = re.compile(r"(?<=[( ])!(?=[\w(])")
STATEMENT = re.compile(r"^(\s+)((?:[a-z_][\w.\[\]>-]*|\(?\*[a-z_]\w*\)?)(?:\(.*\)| [-+*/]?= .*));$")
NOT_MUTATED = re.compile(r"^\s*(#|using |template|namespace|static_assert|HWY_|case |default:)|\breserve\(|\bassert\(|\bthrow\b|operator")
HIDDEN = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)\'|//.*$|/\*.*?\*/')


@dataclass(frozen=True)
class Mutant:
    file: str
    line: int  # from 0
    begin: int
    end: int
    new: str
    kind: str

    def applied(self, text):
        lines = text.split("\n")
        old = lines[self.line]
        lines[self.line] = old[: self.begin] + self.new + old[self.end :]
        return "\n".join(lines)

    def described(self, text):
        old = text.split("\n")[self.line].strip()
        new = self.applied(text).split("\n")[self.line].strip()
        return f"{self.file}:{self.line + 1} [{self.kind}]\n    - {old}\n    + {new}"


def code_only(text):
    """The lines, with what is not code replaced by as many blanks."""
    lines, in_comment, in_raw = [], False, False
    for line in text.split("\n"):
        if in_comment or in_raw:
            end = line.find("*/" if in_comment else ')"')
            lines.append("")
            in_comment, in_raw = in_comment and end < 0, in_raw and end < 0
            continue
        shown = HIDDEN.sub(lambda found: "\0" * len(found.group()), line)
        if "/*" in shown or 'R"(' in line:
            in_comment, in_raw = "/*" in shown, 'R"(' in line
            shown = ""
        lines.append("" if NOT_MUTATED.search(shown) else shown)
    return lines


def of_file(file, text):
    """All mutants of a file, in the order of its lines."""
    found = []
    for index, line in enumerate(code_only(text)):
        for kind, exchange in EXCHANGES.items():
            for old, new in exchange.items():
                found += [Mutant(file, index, m.start(), m.end(), new, kind) for m in re.finditer(re.escape(old), line)]
        for m in NUMBER.finditer(line):
            new = str(int(m[1]) + 1) + (m[2] or "")
            found.append(Mutant(file, index, m.start(), m.end(), new, "number"))
        found += [Mutant(file, index, m.start(), m.end(), "", "negation") for m in NEGATION.finditer(line)]
        statement = STATEMENT.match(line)
        if statement and balanced(statement[2]):
            found.append(Mutant(file, index, statement.start(2), len(line), ";", "statement"))
    return found


def balanced(text):
    return all(text.count(a) == text.count(b) for a, b in ("()", "[]", "{}"))
