"""Result files of strangers: no HDF5, cut off, of another version, with groups, types and shapes that nobody wrote."""

import h5py
import numpy as np

from case import CANNOT_CREATE, Case, DATA, NO_INPUT, USAGE

READERS = (["show", "r.h5"], ["compare", "r.h5"], ["export", "r.h5", "panel"], ["verify", "r.h5"],
           ["report", "r.h5", "-o", "r.html", "--no-figures"])
SHOW = READERS[0]
TEXT = h5py.string_dtype("utf-8")


def whole(_, fixtures):
    return (fixtures / "r.h5").read_bytes()


def result(name, contents, *says, command=SHOW, exit=DATA, files=None):
    return Case("results: " + name, command, exit, *says, files={"r.h5": contents, **(files or {})})


def edited(action):
    """The good result after `action` on it with h5py."""
    def make(folder, fixtures):
        path = folder / "r.h5"
        path.write_bytes((fixtures / "r.h5").read_bytes())
        with h5py.File(path, "r+") as file:
            action(file)
        return path.read_bytes()

    return make


def made(action, version=True):
    """A new file of h5py's, with the right version."""
    def make(folder, _):
        path = folder / "r.h5"
        with h5py.File(path, "w") as file:
            if version:
                file.attrs["format_version"] = np.int64(1)
            action(file)
        return path.read_bytes()

    return make


def cut(size):
    return lambda folder, fixtures: (fixtures / "r.h5").read_bytes()[:size]


def flipped(place):
    def make(folder, fixtures):
        good = bytearray((fixtures / "r.h5").read_bytes())
        good[place % len(good)] ^= 0x41
        return bytes(good)

    return make


def replace_dataset(path, **options):
    def action(file):
        del file[path]
        file.create_dataset(path, **options)

    return action


def kinds():
    for command in READERS:
        what = command[0]
        yield result(f"not there for {what}", None, "r.h5", command=command, exit=NO_INPUT)
        yield result(f"folder for {what}", "/", "r.h5", command=command, exit=NO_INPUT)
        yield result(f"empty for {what}", "", "r.h5", "is not a result file", command=command)
        yield result(f"text for {what}", "city,year\n", "r.h5", "is not a result file", command=command)
        yield result(f"signature alone for {what}", b"\x89HDF\r\n\x1a\n", "r.h5", command=command)
        yield result(f"half of it for {what}", cut(70000), "r.h5", command=command)
        yield result(f"another HDF5 file for {what}", made(lambda file: None, version=False), "r.h5", "format_version",
                     command=command)
        yield result(f"another version for {what}", edited(lambda file: file.attrs.create("format_version", np.int64(99))), "r.h5",
                     "version", command=command)
    for size in (9, 48, 96, 100, 512, 1000, 2048, 5000, 20000, 144000):
        yield result(f"cut to {size}", cut(size), "r.h5")
    for place in (8, 9, 13, 40, 60, 96, 120, 200, 400, 800, 1000, 1500, 2200, 3000, 4100):
        yield result(f"byte {place} flipped", flipped(place), command=SHOW, exit=(0, DATA))
    yield result("bytes behind its end", lambda folder, fixtures: (fixtures / "r.h5").read_bytes() + b"x" * 1000, exit=(0, DATA))
    yield result("NULs", bytes(100000), "is not a result file")
    yield result("MATLAB file", b"MATLAB 7.3 MAT-file" + bytes(493) + b"\x89HDF\r\n\x1a\n" + bytes(100), "r.h5")
    yield result("netCDF 3", b"CDF\x01" + bytes(100), "is not a result file")


def attributes():
    root = lambda name, value: edited(lambda file: file.attrs.create(name, value))
    yield result("version as text", root("format_version", "1"), "r.h5", "version")
    yield result("version as a list", root("format_version", np.array([1, 1])), "r.h5", "version")
    yield result("version as a number with decimals", root("format_version", 1.0), "r.h5", "version")
    yield result("version without value", edited(lambda file: (file.attrs.__delitem__("format_version"), file.attrs.create(
        "format_version", h5py.Empty("i8")))), "r.h5")
    yield result("checksum of another", root("checksum", "0" * 16), "checksum")
    yield result("checksum gone", edited(lambda file: file.attrs.__delitem__("checksum")), "checksum")
    yield result("checksum a number", root("checksum", 3), "checksum")
    yield result("one attribute more", edited(lambda file: file.attrs.create("more", "x")), "checksum")
    yield result("complex attribute", edited(lambda file: file.attrs.create("more", 1 + 2j)), "more")
    yield result("reference as attribute", edited(lambda file: file.attrs.create("more", file.ref, dtype=h5py.ref_dtype)), "more")
    yield result("text of fixed length", edited(lambda file: file.attrs.create("more", np.bytes_("abc"))), "more", "fixed length")
    yield result("text that is no UTF-8", edited(lambda file: file.attrs.create("more", b"\xff\xfe", dtype=TEXT)), "r.h5")
    yield result("empty attribute", edited(lambda file: file.attrs.create("more", h5py.Empty("f8"))), "r.h5")
    yield result("list without elements", edited(lambda file: file.attrs.create("more", np.zeros(0))), "r.h5")
    yield result("a thousand attributes", made(lambda file: [file.attrs.create(f"a{i}", i) for i in range(1000)]), "checksum")
    yield result("original name a number", edited(lambda file: file["panel/y"].attrs.create("original_name", 3)), "panel", "y")
    yield result("original name a list", edited(lambda file: file["panel/y"].attrs.create("original_name", [1.5, 2])), "panel", "y")


