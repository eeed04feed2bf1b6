// The catalogue of levers and packages on the synthetic panel, prepared as the study huang2025 does it.
#include <bit>
#include <cmath>
#include <cstdint>
#include <set>

#include "io/csv.hpp"
#include "io/study_file.hpp"
#include "scenarios/prepare.hpp"
#include "scenarios/synth.hpp"
#include "tests/io/support.hpp"

using namespace greenfront;

namespace {

std::string source(const std::string& file) {
    const char* folder = std::getenv("GREENFRONT_SOURCE");
    REQUIRE(folder != nullptr);
    return std::string(folder) + "/" + file;
}

const Prepared& twin() {
    static const Prepared made = [] {
        const Study study = io::read_study(source("scenarios/catalog/huang2025.toml"), {});
        SynthSettings settings;
        settings.cities = 60;
        settings.first_year = 2014;
        settings.last_year = 2020;
        return prepare(synthesize(settings), study.prepare);
    }();
    return made;
}

AppliedLever use(const Lever& lever) {
    return {lever, 0, "", {"linear", 2016, 2}};
}

/// The number of values that are not bit for bit what they were.
std::size_t changes(const LeverProgram& program, const Prepared& panel, const LeverProgram::Outcome& out) {
    std::size_t count = 0;
    for (std::size_t c = 0; c < program.columns().size(); ++c) {
        const auto& before = panel.completed.columns()[program.columns()[c]].number;
        for (std::size_t r = 0; r < before.size(); ++r)
            count += std::bit_cast<std::uint64_t>(before[r]) != std::bit_cast<std::uint64_t>(out.value[c][r]);
    }
    return count;
}

std::size_t acting(const LeverProgram& program, const Prepared& panel, const std::vector<double>& intensity,
                   const LeverProgram::Parameters& parameters) {
    LeverProgram::Outcome out;
    program.apply(intensity, parameters, out);
    for (const auto& column : out.value) {
        for (const double v : column) CHECK((std::isnan(v) || v >= 0));
    }
    return changes(program, panel, out);
}

LeverLookup in(const Named<Lever>& levers) {
    return [&levers](const std::string& name) { return levers.find(name); };
}

}  // namespace

TEST_CASE("every lever of the catalogue acts on the synthetic panel, and without intensity not at all") {
    const auto levers = io::lever_catalogue();
    CHECK(levers.items.size() == 19);
    for (const auto& [name, lever] : levers) {
        CAPTURE(name);
        CHECK_FALSE(lever.source.empty());
        CHECK_FALSE(lever.intensity_unit.empty());
        const LeverProgram program(twin().completed, twin().panel, {use(lever)});
        CHECK(acting(program, twin(), {0}, program.point()) == 0);
        for (const double i : {lever.intensity_low, lever.intensity_high / 3, lever.intensity_high}) {
            program.check({i});
            CHECK((acting(program, twin(), {i}, program.point()) > 0) == (i != 0));
        }
        for (std::uint64_t replicate = 0; replicate < 20; ++replicate)
            CHECK(acting(program, twin(), {lever.intensity_high}, program.draw(1, replicate)) > 0);
    }
}

TEST_CASE("every package of the catalogue acts on the synthetic panel") {
    const auto levers = io::lever_catalogue();
    const auto packages = io::package_catalogue();
    CHECK(packages.names() == std::vector<std::string>{"pressure_only", "digital_first", "dual_high",
                                                       "green_market", "technology", "talent_and_finance",
                                                       "balanced", "laggards_first"});
    for (const auto& [name, package] : packages) {
        CAPTURE(name);
        const auto applied =
            expand_package(package, in(levers), "resource_based or year > 0", {"step", 2017, 0});
        REQUIRE(applied.size() == package.levers.size());
        std::vector<double> full, none(applied.size(), 0);
        for (const auto& one : applied) {
            CHECK(one.path == Path{"step", 2017, 0});
            CHECK(one.where.find("resource_based") != std::string::npos);
            full.push_back(one.intensity);
        }
        const LeverProgram program(twin().completed, twin().panel, applied);
        program.check(full);
        CHECK(acting(program, twin(), full, program.point()) > 0);
        CHECK(acting(program, twin(), none, program.point()) == 0);
    }
    CHECK(packages.find("balanced")->levers.size() == 19);
}

