"""Parts, failed units, Stata files, figures to compare with, and files that cannot be read or written at all."""

import copy
import json
import os
import struct

from case import CANNOT_CREATE, Case, DATA, IO, NO_INPUT, PANEL, REGRESS, STUDY, STUDY_TEXT, USAGE, replaced
from fixtures import FAILED, STUDY as FIXTURE

MERGE = ["merge", "-o", "out.h5", "f.parts"]
PART = "sweep-0-block-0.part"
STATA = ["regress", "p.dta", "y ~ x", "--unit", "unit", "--time", "time"]
REPLAY = ["replay", "f.json"]


def parts(name, change, *says, exit=DATA, command=MERGE):
    """The folder of a finished shard after `change` on a dictionary of its files."""
    def copy_all(folder, fixtures):
        files = {path.name: path.read_bytes() for path in sorted((fixtures / "parts.h5.parts").iterdir()) if path.is_file()}
        change(files)
        (folder / "f.parts").mkdir()
        for file, contents in files.items():
            (folder / "f.parts" / file).write_bytes(contents)

    return Case("parts: " + name, command, exit, *says, files={"f.parts": copy_all, "s.toml": FIXTURE})


def part(name, spoil, *says):
    def change(files):
        files[PART] = spoil(files[PART])

    return parts(name, change, PART, *says)


def part_files():
    put = lambda place, new: lambda old: old[:place] + new + old[place + len(new):]
    yield part("empty", lambda old: b"", "truncated")
    yield part("one byte", lambda old: old[:1])
    yield part("magic alone", lambda old: old[:8], "truncated")
    yield part("header alone", lambda old: old[:24], "truncated")
    yield part("cut", lambda old: old[:-1], "truncated")
    yield part("longer", lambda old: old + b"x", "behind its end")
    yield part("text", lambda old: b"hello\n", "not a part")
    yield part("HDF5", lambda old: b"\x89HDF\r\n\x1a\n" + old, "not a part")
    yield part("end of line lost", lambda old: old.replace(b"\n", b"\r\n"))
    yield part("another version", put(8, struct.pack("<Q", 2)), "version 2")
    yield part("huge version", put(8, b"\xff" * 8), "version")
    yield part("huge size", put(16, b"\xff" * 8), "truncated")
    yield part("size of nothing", put(16, bytes(8)))
    yield part("another run id", put(24, b"0" * 32), "checksum")
    yield part("flipped", lambda old: old[:100] + bytes([old[100] ^ 1]) + old[101:], "checksum")
    yield part("checksum of zeros", lambda old: old[:-16] + bytes(16), "checksum")
    yield parts("the part gone", lambda files: files.pop(PART), "sweep")
    yield parts("another block's name", lambda files: files.update({"sweep-0-block-7.part": files[PART]}), "sweep-0-block-7.part")
    yield parts("another sweep's name", lambda files: files.update({"sweep-9-block-0.part": files[PART]}), "sweep-9-block-0.part")
    yield parts("a name beyond numbers", lambda files: files.update({"sweep-0-block-99999999999999999999.part": b""}),
                exit=(0, DATA))
    yield parts("no files", lambda files: files.clear(), "f.parts", exit=(DATA, NO_INPUT))
    for name in ("study.toml", "run.json"):
        yield parts(f"{name} gone", lambda files, name=name: files.pop(name, None), exit=(0, DATA, NO_INPUT))
        yield parts(f"{name} spoilt", lambda files, name=name: files.update({name: b"\0\xff{"}), exit=(0, DATA, STUDY))
    yield Case("parts: no folder", MERGE, NO_INPUT, "f.parts")
    yield Case("parts: a file for a folder", ["merge", "-o", "out.h5", "p.csv"], NO_INPUT, "p.csv")
    yield Case("parts: output is a part", ["merge", "-o", "p.csv", "f.parts"], (NO_INPUT, CANNOT_CREATE), files={"f.parts": "/"})


def failed(name, path, value, *says, exit=DATA):
    data = copy.deepcopy(FAILED)
    place = data
    for key in path[:-1]:
        place = place[key]
    if value is None:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return Case("failed: " + name, REPLAY, exit, "f.json", *says, files={"f.json": json.dumps(data)})