def datasets():
    yield result("dataset gone", edited(lambda file: file.__delitem__("dea/eff/score")), "score", exit=(0, DATA))
    yield result("dataset of texts", edited(replace_dataset("dea/eff/score", data=np.array(["a"], dtype=object), dtype=TEXT)), "score")
    yield result("dataset of dates", edited(replace_dataset("dea/eff/score", data=np.array([(1, 2.0)], "i4,f8"))), "score")
    yield result("dataset of references", edited(lambda file: file["dea/eff"].create_dataset("link", (2,), h5py.ref_dtype)), "link")
    yield result("dataset of short texts", edited(lambda file: file["dea/eff"].create_dataset("short", data=np.bytes_("abc"))), "short")
    yield result("dataset of lists", edited(lambda file: file["dea/eff"].create_dataset("lists", (2,), h5py.vlen_dtype("f8"))), "lists")
    yield result("dataset without dimensions", edited(lambda file: file["dea/eff"].create_dataset("bare", data=np.zeros(3))), "bare")
    yield result("dataset with another shape", edited(replace_dataset("dea/eff/score", data=np.zeros((2, 2, 2)))), "score")
    yield result("scalar dataset", edited(replace_dataset("dea/eff/score", data=1.0)), "score")
    yield result("empty dataset", edited(replace_dataset("dea/eff/score", data=h5py.Empty("f8"))), "score")
    for what, shape in (("a terabyte", (1 << 37,)), ("an exabyte", (1 << 57,)), ("more than can be counted", (1 << 40, 1 << 40))):
        yield result(f"dataset that declares {what}", made(lambda file, shape=shape: scale(file, shape)), "huge")
    yield result("text that declares a terabyte", made(lambda file: scale(file, (1 << 37,), TEXT)), "huge")
    yield result("bomb of zeros", made(lambda file: scale(file, (1 << 36,), "i1", compression="gzip")), "huge")
    yield result("values changed", edited(lambda file: file["dea/eff/score"].__setitem__(Ellipsis, 0.5)), "checksum", "score")
    yield result("values changed for verify", edited(lambda file: file["dea/eff/score"].__setitem__(Ellipsis, 0.5)), "checksum",
                 command=["verify", "r.h5"])
    yield result("unit as numbers", edited(replace_dataset("unit", data=np.arange(4.0))), "unit")
    yield result("a filter that nobody has", edited(lambda file: unknown_filter(file["dea/eff"])), "odd")
    yield result("dataset in another file", edited(lambda file: file["dea/eff"].create_dataset(
        "outside", (10,), "i1", external=[("p.csv", 0, 10)])), "outside")
    yield result("virtual dataset", edited(lambda file: virtual(file["dea/eff"])), "virtual")


def scale(file, shape, dtype="f8", **options):
    chunks = None if len(shape) == 1 and not options else tuple(min(n, 1 << 10) for n in shape)
    data = file.create_dataset("huge", shape, dtype, chunks=chunks, **options)
    if len(shape) == 1:
        data.make_scale("huge")
    else:
        for dim in data.dims:
            dim.label = "huge"


def unknown_filter(group):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_chunk((4,))
    creation.set_filter(40000, h5py.h5z.FLAG_OPTIONAL, (1,))
    h5py.h5d.create(group.id, b"odd", h5py.h5t.NATIVE_DOUBLE, h5py.h5s.create_simple((4,)), creation)
    group["odd"].dims[0].label = "x"


def virtual(group):
    layout = h5py.VirtualLayout(shape=(10,), dtype="f8")
    layout[:] = h5py.VirtualSource("other.h5", "x", shape=(10,))
    group.create_virtual_dataset("virtual", layout)
    group["virtual"].dims[0].label = "x"


