#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "engine/app/commands.hpp"
#include "engine/reference_sets.hpp"
#include "engine/scoring.hpp"
#include "io/csv.hpp"

namespace greenfront::app {
namespace {

struct DeaOptions {
    std::string panel, unit, time, inputs, good, bad;
    std::string model, orientation, returns = "crs", disposability = "strong", reference, slacks, zeros;
    bool super = false, peers = false, prices = false, targets = false;
    OutputFormat format;
    Threads threads;
};

[[noreturn]] void refuse(const std::string& option, const std::string& value, const std::string& available) {
    throw Error(Fault::usage, fmt::format("{} {}: not available; there is {}", option, value, available));
}

dea::Settings settings_of(DeaOptions& options) {
    dea::Settings s;
    s.model = parse_model(options.model, Fault::usage);
    const bool radial = s.model == dea::Model::radial;
    s.orientation = parse_orientation(options.orientation, s.model, Fault::usage);
    options.orientation = name(s.orientation);
    s.returns = parse_returns(options.returns, Fault::usage);
    if (options.disposability != "strong")
        refuse("--disposability", options.disposability, "strong (radial and sbm)");
    if (options.super && !radial)
        refuse("--super with --model", options.model, "--super with --model radial");
    s.super = options.super;
    if (!options.zeros.empty() && options.zeros != "drop") refuse("--zeros", options.zeros, "drop");
    s.drop_zero_outputs = options.zeros == "drop";
    s.slacks = options.targets;
    if (!options.slacks.empty()) {
        s.slacks = true;
        if (options.slacks != "mean" && options.slacks != "raw")
            refuse("--slacks", options.slacks, "mean, raw");
        s.slack_weights = options.slacks == "mean" ? dea::SlackWeights::mean : dea::SlackWeights::raw;
    }
    return s;
}

DeaVariables variables_of(const DeaOptions& options) {
    DeaVariables v{names(options.inputs, "--inputs"), names(options.good, "--good"), {}};
    if (!options.bad.empty()) v.bad = names(options.bad, "--bad");
    check_roles(v, Fault::usage);
    for (const auto& name : v.all()) {
        if (name == options.unit || name == options.time) {
            throw Error(Fault::usage,
                        fmt::format("column \"{}\" has two roles: it names the rows and cannot be a "
                                    "variable of the analysis",
                                    name));
        }
    }
    if (options.unit == options.time) {
        throw Error(Fault::usage,
                    fmt::format("column \"{}\" has two roles: --unit and --time", options.unit));
    }
    return v;
}

/// Everything that the two forms of output need.
struct Answer {
    Panel panel;
    DeaVariables variables;
    std::vector<std::string> names;
    std::vector<std::size_t> order;       ///< panel rows in the order of the file
    std::vector<std::size_t> first_peer;  ///< rows + 1 offsets into scores.peers
    std::vector<ReferenceGroup> groups;
    RowScores scores;
    Eigen::MatrixXd target;