def failed_units():
    for name, text in (("empty", ""), ("text", "hello"), ("list", "[]"), ("number", "3"), ("null", "null"), ("cut", json.dumps(FAILED)[:500]),
                       ("deep", "[" * 100000), ("deep and closed", "[" * 50000 + "]" * 50000), ("no UTF-8", b'{"format": "\xff"}'),
                       ("binary", bytes(range(256))), ("UTF-16", json.dumps(FAILED).encode("utf-16")), ("of another program", '{"format": "x"}')):
        yield Case("failed: " + name, REPLAY, DATA, "f.json", files={"f.json": text})
    yield Case("failed: not there", REPLAY, NO_INPUT, "f.json")
    yield Case("failed: a folder", REPLAY, NO_INPUT, "f.json", files={"f.json": "/"})
    for key in FAILED:
        if key not in ("time", "left_out"):
            yield failed(f"{key} missing", [key], None, key)
        yield failed(f"{key} of another type", [key], {"a": 1} if key not in ("settings", "evaluated", "reference") else 3, key)
    for key in FAILED["settings"]:
        yield failed(f"settings.{key} missing", ["settings", key], None, key)
        yield failed(f"settings.{key} of another type", ["settings", key], {"kind": 3}, key)
    for key in ("model", "orientation", "returns", "disposability", "additive_weights", "slack_weights", "super_bads"):
        yield failed(f"settings.{key} unknown", ["settings", key], "qwerty", "qwerty")
    yield failed("format version", ["format_version"], 2, "version")
    yield failed("format version too large", ["format_version"], 10 ** 30, "version")
    yield failed("record too large", ["record"], 1e300, "record")
    for digits in (0, -1, 17, 10 ** 9):
        yield failed(f"digits {digits}", ["settings", "digits"], digits, "digits")
    for column in (-1, 3, 2 ** 31 - 1):
        yield failed(f"evaluated column {column}", ["evaluated_column"], column, "evaluated_column")
    for column in (-2, 3, 2 ** 31 - 1):
        yield failed(f"reference column {column}", ["reference_column"], column, "reference_column")
    for range_ in ([0], [0, 1, 2], [-1, 2], [0, 99], [4, 1], ["a", "b"]):
        yield failed(f"left out {range_}", ["left_out"], range_, "left_out")
    for what, path, value in (
        ("evaluated without inputs", ["evaluated", "inputs"], []),
        ("evaluated without goods", ["evaluated", "good"], []),
        ("evaluated with another input", ["evaluated", "inputs"], [[1, 2, 3], [1, 2, 3]]),
        ("evaluated with a bad", ["evaluated", "bad"], [[1, 2, 3]]),
        ("goods of other units", ["evaluated", "good"], [[1, 2]]),
        ("ragged inputs", ["evaluated", "inputs"], [[1, 2, 3], [1]]),
        ("inputs as texts", ["evaluated", "inputs"], [["a", "b", "c"]]),
        ("inputs without end", ["evaluated", "inputs"], [[None, 2, 3]]),
        ("inputs negative", ["evaluated", "inputs"], [[-1, 2, 3]]),
        ("prices of other units", ["evaluated", "prices"], [[1, 2]]),
        ("reference without units", ["reference", "inputs"], [[]]),
        ("reference without goods", ["reference", "good"], []),
        ("reference with another good", ["reference", "good"], [[1, 2, 3]] * 2),
        ("reference negative", ["reference", "good"], [[1, -2, 3]]),
    ):
        yield failed(what, path, value)
    for key in ("input_weights", "output_weights", "item_weights"):
        yield failed(f"{key} of the wrong number", ["settings", key], [1.0] * 9, "weights")
    for key in ("direction_inputs", "direction_good", "direction_bad"):
        yield failed(f"{key} of the wrong number", ["settings", key], {"kind": "given", "given": [1.0] * 9}, "direction")
        yield failed(f"{key} of an unknown kind", ["settings", key], {"kind": "up", "given": []}, key)


def stata(name, spoil, *says, exit=DATA):
    return Case("stata: " + name, STATA, exit, "p.dta", *says, files={
        "p.dta": lambda folder, fixtures: spoil((fixtures / "p.dta").read_bytes())})