TEST_CASE("pressure changes nothing digital, and digital capacity no pilot") {
    const auto levers = io::lever_catalogue();
    const auto packages = io::package_catalogue();
    const auto moved = [&](const std::string& name) {
        const LeverProgram program(twin().completed, twin().panel,
                                   expand_package(*packages.find(name), in(levers)));
        std::set<std::string> names;
        for (const auto c : program.columns()) names.insert(twin().completed.columns()[c].name);
        return names;
    };
    const std::set<std::string> pressure = moved("pressure_only"), digital = moved("digital_first");
    CHECK(pressure == std::set<std::string>{"capital", "electricity", "gdp", "pilot", "pm25"});
    CHECK(digital == std::set<std::string>{"broadband_ports", "digital_finance", "internet_users",
                                           "mobile_subscribers", "telecom", "telecom_volume"});
}

TEST_CASE("digital infrastructure carries cities across the baseline's median") {
    const auto levers = io::lever_catalogue();
    AppliedLever lever = use(*levers.find("digital_infrastructure"));
    lever.intensity = 0.8;
    const Panel changed = apply_levers(twin().completed, twin().panel, {lever}, nullptr);
    const auto& before = twin().completed.number("mobile_subscribers");
    const auto& after = changed.number("mobile_subscribers");
    const double median = percentile(before, 50, PercentileRule::stata);
    std::size_t above_before = 0, above_after = 0;
    for (std::size_t r = 0; r < before.size(); ++r) {
        above_before += before[r] > median;
        above_after += after[r] > median;
    }
    CHECK(above_after > above_before);
}

TEST_CASE("draws depend on the lever and its parameter, not on the scenario") {
    const auto levers = io::lever_catalogue();
    const AppliedLever price = use(*levers.find("carbon_price")), ccus = use(*levers.find("ccus"));
    const auto& completed = twin().completed;
    const auto& panel = twin().panel;
    const auto alone = LeverProgram(completed, panel, {price}).draw(7, 3).value;
    const auto behind = LeverProgram(completed, panel, {ccus, price}).draw(7, 3).value;
    CHECK(std::equal(alone.begin(), alone.end(), behind.end() - static_cast<std::ptrdiff_t>(alone.size())));
    CHECK(LeverProgram(completed, panel, {price}).draw(7, 4).value != alone);
    CHECK(LeverProgram(completed, panel, {price}).draw(8, 3).value != alone);
    CHECK(LeverProgram(completed, panel, {price}).uncertain());
}

TEST_CASE("the catalogue reads back from what it is written as") {
    const TemporaryFolder folder;
    std::string text = "name = \"s\"\n[panel]\nfile = \"p.csv\"\nunit = \"u\"\ntime = \"t\"\n\n";
    for (const auto& [name, lever] : io::lever_catalogue()) text += io::write_lever(lever) + "\n";
    for (const auto& [name, package] : io::package_catalogue()) text += io::write_package(package) + "\n";
    const Study study = io::read_study(folder.write("s.toml", text), {});
    Study again;
    again = io::read_study(folder.write("t.toml", io::write_study(study)), {});
    CHECK(io::write_study(again) == io::write_study(study));
    for (const auto& [name, lever] : io::lever_catalogue())
        CHECK(io::write_lever(*study.lever.find(name)) == io::write_lever(lever));
    for (const auto& [name, package] : io::package_catalogue())
        CHECK(io::write_package(*study.package.find(name)) == io::write_package(package));
}

