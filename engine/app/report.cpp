#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "engine/app/commands.hpp"
#include "io/child.hpp"
#include "io/file.hpp"
#include "io/hdf5.hpp"
#include "io/output.hpp"
#include "io/report_page.hpp"

namespace greenfront::app {
namespace {

namespace fs = std::filesystem;

struct ReportChoice {
    std::string file, output, python = "/usr/bin/python3";
    bool force = false, no_figures = false;
    TableStyle style;
};

/// scripts/figures: below share/ of an installation, or in the source tree of a build folder.
std::string figures_script() {
    const fs::path folder = io::program_folder();
    const fs::path places[] = {folder / "../share/greenfront/scripts/figures",
                               folder / "../../scripts/figures"};
    std::error_code ignored;
    for (const auto& place : places) {
        if (fs::is_regular_file(place, ignored)) return fs::weakly_canonical(place, ignored).string();
    }
    throw Error(Fault::no_input,
                fmt::format("the script that draws the figures is neither {} nor {}; install Greenfront as a "
                            "whole (cmake --install), or leave the figures out with --no-figures",
                            places[0].lexically_normal().string(), places[1].lexically_normal().string()));
}

constexpr int packages_missing = 69;

void draw(const ReportChoice& choice, const std::string& folder) {
    // -I: neither the current folder nor the user's Python settings decide what is imported.
    const io::ChildOutcome drawn =
        io::run_child({choice.python, "-I", "-B", figures_script(), fs::absolute(choice.file).string(), "-o",
                       folder, "--formats", "svg"});
    if (!drawn.not_begun.empty()) {
        throw Error(Fault::no_input,
                    fmt::format("{}: cannot be started: {}; install python3, name another one with --python, "
                                "or leave the figures out with --no-figures",
                                choice.python, drawn.not_begun));
    }
    if (drawn.exit_code == packages_missing) {
        throw Error(Fault::no_input,
                    fmt::format("{}or leave the figures out with --no-figures", drawn.output));
    }
    if (drawn.exit_code != 0) {
        throw Error(Fault::io, fmt::format("scripts/figures ended with exit code {}; it said:\n{}",
                                           drawn.exit_code, drawn.output));
    }
    if (!fs::exists(folder + "/figures.json")) {
        throw Error(
            Fault::no_input,
            fmt::format("{}: left no list of figures; --python names a Python 3 interpreter", choice.python));
    }
    fmt::print(stderr, "{}", drawn.output);
}

/// The list that scripts/figures leaves beside its files (docs/guide/report.md).
std::vector<io::ReportFigure> figures_of(const std::string& folder) {
    const Json list = Json::parse(io::read_bytes(folder + "/figures.json"));
    std::vector<io::ReportFigure> figures;
    for (const auto& entry : list) {
        io::ReportFigure figure;
        figure.name = entry.at("name").get<std::string>();
        figure.section = entry.at("section").get<std::string>();
        figure.title = entry.at("title").get<std::string>();
        figure.caption = entry.at("caption").get<std::string>();
        figure.svg = io::read_bytes(folder + "/" + figure.name + ".svg");
        figure.csv = io::read_bytes(folder + "/" + figure.name + ".csv");
        figures.push_back(std::move(figure));
    }
    return figures;
}

void execute(const ReportChoice& choice) {
    io::check_output(choice.output, choice.force);
    io::check_not_input(choice.output, {choice.file});
    io::ReportOptions options{fs::path(choice.file).filename().string(), "", choice.style.read()};
    Results results = io::read_results(choice.file);
    std::vector<io::ReportFigure> figures;
    if (choice.no_figures) {
        options.missing = "This page was made without figures (--no-figures).";
    } else {
        const io::ScratchFolder folder;
        draw(choice, folder.path());
        figures = figures_of(folder.path());
    }
    const std::size_t count = figures.size();
    const std::string page = io::report_page(std::move(results), figures, options);
    io::write_file(choice.output, page, choice.force);
    fmt::print(stderr, "greenfront: {}: {} figures, {:.1f} MB\n", choice.output, count,
               static_cast<double>(page.size()) / 1e6);
}

}  // namespace

void add_report(CLI::App& program) {
    auto* command = program.add_subcommand(
        "report", "one page for a browser with all tables and figures, which needs no network");
    const auto choice = std::make_shared<ReportChoice>();
    command->add_option("RESULTS", choice->file, "result file")->required();
    command->add_option("-o,--output", choice->output, "page to write, e.g. report.html")->required();
    command->add_flag("--force", choice->force, "replace the page where it exists");
    command->add_flag("--no-figures", choice->no_figures, "tables only; needs neither Python nor matplotlib");
    command->add_option("--python", choice->python, "Python with matplotlib and h5py that draws the figures")
        ->capture_default_str();
    choice->style.add_to(*command);
    command->callback([choice] { execute(*choice); });
}

}  // namespace greenfront::app
