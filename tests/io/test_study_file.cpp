#include <filesystem>

#include "io/file.hpp"
#include "io/study_file.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

const std::string head =
    "name = \"s\"\n[panel]\nfile = \"p.csv\"\nunit = \"city\"\ntime = \"year\"\n";  // 5 lines

Study read(const std::string& text, const std::vector<std::string>& sets = {}) {
    const TemporaryFolder folder;
    return io::read_study(folder.write("s.toml", text), sets);
}

std::string refusal(const std::string& text, const std::vector<std::string>& sets = {}) {
    return message_of(Fault::study, [&] { (void)read(text, sets); });
}

const std::string full = head + R"(
[[prepare.winsorize]]
columns = ["x", "y"]
low = 5
rule = "type7"

[[prepare.perpetual_inventory]]
name = "capital"
investment = "inv"
growth = 0.05

[index.nqp]
positive = ["robots"]

[dea.second]
inputs = ["k"]
good = ["y"]

[dea.first]
inputs = ["k", "l"]
good = ["y"]
bad = ["co2"]
weights_inputs = [1, 0.5]

[regression.zz]
formula = "y ~ x | city"
vcov = "cluster:city"

[regression.aa]
formula = "y ~ x"
title = "quote \" backslash \\ tab \t line \n umlaut \u00e4 bell \u0007"

[lever.own]
operations = [{ type = "scale", variable = "x", per_unit = -0.1 }]
cost_per_unit = 2

[sweep.policy]
dea = "first"
[[sweep.policy.levers]]
lever = "own"
intensities = [0, 1, 2.5]
path = { shape = "linear", start = 2013, length = 3 }
)";

}  // namespace

TEST_CASE("a study with its defaults, in the order of the file") {
    const Study s = read(full);
    CHECK(s.seed == 1);
    CHECK(s.dea.names() == std::vector<std::string>{"second", "first"});
    CHECK(s.regression.names() == std::vector<std::string>{"zz", "aa"});
    CHECK(s.dea.find("first")->model == "sbm");
    CHECK(s.dea.find("first")->weights_inputs == std::vector<double>{1, 0.5});
    CHECK(s.prepare.winsorize.at(0).low == 5);
    CHECK(s.prepare.winsorize[0].high == 99);
    CHECK(s.prepare.winsorize[0].rule == PercentileRule::type7);
    CHECK(s.prepare.perpetual_inventory.at(0).growth == 0.05);
    CHECK_FALSE(s.prepare.perpetual_inventory[0].initial_multiple.has_value());
    CHECK(s.lever.find("own")->name == "own");
    CHECK(s.lever.find("own")->cost_per_unit == 2);
    CHECK(s.sweep.find("policy")->levers.at(0).intensities == std::vector<double>{0, 1, 2.5});
    CHECK(s.sweep.find("policy")->levers[0].path.start == 2013);
}

TEST_CASE("a written study reads back to the same study") {
    const TemporaryFolder folder;
    const std::string path = folder.write("s.toml", full);
    const Study first = io::read_study(path, {});
    const std::string text = io::write_study(first);
    // The panel's place is relative to the caller by now; an absolute one stays.
    const Study second = io::read_study(folder.write("again.toml", text), {});
    CHECK(io::write_study(second) == text);
    CHECK(second.panel.file == first.panel.file);
    CHECK(second.regression.find("aa")->title ==
          "quote \" backslash \\ tab \t line \n umlaut \xC3\xA4 bell \x07");
    CHECK(second.prepare.perpetual_inventory[0].growth == 0.05);
    CHECK(second.regression.names() == first.regression.names());
    CHECK(contains(text, "boot_cluster") == false);  // no bootstrap stage, no bootstrap keys
    CHECK(contains(text, "depreciation = 0.096"));
}

TEST_CASE("a single table stands for an array of one") {
    const Study s = read(head + "[prepare.winsorize]\ncolumns = [\"x\"]\n");
    CHECK(s.prepare.winsorize.size() == 1);
}

TEST_CASE("the panel's file is relative to the study's folder") {
    const TemporaryFolder folder;
    const auto file = [&](const std::string& name) {
        const std::string text =
            "name = \"s\"\n[panel]\nfile = \"" + name + "\"\nunit = \"u\"\ntime = \"t\"\n";
        return io::read_study(folder.write("s.toml", text), {}).panel.file;
    };
    CHECK(file("p.csv") == folder.file("p.csv"));
    CHECK(file("/data/p.csv") == "/data/p.csv");
    CHECK(file("synth:242x2011-2022") == "synth:242x2011-2022");
}

