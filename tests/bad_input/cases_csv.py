"""Panels that are damaged, in another encoding or dialect, or whose numbers no command can use. What the reader's own test
(tests/io/test_csv_malformed.cpp) refuses is here once, through another command each."""

from case import (BOOT_DEA, BOOTSTRAP, Case, DATA, DEA, GROUPS, INDEX, NO_INPUT, PANEL, PARTIAL, PLACEBO, PRODUCTIVITY, REGRESS,
                  TWO_STAGE, ON_PANEL, USAGE, panel, replaced)

ROWS = PANEL.splitlines()


def cell(row, column, text):
    """PANEL with one cell changed; row 1 is the first below the header."""
    lines = [line.split(",") for line in ROWS]
    lines[row][lines[0].index(column)] = text
    return "\n".join(",".join(line) for line in lines) + "\n"


def column(name, values):
    lines = [line.split(",") for line in ROWS]
    at = lines[0].index(name)
    for line, value in zip(lines[1:], values):
        line[at] = value
    return "\n".join(",".join(line) for line in lines) + "\n"


def every_command():
    """Each command meets each kind of file that is no panel."""
    files = {
        "empty": ("", "p.csv:1:1", "empty"),
        "header only": (ROWS[0] + "\n", "p.csv:1:1", "no rows"),
        "NUL": (PANEL.replace("B,2011", "B\0,2011"), "p.csv:4:1", "NUL"),
        "GBK": (PANEL.replace("A,", "\u5317\u4eac,").encode("gbk"), "p.csv:2:1", "GB18030"),
        "UTF-16": (PANEL.encode("utf-16-le"), "UTF-16"),
        "open quote": (PANEL + '"E,2011,1,2,3,4,0,p\n', "p.csv:10:1", "never closed"),
        "ragged": (PANEL + "E,2011,1\n", "p.csv:10:", "3 fields", "8"),
        "twice": (PANEL + "A,2011,1,2,3,4,0,p\n", "p.csv", "A", "2011"),
    }
    for command in ON_PANEL.values():
        for what, (contents, *says) in files.items():
            if what == "twice" and "--time" not in command:
                continue
            yield panel(f"{what} for {command[0]}", contents, *says, command=command)
        yield Case(f"csv: no file for {command[0]}", command, NO_INPUT, "p.csv", files={"p.csv": None})
        yield Case(f"csv: folder for {command[0]}", command, NO_INPUT, "p.csv", "directory", files={"p.csv": "/"})


def numbers():
    for name, text, *says in (
        ("1e400", "1e400", "1.8e308"),
        ("400 digits", "9" * 400, "1.8e308"),
        ("inf", "inf", "infinite"),
        ("Infinity", "Infinity", "infinite"),
        ("+INF", "+INF", "infinite"),
        ("decimal comma in quotes", '"3,14"', "decimal point"),
        ("thousands", '"1,234,567"', "thousands"),
        ("apostrophes", "1'234'567", "thousands"),
        ("percent", "12%", "percentage"),
        ("long minus", "\u22125", "minus"),
    ):
        yield panel(f"number {name}", cell(3, "x", text), "p.csv:4:4", '"x"', *says)
    for name, text in (("two signs", "--5"), ("two points", "1.2.3"), ("hexadecimal", "0x1F"), ("complex", "1+2i"),
                       ("date", "2011-01-05"), ("Excel's error", "#DIV/0!"), ("Excel's reference", "#REF!"),
                       ("full-width digits", "\uff11\uff12"), ("exponent without digits", "1e"), ("currency", "$5")):
        many = PANEL + "".join(f"E{i},2011,1,{i},3,4,0,p\n" for i in range(20))
        yield panel(f"number {name}", many + f"F,2011,1,{text},3,4,0,p\n", "p.csv:30:4", '"x"', "not a number")


