#include <fmt/format.h>

#include "engine/app/commands.hpp"
#include "engine/settings.hpp"
#include "engine/verify.hpp"
#include "engine/version.hpp"
#include "io/failed_unit.hpp"

namespace greenfront::app {
namespace {

constexpr int still_failed = 3;

struct ReplayOptions {
    std::string file;
    OutputFormat format;
    InstructionSet isa;
    Threads threads;
};

/// "sweep.claim, scenario 12 (carbon tax 40), city C017, 2015 (record 203 of panel.csv)"
std::string described(const FailedUnit& unit) {
    std::string text = unit.stage;
    if (unit.scenario_number >= 0)
        text += fmt::format(", scenario {} ({})", unit.scenario_number, unit.scenario);
    if (unit.replicate >= 0) text += fmt::format(", replicate {}", unit.replicate);
    text += ", " + unit.unit;
    if (unit.time) text += fmt::format(", {}", *unit.time);
    return text + fmt::format(" (record {} of {})", unit.record, unit.panel);
}

std::string settings_of(const FailedUnit& unit) {
    const auto& s = unit.task.settings;
    return fmt::format(
        "{}{}, orientation {}, {}, {} inputs, {} good, {} bad, {} reference units, the run allowed {} digits",
        s.super ? "super-efficient " : "", name(s.model), name(s.orientation), name(s.returns),
        unit.inputs.size(), unit.good.size(), unit.bad.size(), unit.task.reference->units(), s.digits);
}

io::Table table_of(const std::vector<dea::Attempt>& attempts) {
    io::Table table;
    table.header = {"digits", "status", "score",  "reduced_cost", "residual",
                    "gap",    "pivots", "passes", "proved"};
    for (const auto& a : attempts) {
        const bool optimal = a.status == Status::optimal;
        const auto figure = [&](double value) {
            return optimal ? fmt::format("{:.3g}", value) : std::string();
        };
        table.rows.push_back({fmt::format("{}", a.digits), std::string(name(a.status)),
                              optimal ? fmt::format("{:.17g}", a.score) : "",
                              figure(a.certificate.min_reduced_cost), figure(a.certificate.primal_residual),
                              figure(a.certificate.gap), fmt::format("{}", a.counters.pivots),
                              fmt::format("{}", a.counters.pricing_passes),
                              !optimal                                             ? ""
                              : a.finding->proves(a.score, verification_tolerance) ? "yes"
                                                                                   : "no"});
    }
    return table;
}

Json json_of(const io::ReadFailed& read, const std::vector<dea::Attempt>& attempts) {
    const FailedUnit& unit = read.unit;
    Json json{{"stage", unit.stage}, {"unit", unit.unit}, {"record", unit.record}, {"panel", unit.panel}};
    json["time"] = unit.time ? Json(*unit.time) : Json(nullptr);
    json["scenario"] = unit.scenario_number >= 0 ? Json(unit.scenario) : Json(nullptr);
    json["replicate"] = unit.replicate >= 0 ? Json(unit.replicate) : Json(nullptr);
    json["instruction_set"] = instruction_set();
    for (const auto& a : attempts) {
        const bool optimal = a.status == Status::optimal;
        json["attempts"].push_back(
            {{"digits", a.digits},
             {"status", std::string(name(a.status))},
             {"score", number(a.score)},
             {"min_reduced_cost", optimal ? number(a.certificate.min_reduced_cost) : Json(nullptr)},
             {"primal_residual", optimal ? number(a.certificate.primal_residual) : Json(nullptr)},
             {"gap", optimal ? number(a.certificate.gap) : Json(nullptr)},
             {"pivots", a.counters.pivots},
             {"pricing_passes", a.counters.pricing_passes},
             {"proved", optimal ? Json(a.finding->proves(a.score, verification_tolerance)) : Json(nullptr)}});
    }
    return json;
}

void execute(const ReplayOptions& options) {
    options.isa.apply();
    io::ReadFailed read;
    std::vector<dea::Attempt> attempts;
    try {
        read = io::read_failed(options.file);
        attempts = dea::replay(read.unit.task);
    } catch (const Error& error) {
        const std::string what = error.what();  // settings and amounts do not know where they came from
        throw Error(error.fault(),
                    what.starts_with(options.file) ? what : fmt::format("{}: {}", options.file, what));
    }
    print(options.format, json_of(read, attempts), {table_of(attempts)});
    fmt::print(stderr, "greenfront: {}\ngreenfront: {}\n", described(read.unit), settings_of(read.unit));
    if (read.from.instruction_set != instruction_set()) {
        fmt::print(stderr, "greenfront: failed with instruction set {}, replayed with {}; --isa chooses\n",
                   read.from.instruction_set, instruction_set());
    }
    if (read.from.version != version()) {
        fmt::print(stderr, "greenfront: failed in version {}, replayed in {}\n", read.from.version,
                   version());
    }
    if (attempts.back().status == Status::failed) exit_code() = still_failed;
}

}  // namespace

void add_replay(CLI::App& program) {
    auto* command = program.add_subcommand("replay", "solve a failed program again, alone, digit by digit");
    const auto options = std::make_shared<ReplayOptions>();
    command->add_option("FILE", options->file, "a file that a run has left in OUTPUT.failed")->required();
    options->format.add_to(*command);
    options->isa.add_to(*command);
    options->threads.add_to(*command);
    command->footer(
        "The program is solved with at most 16 digits (double precision), 34 (quadruple) and 100, whatever "
        "the run\n"
        "allowed. proved: the peers and multipliers of the answer prove its score without any solver. Exit "
        "code 3\n"
        "when it fails with 100 digits, too.");
    command->callback([options] { options->threads.run([&] { execute(*options); }); });
}

}  // namespace greenfront::app
