#include "engine/app/study_input.hpp"

#include <fmt/format.h>

#include <charconv>
#include <optional>

#include "engine/curve.hpp"
#include "engine/runner.hpp"
#include "io/csv.hpp"
#include "io/environment.hpp"
#include "io/published_file.hpp"
#include "io/study_file.hpp"
#include "kernels/error.hpp"
#include "scenarios/synth.hpp"
#include "scenarios/synth/draft.hpp"

namespace greenfront::app {
namespace {

constexpr std::string_view synthetic = "synth:";

/// Reads the number at the front of `text` and takes it off, together with the separator that follows.
template <class Number>
bool take(std::string_view& text, char separator, Number& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    if (text.empty()) return separator == '\0';
    if (text.front() != separator) return false;
    text.remove_prefix(1);
    return true;
}

/// "synth:242x2011-2022", with "@SEED" behind it where another seed than 1 is wanted.
SynthSettings parse_synthetic(const std::string& file) {
    std::string_view text = std::string_view(file).substr(synthetic.size());
    SynthSettings settings;
    const bool seeded = text.find('@') != std::string_view::npos;
    const bool valid = take(text, 'x', settings.cities) && take(text, '-', settings.first_year) &&
                       take(text, seeded ? '@' : '\0', settings.last_year) &&
                       (!seeded || take(text, '\0', settings.seed));
    if (!valid) {
        throw Error(Fault::study,
                    fmt::format("panel.file \"{}\": write a synthetic panel as synth:CITIESxFIRST-LAST or "
                                "synth:CITIESxFIRST-LAST@SEED, e.g. synth:242x2011-2022",
                                file));
    }
    return settings;
}

/// Levers and packages of the catalogue that the sweeps use decide the numbers, too.
void add_catalogue(const StudyInput& input, Study& study) {
    const auto add_lever = [&](const std::string& name) {
        const Lever* lever = input.catalogue.find(name);
        if (lever != nullptr && study.lever.find(name) == nullptr) study.lever.add(name) = *lever;
    };
    const auto add_package = [&](const std::string& name) {
        const Package* package = study.package.find(name);
        if (package == nullptr) {
            package = input.packages.find(name);
            if (package == nullptr) return;
            study.package.add(name) = *package;
        }
        for (const auto& entry : package->levers) add_lever(entry.lever);
    };
    for (const auto& [sweep, stage] : input.study.sweep) {
        for (const auto& entry : stage.levers) {
            add_lever(entry.lever);
            add_package(entry.package);
        }
        for (const auto& scenario : stage.scenario) {
            for (const auto& entry : scenario.levers) {
                add_lever(entry.lever);
                add_package(entry.package);
            }
        }
    }
}

}  // namespace

StudyInput load_study(const std::string& file, const std::vector<std::string>& sets, Progress& progress) {
    StudyInput input;
    input.file = file;
    input.files = {file};
    input.study = input.given = io::read_study(file, sets);
    input.resolved = io::write_study(input.study);
    input.catalogue = io::lever_catalogue();
    input.packages = io::package_catalogue();
    Study located_nowhere = input.study;
    if (input.study.panel.file.starts_with(synthetic)) {
        try {
            const SynthSettings settings = parse_synthetic(input.study.panel.file);
            progress.note(synth::is_calibrated(settings) ? "panel: calibrating the synthetic panel"
                                                         : "panel: making the synthetic panel");
            if (input.study.seed != settings.seed) {
                progress.note(
                    fmt::format("panel: its seed is {}, from panel.file; the study's seed, {}, is that of "
                                "bootstraps and placebo tests",
                                settings.seed, input.study.seed));
            }
            std::vector<std::string> warnings;
            input.panel = synthesize(settings, &warnings);
            for (const auto& warning : warnings) progress.warning(warning);
        } catch (const Error& error) {
            throw Error(Fault::study, fmt::format("{}: panel.file: {}", file, error.what()));
        }
        input.panel_hash = input.study.panel.file;
        if (input.panel.unit_column != input.study.panel.unit ||
            input.panel.time_column != input.study.panel.time) {
            throw Error(Fault::study,
                        fmt::format("{}: the synthetic panel has unit = \"{}\" and time = \"{}\"", file,
                                    input.panel.unit_column, input.panel.time_column));
        }
    } else {
        input.panel = io::read_panel(input.study.panel.file, input.study.panel.unit, input.study.panel.time);
        input.panel_hash = io::file_hash(input.study.panel.file);
        input.files.push_back(input.study.panel.file);
        located_nowhere.panel.file.clear();
    }
    std::string hashes = "panel: " + input.panel_hash;
    for (auto& [name, stage] : located_nowhere.dea.items) {
        if (stage.reference_panel.empty()) continue;
        input.references.add(name) =
            io::read_panel(stage.reference_panel, input.study.panel.unit, input.study.panel.time);
        hashes += fmt::format("\nreference panel of dea.{}: {}", name, io::file_hash(stage.reference_panel));
        input.files.push_back(stage.reference_panel);
        stage.reference_panel = "given";
    }
    if (const std::string& figures = input.study.published.file; !figures.empty()) {
        input.published = io::read_published(figures);
        hashes += "\npublished figures: " + io::published_hash(figures);
        if (!io::embedded_figures(figures)) input.files.push_back(figures);
        located_nowhere.published.file = "given";
    }
    add_catalogue(input, located_nowhere);
    input.identity = run_identity(hashes, io::write_study(located_nowhere));
    input.run_id = run_id(input.identity);
    input.study = expand_curves(input.study);
    // Stages of a curve have the reference panel of the stage that they vary.
    for (const auto& [name, curve] : input.study.curve) {
        const Panel* other = input.references.find(curve.dea);
        if (other == nullptr) continue;
        const Panel copy = *other;
        for (const auto& made : curve.made) {
            if (input.references.find(made.dea) == nullptr) input.references.add(made.dea) = copy;
        }
    }
    return input;
}

}  // namespace greenfront::app