def shapes():
    yield panel("quote inside a field", PANEL.replace("A,2011", 'A"b,2011'), "p.csv:2:1", "quote inside")
    yield panel("text behind a quote", PANEL.replace("A,2011", '"A"b,2011'), "p.csv:2:1", "closing quote")
    yield panel("quote never closed in the header", PANEL.replace("city", '"city'), "p.csv:1:1", "never closed")
    yield panel("one column", "city\nA\nB\n", "p.csv:1:1", "year")
    yield panel("spaces between columns", PANEL.replace(",", " "), "p.csv:1:1", "city")
    yield panel("bars between columns", PANEL.replace(",", "|"), "p.csv:1:1", "city")
    yield panel("duplicate column", PANEL.replace("y,x", "x,x"), "p.csv:1:4", '"x"')
    yield panel("columns without names", ",".join([""] * 8) + PANEL[PANEL.index("\n"):], "p.csv:1:2", "no name")
    yield panel("a million columns", ",".join(f"c{i}" for i in range(1000000)) + "\n", "p.csv:1:1")
    yield panel("a million columns of one name", ",".join(["c"] * 1000000) + "\n", "p.csv:1:2", '"c"')
    yield panel("a million records too short", ROWS[0] + "\n" + "A,2011\n" * 1000000, "p.csv:2:", "2 fields", "more")
    yield panel("one line of ten million bytes", "a" * 10000000, "p.csv:1:1")
    yield panel("ten million quotes", '"' * 10000001, "p.csv:1:1")
    yield panel("web page", "<!DOCTYPE html>\n<html><body>404</body></html>\n", "p.csv:1:1", "city")
    yield panel("JSON", '[{"city": "A", "year": 2011}]\n', "p.csv:1:")
    yield panel("Excel", b"PK\x03\x04" + bytes(200), "zip", "CSV UTF-8")
    yield panel("old Excel", b"\xd0\xcf\x11\xe0" + bytes(200), "Excel")
    yield panel("gzip", b"\x1f\x8b\x08" + bytes(200), "gunzip")
    yield panel("UTF-16 with a mark", PANEL.encode("utf-16"), "UTF-16", "iconv")
    yield panel("UTF-32", PANEL.encode("utf-32-le"), "p.csv", "UTF-32")
    yield panel("Latin-1", PANEL.replace("A,", "M\u00fcnchen,").encode("latin-1"), "p.csv:2:1", "WINDOWS-1252")
    yield panel("Big5", PANEL.replace("A,", "\u81fa\u5317,").encode("big5"), "p.csv:2:1", "iconv")
    yield panel("broken UTF-8", PANEL.replace("A,", "\u5317\u4eac\u5e02,").encode().replace(b"\xba\xac", b"\xba", 1),
                "p.csv:2:1", "damaged")
    yield panel("surrogates", PANEL.encode().replace(b"A,", b"\xed\xa0\x80,", 1), "p.csv:2:1", "UTF-8")


def roles():
    yield panel("time with decimals", cell(3, "year", "2011.5"), "p.csv:4:2", "2011.5")
    yield panel("time as a quarter", cell(3, "year", "2011Q1"), "p.csv:4:2", "2011Q1")
    yield panel("time beyond integers", cell(3, "year", "1e300"), "p.csv:4:2", "1e300")
    yield panel("no time", cell(3, "year", ""), "p.csv:4:2", "time is missing")
    yield panel("no unit", cell(3, "city", ""), "p.csv:4:1", "unit is missing")
    yield panel("Namibia", cell(3, "city", "NA"), "p.csv:4:1", "in quotes")
    for command in ON_PANEL.values():
        yield Case(f"csv: no unit column for {command[0]}", replaced(command, unit="ctiy"), DATA, "p.csv:1:1", "ctiy", "city")
        yield Case(f"csv: no time column for {command[0]}", replaced(command, time="yaer"), DATA, "p.csv:1:1", "yaer", "year")
        if "--inputs" in command:
            yield Case(f"csv: no input for {command[0]}", replaced(command, inputs="kapital"), DATA, "kapital")
            yield Case(f"csv: no good output for {command[0]}", replaced(command, good="yield"), DATA, "yield")
            yield Case(f"csv: text as input for {command[0]}", replaced(command, inputs="word"), DATA, "word")
            yield Case(f"csv: column in two roles for {command[0]}", replaced(command, good="k"), USAGE, "k")
            yield panel(f"negative input for {command[0]}", cell(3, "k", "-6"), "p.csv", "record 3", "k", command=command)
            yield panel(f"nothing complete for {command[0]}", column("k", [""] * 8), "k", command=command)