TEST_CASE("--set") {
    const Study s = read(full, {"seed=7", "dea.first.model=radial", "prepare.winsorize.0.low = 2.5",
                                "regression.zz.formula=y ~ x + z | city^year", "dea.second.bad=[\"so2\"]",
                                "regression.new.formula=y ~ z", "sweep.policy.levers.0.intensities.1=9",
                                "title=two words", "description=", "dea.first.slacks=false"});
    CHECK(s.seed == 7);
    CHECK(s.dea.find("first")->model == "radial");
    CHECK(s.prepare.winsorize[0].low == 2.5);
    CHECK(s.regression.find("zz")->formula == "y ~ x + z | city^year");
    CHECK(s.dea.find("second")->bad == std::vector<std::string>{"so2"});
    CHECK(s.regression.names() == std::vector<std::string>{"zz", "aa", "new"});
    CHECK(s.sweep.find("policy")->levers[0].intensities == std::vector<double>{0, 9, 2.5});
    CHECK(s.title == "two words");
    CHECK(s.description.empty());
    CHECK_FALSE(s.dea.find("first")->slacks);
    const Study single =
        read(head + "[prepare.winsorize]\ncolumns = [\"x\"]\n", {"prepare.winsorize.0.high=95"});
    CHECK(single.prepare.winsorize.at(0).high == 95);
}

TEST_CASE("a key that takes a word or numbers") {
    const std::string text =
        "name = \"n\"\n[panel]\nfile = \"p.csv\"\nunit = \"u\"\ntime = \"t\"\n[dea.x]\ninputs = [\"k\"]\n"
        "good = [\"y\"]\nmodel = \"ddf\"\ndirection_inputs = \"mean\"\ndirection_good = [1, 2.5]\n";
    const Study s = read(text);
    const DeaStage& x = *s.dea.find("x");
    CHECK(x.direction_inputs == WordOrNumbers{"mean", {}});
    CHECK(x.direction_good == WordOrNumbers{"", {1, 2.5}});
    CHECK_FALSE(x.direction_bad.given());
    const Study again = read(io::write_study(s));
    CHECK(again.dea.find("x")->direction_inputs == x.direction_inputs);
    CHECK(again.dea.find("x")->direction_good == x.direction_good);
    CHECK(contains(refusal(text + "weights = 3\n", {}),
                   "dea.x.weights: is an integer, but must be a word in quotes"));
    CHECK(contains(refusal(text + "weights = [1, \"a\"]\n", {}), "dea.x.weights.1: is a text"));
}

TEST_CASE("--set that cannot be followed") {
    CHECK(contains(refusal(full, {"sead=7"}), "--set sead=7: sead: unknown key; did you mean \"seed\"?"));
    CHECK(contains(refusal(full, {"seed=many"}), "--set seed=many: seed: is a text"));
    CHECK(contains(refusal(full, {"prepare.winsorize.3.low=1"}), "a list of 1"));
    CHECK(contains(refusal(full, {"name.deep=1"}), "a value, not a table"));
    CHECK(contains(refusal(full, {"panel.file.x.y=1"}), "a value, not a table"));
    CHECK(contains(message_of(Fault::usage, [] { (void)read(full, {"seed"}); }), "dotted.key=value"));
    CHECK(contains(message_of(Fault::usage, [] { (void)read(full, {"dea..x=1"}); }), "empty part"));
}