def stata_files():
    for size in (12, 30, 67, 200, 500, 1000, 3000, 6000):
        yield stata(f"cut to {size}", lambda old, size=size: old[:size])
    yield stata("cut but ended", lambda old: old[:2000] + b"</stata_dta>")
    yield stata("version 200", lambda old: old.replace(b"<release>118", b"<release>200"))
    yield stata("version of letters", lambda old: old.replace(b"<release>118", b"<release>abc"))
    yield stata("byte order unknown", lambda old: old.replace(b"LSF", b"XSF"))
    yield stata("byte order turned", lambda old: old.replace(b"LSF", b"MSF"))
    for count in (b"\x00\x00", b"\xff\xff", b"\x07\x00"):
        yield stata(f"{count!r} variables", lambda old, count=count: replace_after(old, b"<K>", count))
    for count in (bytes(8), b"\xff" * 8, b"\x09" + bytes(7), b"\xff\xff\xff\x7f" + bytes(4)):
        yield stata(f"{count!r} observations", lambda old, count=count: replace_after(old, b"<N>", count))
    for tag in (b"<variable_types>", b"<varnames>", b"<formats>", b"<data>", b"<map>", b"<sortlist>"):
        yield stata(f"without {tag.decode()}", lambda old, tag=tag: old.replace(tag, b"<" + b"x" * (len(tag) - 2) + b">"))
        yield Case(f"stata: {tag.decode()} overwritten", STATA, (0, DATA), files={
            "p.dta": lambda folder, fixtures, tag=tag: replace_after((fixtures / "p.dta").read_bytes(), tag, b"\xff" * 40)})
    yield stata("names of no letters", lambda old: replace_after(old, b"<varnames>", b"\x00" * 20))
    yield stata("names that are no UTF-8", lambda old: replace_after(old, b"<varnames>", b"\xff\xfe\x00"), "UTF-8")
    yield stata("names that are one", lambda old: replace_after(old, b"<varnames>", b"time\x00"), "time")
    yield stata("old format alone", lambda old: bytes([114, 2, 1, 0]) + bytes(10))
    yield stata("old format of zeros", lambda old: bytes([114, 2, 1, 0]) + bytes(5000))
    yield stata("old format of ones", lambda old: bytes([114, 1, 1, 0]) + b"\xff" * 5000)
    yield stata("SPSS", lambda old: b"$FL2@(#) SPSS DATA FILE" + bytes(500))
    yield stata("SAS", lambda old: bytes(12) + b"\xc2\xea\x81\x60" + bytes(500))
    yield stata("R", lambda old: b"RDX3\nX\n" + bytes(100))
    yield Case(
        "stata: no such column", replaced(STATA, unit="city"), DATA, "p.dta", "city",
        files={"p.dta": lambda folder, fixtures: (fixtures / "p.dta").read_bytes()})
    yield Case("stata: as a study", ["plan", "p.dta"], STUDY, "p.dta", files={
        "p.dta": lambda folder, fixtures: (fixtures / "p.dta").read_bytes()})


def replace_after(old, tag, new):
    at = old.index(tag) + len(tag)
    return old[:at] + new + old[at + len(new):]


def priced():
    """The cost model reads prices, the radial one does not."""
    for what, prices in (("of more variables", [[1, 2, 3]] * 5), ("missing", []), ("negative", [[-1, 2, 3]]), ("of two units", [[1, 2]])):
        data = copy.deepcopy(FAILED)
        data["settings"]["model"] = "cost"
        data["evaluated"]["prices"] = prices
        yield Case(f"failed: prices {what}", REPLAY, DATA, "f.json", "price", files={"f.json": json.dumps(data)})


def figures():
    text = STUDY_TEXT + '[published]\nfile = "f.csv"\n'
    for name, contents in (("empty", ""), ("binary", bytes(range(256))), ("other columns", "a,b\n1,2\n"), ("header", "table,row\n"),
                           ("UTF-16", "table,row\n".encode("utf-16"))):
        yield Case(f"figures: {name}", ["plan", "s.toml"], DATA, "f.csv", files={"s.toml": text, "f.csv": contents})


def places():
    yield Case("place: a device without end", replaced(["regress", "/dev/full", "y ~ x"]), NO_INPUT, "/dev/full", "device")
    yield Case("place: a folder of the system", ["regress", "/proc", "y ~ x"], NO_INPUT, "/proc")
    yield Case("place: a folder in a file", ["regress", "p.csv/p.csv", "y ~ x"], NO_INPUT, "p.csv/p.csv")
    yield Case("place: a link to itself", ["regress", "loop", "y ~ x"], NO_INPUT, "loop",
               files={"loop": lambda folder, _: (folder / "loop").symlink_to("loop")})
    yield Case("place: a link to nothing", ["regress", "loop", "y ~ x"], NO_INPUT, "loop",
               files={"loop": lambda folder, _: (folder / "loop").symlink_to("nothing")})
    yield Case("place: a name of nothing", ["regress", "", "y ~ x"], (NO_INPUT, USAGE))
    yield Case("place: an address", ["regress", "https://example.org/p.csv", "y ~ x"], NO_INPUT, "https://example.org/p.csv")
    yield Case("place: a pattern", ["regress", "*.csv", "y ~ x"], NO_INPUT, "*.csv")
    yield Case("place: somebody's home", ["regress", "~/p.csv", "y ~ x"], NO_INPUT, "~/p.csv")
    yield Case("place: odd letters", ["regress", "\u5317\u4eac \x1b[2J.csv", "y ~ x"], NO_INPUT, "\u5317\u4eac \\x1b[2J.csv")
    if os.geteuid() != 0:
        for name in ("p.csv", "s.toml"):
            yield Case(f"place: {name} unreadable", REGRESS if name == "p.csv" else ["plan", "s.toml"], NO_INPUT, name, files={
                name: lambda folder, _, name=name: os.chmod(folder / name, 0)})


def cases():
    for part in (part_files, failed_units, priced, stata_files, figures, places):
        yield from part()