    [[nodiscard]] const std::string& unit(std::size_t r) const {
        return panel.unit_name[static_cast<std::size_t>(panel.unit[r])];
    }
    [[nodiscard]] Json time(std::size_t r) const {
        return panel.has_time() ? Json(panel.time_value[static_cast<std::size_t>(panel.time[r])])
                                : Json(nullptr);
    }
};

Answer analyse(const DeaOptions& options, const dea::Settings& settings, const DeaVariables& variables) {
    Answer a;
    a.variables = variables;
    a.names = variables.all();
    a.panel = io::read_panel(options.panel, options.unit, options.time);
    const auto usable = usable_rows(a.panel, variables, {});
    a.groups = reference_groups(a.panel, usable, options.reference, Fault::usage);
    const auto limit = options.threads.apply();
    a.scores = score_rows(a.panel, a.panel, variables, a.groups, settings);
    if (options.targets) a.target = targets(a.panel, variables, a.scores, settings);
    a.order.resize(a.panel.rows());
    std::iota(a.order.begin(), a.order.end(), std::size_t{0});
    std::sort(a.order.begin(), a.order.end(),
              [&](std::size_t x, std::size_t y) { return a.panel.file_row[x] < a.panel.file_row[y]; });
    a.first_peer.assign(a.panel.rows() + 1, 0);
    for (const PeerEntry& peer : a.scores.peers) ++a.first_peer[peer.row + 1];
    std::partial_sum(a.first_peer.begin(), a.first_peer.end(), a.first_peer.begin());
    return a;
}

Json by_variable(const Answer& a, const Eigen::MatrixXd& values, std::size_t row) {
    Json result = Json::object();
    for (std::size_t v = 0; v < a.names.size(); ++v) {
        result[a.names[v]] = number(values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(row)));
    }
    return result;
}

Json json_of(const DeaOptions& options, const Answer& a) {
    Json units = Json::array();
    for (const std::size_t r : a.order) {
        Json unit{{"unit", a.unit(r)},
                  {"time", a.time(r)},
                  {"score", number(a.scores.score[r])},
                  {"status", std::string(name(a.scores.status[r]))}};
        if (!options.slacks.empty()) unit["slack"] = by_variable(a, a.scores.slack, r);
        if (options.targets) unit["target"] = by_variable(a, a.target, r);
        if (options.peers) {
            Json peers = Json::array();
            for (std::size_t p = a.first_peer[r]; p < a.first_peer[r + 1]; ++p) {
                const PeerEntry& peer = a.scores.peers[p];
                peers.push_back({{"unit", a.unit(peer.peer_row)},
                                 {"time", a.time(peer.peer_row)},
                                 {"lambda", number(peer.lambda)}});
            }
            unit["peers"] = std::move(peers);
        }
        if (options.prices) unit["price"] = by_variable(a, a.scores.multiplier, r);
        units.push_back(std::move(unit));
    }
    return Json{{"model", options.model},     {"orientation", options.orientation},
                {"returns", options.returns}, {"reference", options.reference},
                {"convention", "farrell"},    {"units", std::move(units)}};
}

/// Columns `prefix.variable` of a matrix that was asked for.
void add_columns(const Answer& a, const std::string& prefix, const Eigen::MatrixXd& values, bool full,
                 io::Table& table) {
    for (std::size_t v = 0; v < a.names.size(); ++v) {
        table.header.push_back(prefix + "." + a.names[v]);
        for (std::size_t k = 0; k < a.order.size(); ++k) {
            const double x = values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(a.order[k]));
            table.rows[k].push_back(std::isnan(x) ? ""
                                    : full        ? fmt::format("{}", x)
                                                  : fmt::format("{:.6g}", x));
        }
    }
}

io::Table table_of(const DeaOptions& options, const Answer& a) {
    const bool full = options.format.name == "csv";  // all digits for machines
    io::Table table;
    table.title = fmt::format("Efficiency: {}, orientation {}, returns {}, reference {} (Farrell)",
                              options.model, options.orientation, options.returns, options.reference);
    table.header = {"unit", "time", "score", "status"};
    for (const std::size_t r : a.order) {
        const double score = a.scores.score[r];
        table.rows.push_back({a.unit(r), a.time(r).is_null() ? "" : a.time(r).dump(),
                              std::isnan(score) ? ""
                              : full            ? fmt::format("{}", score)
                                                : fmt::format("{:.6f}", score),
                              std::string(name(a.scores.status[r]))});
    }
    if (!options.slacks.empty()) add_columns(a, "slack", a.scores.slack, full, table);
    if (options.targets) add_columns(a, "target", a.target, full, table);
    if (options.prices) add_columns(a, "price", a.scores.multiplier, full, table);
    if (options.peers) {
        table.header.emplace_back("peers");
        for (std::size_t k = 0; k < a.order.size(); ++k) {
            std::string text;
            for (std::size_t p = a.first_peer[a.order[k]]; p < a.first_peer[a.order[k] + 1]; ++p) {
                const PeerEntry& peer = a.scores.peers[p];
                const std::string when =
                    a.time(peer.peer_row).is_null() ? "" : " " + a.time(peer.peer_row).dump();
                text +=
                    fmt::format("{}{}{}: {}", text.empty() ? "" : "; ", a.unit(peer.peer_row), when,
                                full ? fmt::format("{}", peer.lambda) : fmt::format("{:.4g}", peer.lambda));
            }
            table.rows[k].push_back(std::move(text));
        }
    }
    const auto& c = a.scores.certificate;
    if (options.model == "radial" && !a.variables.bad.empty()) {
        table.notes.emplace_back(
            "Bad outputs are limits here; the score contracts or expands only the other side. "
            "Name them as inputs to contract them, or use --model sbm.");
    }
    table.notes.push_back(
        fmt::format("{} programs, least reduced cost {:.1e}, primal residual {:.1e}, gap {:.1e}",
                    a.scores.counters.programs, c.min_reduced_cost, c.primal_residual, c.gap));
    return table;
}

