"""A result file opens in h5py and xarray with named coordinates in every group."""
import os
import subprocess
import sys
import tempfile

try:
    import h5netcdf  # noqa: F401  (xarray's engine)
    import h5py
    import numpy as np
    import xarray as xr
except ImportError as error:
    print("SKIPPED:", error)
    sys.exit(77)

BEIJING = "\u5317\u4eac"


def sample(folder):
    """The hand-made results of sample_results.hpp, written by the test program beside ours."""
    program = os.path.join(os.path.dirname(os.environ["GREENFRONT_PROGRAM"]), "tests", "test_io")
    program = os.environ.get("GREENFRONT_TEST_IO", program)
    path = os.path.join(folder, "sample.h5")
    subprocess.run([program, "--test-case=the sample for check_xarray.py"], check=True,
                   stdout=subprocess.DEVNULL, env=dict(os.environ, GREENFRONT_SAMPLE_H5=path))
    return path


def main():
    with tempfile.TemporaryDirectory() as folder:
        path = sample(folder)
        check_h5py(path)
        check_xarray(path)
        check_netcdf(path)
    print("groups, coordinates, fill values and categories read back")


def check_h5py(path):
    with h5py.File(path, "r") as f:
        assert f["dea/eff/unit"] == f["unit"], "the root's scale is linked, not copied"
        score = f["dea/eff/score"]
        assert [d.label for d in score.dims] == ["unit", "time"]
        assert score.dims[0][0] == f["unit"] and score.dims[1][0] == f["time"]
        assert h5py.check_string_dtype(f["unit"].dtype).length is None, "variable-length strings"
        assert h5py.check_string_dtype(f["unit"].dtype).encoding == "utf-8"
        assert np.isnan(score.attrs["_FillValue"])
        status = f["dea/eff/status"]
        assert status.dtype == np.int8 and status.attrs["_FillValue"] == -1
        assert status.attrs["flag_values"].dtype == np.int8
        assert status.attrs["flag_meanings"].split()[1] == "infeasible"
        assert f["dea/eff/lambda"].shape == (0,)
        assert f["dea/eff"].attrs["inputs"].tolist() == ["capital"]
        assert f["regression/base"].attrs["omitted"].shape == (0,)
        assert set(f) == {"unit", "time", "panel", "dea", "index", "regression", "bootstrap", "placebo",
                          "sweep", "provenance"}, list(f)
        for name, item in walk(f):
            if isinstance(item, h5py.Dataset) and not h5py.h5ds.is_scale(item.id):
                assert all(len(d) == 1 for d in item.dims), f"{name} has a scale on every dimension"


def walk(group, prefix=""):
    """All links, hard-linked scales in each of their places."""
    for key, item in group.items():
        yield prefix + key, item
        if isinstance(item, h5py.Group):
            yield from walk(item, prefix + key + "/")


def check_xarray(path):
    with xr.open_dataset(path, engine="h5netcdf") as root:
        assert list(root.coords["unit"].values) == ["A", "B", BEIJING]
    with xr.open_dataset(path, engine="h5netcdf", group="dea/eff") as dea:
        assert dea.score.dims == ("unit", "time")
        assert float(dea.score.sel(unit="A", time=2012)) == 0.5
        assert np.isnan(float(dea.status.sel(unit=BEIJING, time=2011))), "-1 is missing"
        assert float(dea.slack.sel(unit="B", time=2011, variable="co2")) == 0.5
        assert dea.sizes["peer_entry"] == 0
        assert dea.attrs["model"] == "sbm"
    with xr.open_dataset(path, engine="h5netcdf", group="panel") as panel:
        assert float(panel.gdp.sel(unit="B", time=2012)) == 4
        assert panel["time_"].attrs["original_name"] == "time"
        assert panel.region.sel(unit=BEIJING, time=2011).item() == "a\nb"
        assert panel.gdp.attrs["units"] == "yuan"
    with xr.open_dataset(path, engine="h5netcdf", group="sweep/policy") as sweep:
        picked = sweep.econometric_by_time.sel(scenario="a=0,b=1", time=2012)
        assert float(picked) == 4
        assert float(sweep.econometric_by_group.sel(scenario="a=1,b=1", group="West")) == 12
    with xr.open_dataset(path, engine="h5netcdf", group="bootstrap/boot") as boot:
        assert boot.draw.sel(term="nqp").sizes == {"replicate": 2}
    with h5py.File(path, "r") as f:
        groups = [name for name, item in walk(f) if isinstance(item, h5py.Group)]
    for group in groups:
        xr.open_dataset(path, engine="h5netcdf", group=group).load().close()


def check_netcdf(path):
    try:
        import netCDF4
    except ImportError:
        print("netCDF4 is not installed; its reading was not checked")
        return
    with netCDF4.Dataset(path) as f:
        assert f["dea/eff/score"].dimensions == ("unit", "time")
        assert f["dea/eff/score"][0, 1] == 0.5


main()