TEST_CASE("the levers of the study of countries") {
    const Study study = io::read_study(source("scenarios/catalog/countries.toml"), {});
    const Prepared countries =
        prepare(io::read_panel(study.panel.file, study.panel.unit, study.panel.time), study.prepare);
    CHECK(study.lever.items.size() == 4);
    for (const auto& [name, lever] : study.lever) {
        CAPTURE(name);
        const LeverProgram program(countries.completed, countries.panel,
                                   {{lever, 0, "", {"linear", 2015, 3}}});
        program.check({lever.intensity_high});
        CHECK(acting(program, countries, {0}, program.point()) == 0);
        CHECK(acting(program, countries, {lever.intensity_high}, program.point()) > 0);
    }
    // Two levers of the catalogue that say what they move in the countries' words.
    const auto levers = io::lever_catalogue();
    for (const char* name : {"ccus", "clean_energy"}) {
        Lever lever = *levers.find(name);
        std::erase_if(lever.operations,
                      [&](const Operation& o) { return !countries.completed.has(o.variable); });
        const LeverProgram program(countries.completed, countries.panel, {{lever, 0, "", {"step", 2015, 0}}});
        CHECK(acting(program, countries, {10}, program.point()) > 0);
    }
}

TEST_CASE("a package that cannot be is told") {
    const auto levers = io::lever_catalogue();
    const auto told = [&](std::vector<PackageLever> entries) {
        return message_of(Fault::study, [&] {
            (void)expand_package({"p", "", "", "", std::move(entries)}, in(levers));
        });
    };
    CHECK(contains(told({}), "package p: it has no lever"));
    CHECK(contains(told({{"tallent", 1.0, {}, "", {}}}), "neither the study nor the catalogue"));
    CHECK(contains(told({{"talent", {}, {}, "", {}}}), "package p, lever 0 (talent): give it an intensity"));
    CHECK(contains(told({{"talent", 1.0, 1.0, "", {}}}), "exclude each other"));
    CHECK(contains(told({{"talent", 1.0, {}, "", {}}, {"talent", 0.5, {}, "", {}}}), "stands twice"));
}

TEST_CASE("uncertain parameters of a study file") {
    const TemporaryFolder folder;
    const auto read = [&](const std::string& per_unit) {
        return io::read_study(
            folder.write("s.toml",
                         "name = \"s\"\n[panel]\nfile = \"p.csv\"\nunit = \"u\"\ntime = \"t\"\n"
                         "[lever.a]\n[[lever.a.operations]]\ntype = \"scale\"\nvariable = \"x\"\n"
                         "per_unit = " +
                             per_unit + "\n"),
            {});
    };
    const auto told = [&](const std::string& per_unit) {
        return message_of(Fault::study, [&] { (void)read(per_unit); });
    };
    CHECK(read("{ distribution = \"uniform\", low = 1, high = 2 }")
              .lever.find("a")
              ->operations[0]
              .per_unit.low == 1.0);
    CHECK(read("{ distribution = \"fixed\", value = 3 }").lever.find("a")->operations[0].per_unit ==
          Uncertain(3));
    CHECK(contains(told("\"much\""),
                   "s.toml:10:12: lever.a.operations.0.per_unit: is a text, but must be a number"));
    CHECK(contains(told("{ distribution = \"unifrom\" }"), "did you mean \"uniform\"?"));
    CHECK(contains(told("{ distribution = \"uniform\", low = 1 }"), "uniform needs high; add it"));
    CHECK(contains(told("{ distribution = \"normal\", mean = 1, sd = 2, low = 0 }"), "normal has no low"));
    CHECK(contains(told("{ distribution = \"normal\", mean = 1, sd = -2 }"), "sd -2 is negative"));
    CHECK(contains(told("{ distribution = \"triangular\", low = 1, mode = 3, high = 2 }"),
                   "mode 3 lies outside"));
    CHECK(contains(told("{ low = 1, high = 2 }"), "\"distribution\" is missing"));
    CHECK(contains(told("{ distribution = \"beta\", a = 0, b = 1 }"), "must both be positive"));
}