/// What a user should know besides the numbers, on standard error. Failed units make the exit code 3.
void report(const Answer& a) {
    std::map<Status, std::size_t> count;
    for (std::size_t r = 0; r < a.panel.rows(); ++r) {
        const Status status = a.scores.status[r];
        ++count[status];
        if (status != Status::failed) continue;
        exit_code() = 3;
        fmt::print(stderr, "greenfront: dea: no certified score for {} {}\n", a.unit(r),
                   a.time(r).is_null() ? "" : a.time(r).dump());
    }
    for (const auto& [status, rows] : count) {
        if (status != Status::optimal)
            fmt::print(stderr, "greenfront: dea: {} rows {}\n", rows, name(status));
    }
    if (a.scores.counters.zero_terms > 0) {
        fmt::print(stderr,
                   "greenfront: dea: {} inputs or bad outputs are zero; their slack and term count as 0\n",
                   a.scores.counters.zero_terms);
    }
    const auto small = std::min_element(a.groups.begin(), a.groups.end(), [](const auto& x, const auto& y) {
        return x.reference_rows.size() < y.reference_rows.size();
    });
    if (small != a.groups.end() && small->reference_rows.size() < a.names.size()) {
        fmt::print(
            stderr,
            "greenfront: dea: a reference set has {} units for {} variables; scores say little there\n",
            small->reference_rows.size(), a.names.size());
    }
}

void execute(DeaOptions options) {
    if (options.reference.empty()) options.reference = options.time.empty() ? "global" : "contemporaneous";
    const dea::Settings settings = settings_of(options);
    check_reference(options.reference, Fault::usage);
    const DeaVariables variables = variables_of(options);
    const Answer answer = analyse(options, settings, variables);
    print(options.format, options.format.name == "json" ? json_of(options, answer) : Json(),
          options.format.name == "json" ? std::vector<io::Table>{}
                                        : std::vector<io::Table>{table_of(options, answer)});
    report(answer);
}

}  // namespace

void add_dea(CLI::App& program) {
    auto* command = program.add_subcommand("dea", "efficiency scores of the rows of a panel");
    const auto o = std::make_shared<DeaOptions>();
    command->add_option("PANEL", o->panel, "panel file (CSV)")->required();
    command->add_option("--unit", o->unit, "column that names the unit")->required();
    command->add_option("--time", o->time, "column with the integer period");
    command->add_option("--inputs", o->inputs, "input columns, a,b,c")->required();
    command->add_option("--good", o->good, "good output columns")->required();
    command->add_option("--bad", o->bad, "bad output columns");
    command->add_option("--model", o->model, "radial or sbm")->required();
    command->add_option("--orientation", o->orientation,
                        "input, output or none (default none; radial: input)");
    command->add_option("--returns", o->returns, "returns to scale: crs, vrs, nirs or ndrs")
        ->capture_default_str();
    command->add_option("--disposability", o->disposability, "of bad outputs: strong")->capture_default_str();
    command->add_option(
        "--reference", o->reference,
        "contemporaneous (default with --time), global, sequential, window:H, trailing:H or biennial");
    command->add_flag("--super", o->super, "radial: score each row against the others only");
    command->add_option("--slacks", o->slacks, "print slacks; radial: stage two weighted by mean or raw");
    command->add_flag("--peers", o->peers, "print peers and their intensities");
    command->add_flag("--prices", o->prices, "print the multipliers (shadow prices) of the variables");
    command->add_flag("--targets", o->targets, "print the projection on the frontier");
    command->add_option("--zeros", o->zeros, "drop: sbm leaves the term of a zero good output out");
    o->format.add_to(*command);
    o->threads.add_to(*command);
    command->callback([o] { execute(*o); });
}

}  // namespace greenfront::app