def links():
    yield result("group in itself", edited(lambda file: file["dea"].__setitem__("loop", file["dea"])), "loop")
    yield result("root in a group", edited(lambda file: file["dea"].__setitem__("loop", file["/"])), "loop")
    yield result("group linked twice", edited(lambda file: file.__setitem__("dea2", file["dea"])), exit=(0, DATA))
    yield result("soft link to itself", edited(lambda file: file["dea"].__setitem__("loop", h5py.SoftLink("/dea/loop"))), "loop")
    yield result("soft link to its parent", edited(lambda file: file["dea"].__setitem__("loop", h5py.SoftLink("/dea"))), "loop")
    yield result("soft link to nothing", edited(lambda file: file["dea"].__setitem__("loop", h5py.SoftLink("/none"))), "loop")
    yield result("link to another file", edited(lambda file: file["dea"].__setitem__(
        "loop", h5py.ExternalLink("other.h5", "/"))), "loop")
    yield result("link to a file of the system", edited(lambda file: file["dea"].__setitem__(
        "loop", h5py.ExternalLink("/etc/passwd", "/"))), "loop")
    yield result("link to a good result", edited(lambda file: file.__setitem__("loop", h5py.ExternalLink("again.h5", "/dea"))), "loop",
                 files={"again.h5": whole})
    yield result("groups a thousand deep", made(lambda file: file.create_group("/".join(["g"] * 1000))), "r.h5")
    yield result("names a link cannot have in TOML", edited(lambda file: file["dea"].create_group("a\x1b[2Jb")), "r.h5", exit=(0, DATA))
    yield result("type in a group", edited(lambda file: file["dea"].__setitem__("type", np.dtype("f8"))), exit=(0, DATA))


def gone():
    def without(path):
        return edited(lambda file: file.__delitem__(path))

    for path in ("panel", "unit", "time", "dea/eff", "regression/base", "bootstrap/boot", "sweep/few", "provenance", "index/idx"):
        for command in READERS:
            yield result(f"without {path} for {command[0]}", without(path), command=command, exit=(0, DATA, USAGE))
    yield result("without a column of the regression", without("regression/base/estimate"), "estimate")
    yield result("without the terms", without("regression/base/term"), exit=(0, DATA))
    for path, table in (("regression/base/term", "regression/base"), ("bootstrap/boot/term", "bootstrap/boot"),
                        ("sweep/few/scenario", "sweep/few")):
        for form in ("csv", "json", "dta"):
            out = ["-o", "o.dta"] if form == "dta" else []
            yield result(f"without {path} for a {form} of {table}", without(path), path.rsplit("/")[-1],
                         command=["export", "r.h5", table, "--format", form, *out])
    yield result("without the panel for export", without("panel"), "panel", command=["export", "r.h5", "panel"], exit=USAGE)
    yield result("without the scores for export", without("dea/eff/score"), command=["export", "r.h5", "dea/eff"], exit=(0, DATA))


def words():
    for command, *says in (
        (["show", "r.h5", "nothing"], "nothing"), (["show", "r.h5", "dea/no_such"], "no_such"), 
        (["show", "r.h5", "../dea"], "../dea"), (["export", "r.h5", "nothing"], "nothing"),
        (["export", "r.h5", "dea/eff/no_such"], "no_such"), (["export", "r.h5", "panel", "--format", "tex"], "panel"),
        (["export", "r.h5", "regression", "--format", "dta"], "regression"), (["export", "r.h5", "/"], "/"),
        (["export", "r.h5", "sweep/few/../../panel"], "sweep/few"), (["compare", "r.h5", "--sweep", "fwe"], "fwe"),
        (["show", "r.h5", "paper"], "paper"),
        (["export", "r.h5", "tidy", "--only", "base,none"], "none"), (["export", "r.h5", "tidy/none"], "none"),
        (["compare", "r.h5", "--by", "sensitivity"], "sweep/few"), (["compare", "r.h5", "--by", "group"], "sweep/few"),
    ):
        yield result(f"word {' '.join(command)}", whole, *says, command=command, exit=(USAGE, DATA))
    for command in (["export", "r.h5", "panel", "-o", "o.csv"], ["report", "r.h5", "-o", "o.csv", "--no-figures"]):
        what = command[0]
        yield result(f"{what} where a file is", whole, "o.csv", "--force", command=command, exit=CANNOT_CREATE,
                     files={"o.csv": "precious"})
        for name in ("gone/o.csv", "o" * 300, "r.h5"):
            yield result(f"{what} to {name[:12]!r}", whole, command=[name if word == "o.csv" else word for word in command] + ["--force"],
                         exit=(CANNOT_CREATE, USAGE))


def cases():
    for part in (kinds, attributes, datasets, links, gone, words):
        yield from part()