def estimates():
    nothing = column("x", ["0"] * 8)
    yield panel("log of a negative number", column("x", ["-1"] * 8), "log(x)", command=replace_formula(REGRESS, "y ~ log(x)"))
    yield panel("regressor all zero", nothing, "x", command=REGRESS, exit=(0, DATA))
    yield panel("outcome all missing", column("y", [""] * 8), "y")
    yield panel("outcome constant", column("y", ["3"] * 8), command=REGRESS, exit=(0, DATA))
    yield panel("fewer rows than terms", "\n".join(ROWS[:3]) + "\n", "2", command=replace_formula(REGRESS, "y ~ x + k + z"))
    yield panel("one row", "\n".join(ROWS[:2]) + "\n", "1")
    yield panel("one cluster", PANEL.replace("B,", "A,").replace("C,", "A,").replace("D,", "A,"), "A", command=BOOTSTRAP)
    yield panel("one cluster left", "\n".join(ROWS[:3]) + "\n", command=replace_formula(BOOTSTRAP, "y ~ x"))
    yield panel("treatment without variation", nothing, "x", command=PLACEBO)
    yield panel("one group", column("g", ["1"] * 8), "g", command=GROUPS)
    yield panel("three groups", column("g", list("12312312")), "g", command=GROUPS)
    yield panel("index of a constant", column("x", ["2"] * 8), "x", command=INDEX)
    yield panel("index of nothing", column("x", [""] * 8), "x", command=INDEX)
    yield panel("index of text", PANEL, "word", command=replaced(INDEX, positive="y,word"))
    yield panel("inputs all zero", column("k", ["0"] * 8), "8 scores undefined", command=DEA, exit=0)
    yield panel("inputs all zero for productivity", column("k", ["0"] * 8), "unbounded", command=PRODUCTIVITY, exit=0)
    yield panel("one period", "\n".join(line for line in ROWS if "2012" not in line) + "\n", "nothing to compare", command=PRODUCTIVITY, exit=0)
    yield panel("environment missing", column("z", [""] * 8), "z", command=TWO_STAGE)
    yield panel("environment constant", column("z", ["1"] * 8), "z", command=TWO_STAGE)
    yield panel("two units", "\n".join(ROWS[:3]) + "\n", command=BOOT_DEA)
    yield panel("huge numbers", column("x", ["1e308", "-1e308"] * 4), command=REGRESS, exit=(0, DATA))
    yield panel("tiny numbers", column("x", ["5e-324", "0"] * 4), command=REGRESS, exit=(0, DATA))
    yield panel("huge inputs", column("k", ["1e308"] * 8), command=DEA, exit=(0, 3, DATA))
    yield panel("tiny inputs", column("k", ["5e-324"] * 8), command=DEA, exit=(0, 3, DATA))
    yield panel("no group", column("word", [""] * 8), "8 rows have no value of word", command=replaced(DEA, groups="word"), exit=0)
    yield panel("no cluster", column("word", [""] * 8), "word", command=replaced(PARTIAL, cluster="word", replicates="20"))


def replace_formula(command, formula):
    return command[:2] + [formula] + command[3:]


def cases():
    for part in (every_command, numbers, shapes, roles, estimates):
        yield from part()