TEST_CASE("every problem of a study at once, with its place") {
    const auto message = refusal(
        "name = 3\nsead = 1\n[panel]\nfile = \"p.csv\"\nunit = \"city\"\n[dea.x]\ninputs = \"k\"\ngood = [1, "
        "\"y\"]\n"
        "model = \"sbn\"\nreturns = 1\nslacks = \"yes\"\nweights_inputs = [1, \"2\"]\n[regression.bad-name]\n"
        "formula = \"\"\n[bootstrap]\nreplicates = 2\n[placebo.p]\nreplicates = 1.5\n[[prepare.lag]]\nname = "
        "\"l\"\n"
        "column = \"x\"\nperiods = 99999999999\n[[prepare.group]]\nname = \"g\"\ncolumn = \"x\"\n");
    for (const char* line : {
             "s.toml:1:8: name: is an integer, but must be a text in quotes",
             "s.toml:2:1: sead: unknown key; did you mean \"seed\"?",
             "s.toml:3:1: panel: the key \"time\" is missing (column with the integer period)",
             "s.toml:7:10: dea.x.inputs: is a text, but must be a list of texts",
             "s.toml:8:9: dea.x.good.0: is an integer",
             "s.toml:9:9: dea.x.model: \"sbn\" is not known; did you mean \"sbm\"? use \"sbm\", \"radial\"",
             "s.toml:10:11: dea.x.returns: is an integer, but must be one of the texts",
             "s.toml:11:10: dea.x.slacks: is a text, but must be true or false",
             "s.toml:12:22: dea.x.weights_inputs.1: is a text, but must be a number",
             "s.toml:13:13: regression.bad-name: \"bad-name\" cannot be a name",
             "s.toml:14:11: regression.bad-name.formula: must not be empty",
             "s.toml:16:14: bootstrap.replicates: is an integer, but must be a table with a name of your "
             "choice",
             "placebo.p: the key \"regression\" is missing",
             "placebo.p: the key \"treatment\" is missing",
             "s.toml:18:14: placebo.p.replicates: is a number, but must be an integer",
             "s.toml:22:11: prepare.lag.0.periods: 99999999999 is too large",
             "prepare.group.0: the key \"statistic\" is missing",
         }) {
        CHECK_MESSAGE(contains(message, line), line << "\nis not in\n" << message);
    }
    CHECK(message.find("name: is an integer") < message.find("sead"));
    CHECK(message.find("dea.x") < message.find("placebo"));
}

TEST_CASE("more wrong studies") {
    CHECK(contains(refusal(""), "the key \"name\" is missing"));
    CHECK(contains(refusal(""), "panel: the key \"file\" is missing"));
    CHECK(contains(refusal(head + "[dea]\ninputs = [\"k\"]\n"), "[dea.NAME]"));
    CHECK(contains(refusal(head + "dea = 3\n"), "unknown key"));  // inside [panel]
    CHECK(contains(refusal("dea = 3\n" + head), "1:7: dea: is an integer, but must be tables with names"));
    CHECK(contains(refusal("prepare = 3\n" + head), "must be a table: [prepare]"));
    CHECK(contains(refusal(head + "[prepare]\nlag = 3\n"), "[[prepare.lag]]"));
    CHECK(contains(refusal("seed = -1\n" + head), "negative"));
    CHECK(contains(refusal(head + "[[prepare.winsorize]]\ncolumns = [\"x\"]\nlow = nan\n"), "finite"));
    CHECK(contains(refusal("description = 2020-01-01\n" + head), "date or time"));
    CHECK(contains(refusal("description = \"a\\u0000b\"\n" + head), "u0000"));
    const auto clash =
        refusal(head + "[dea.coor]\ninputs = [\"k\"]\ngood = [\"y\"]\n[index.coor]\npositive = [\"x\"]\n");
    CHECK(contains(clash, "s.toml:9:1: index.coor: the name is that of dea.coor too"));
}

TEST_CASE("files that are no TOML, or not there") {
    CHECK(contains(refusal("name = \n"), "s.toml:1:8"));
    CHECK(contains(refusal("name = \"a\"\nname = \"b\"\n"), "s.toml:2:"));
    CHECK(contains(refusal("name = \"\xFF\"\n"), "the file is not UTF-8: convert it"));
    CHECK(contains(refusal(std::string("\0\x01", 2)), "not valid TOML"));
    const TemporaryFolder folder;
    CHECK(contains(message_of(Fault::no_input, [&] { (void)io::read_study(folder.file("none.toml"), {}); }),
                   "none.toml"));
}

TEST_CASE("the page of study keys is up to date") {
    const char* source = std::getenv("GREENFRONT_SOURCE");
    REQUIRE(source != nullptr);
    const std::string page = std::string(source) + "/docs/formats/study.md";
    if (std::getenv("GREENFRONT_UPDATE") != nullptr) {
        std::ofstream(page) << io::study_reference();
    }
    CHECK_MESSAGE(io::read_bytes(page) == io::study_reference(),
                  "docs/formats/study.md is stale: run test_io with GREENFRONT_UPDATE=1");
}
