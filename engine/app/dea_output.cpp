#include "engine/app/dea_output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/dea_warnings.hpp"
#include "engine/settings.hpp"

namespace greenfront::app {
namespace {

using Names = std::vector<std::string>;

const std::string& unit_of(const Panel& panel, std::size_t r) {
    return panel.unit_name[static_cast<std::size_t>(panel.unit[r])];
}

Json time_of(const Panel& panel, std::size_t r) {
    return panel.has_time() ? Json(panel.time_value[static_cast<std::size_t>(panel.time[r])]) : Json(nullptr);
}

Json by_variable(const Names& names, const Eigen::MatrixXd& values, std::size_t row) {
    Json result = Json::object();
    for (std::size_t v = 0; v < names.size(); ++v) {
        result[names[v]] = number(values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(row)));
    }
    return result;
}

Json peers_json(const DeaAnswer& a, std::size_t r) {
    const auto& scores = a.result.scores;
    const bool idle = a.choice.settings.disposability == dea::Disposability::weak &&
                      a.choice.settings.returns == dea::Returns::vrs;
    Json peers = Json::array();
    for (std::size_t p = a.first_peer[r]; p < a.first_peer[r + 1]; ++p) {
        const PeerEntry& peer = scores.peers[p];
        Json entry{{"unit", unit_of(a.reference(), peer.peer_row)},
                   {"time", time_of(a.reference(), peer.peer_row)},
                   {"lambda", number(peer.lambda)}};
        if (idle) entry["idle"] = number(peer.idle);
        peers.push_back(std::move(entry));
    }
    return peers;
}

Json unit_json(const DeaAnswer& a, const Names& names, std::size_t r) {
    const auto& scores = a.result.scores;
    const Json unique = scores.unique[r] < 0 ? Json(nullptr) : Json(scores.unique[r] == 1);
    Json unit{{"unit", unit_of(a.panel, r)},
              {"time", time_of(a.panel, r)},
              {"score", number(scores.score[r])},
              {"status", std::string(name(scores.status[r]))},
              {"unique", unique}};
    if (scores.beta.size() > 0) unit["beta"] = by_variable(names, scores.beta, r);
    if (a.choice.combine) {
        unit["rho"] = number(a.result.rho[r]);
        unit["delta"] = number(a.result.delta[r]);
    }
    if (a.choice.scale_efficiency) {
        const auto direction = a.result.scale.direction[r];
        unit["scale_efficiency"] = number(a.result.scale.ratio[r]);
        unit["score_crs"] = number(a.result.scale.crs[r]);
        unit["score_vrs"] = number(a.result.scale.vrs[r]);
        unit["score_nirs"] = number(a.result.scale.nirs[r]);
        unit["returns_direction"] =
            direction < 0 ? Json(nullptr) : Json(direction_names[static_cast<std::size_t>(direction)]);
    }
    if (a.result.meta) {
        const Metafrontier& meta = *a.result.meta;
        const std::int8_t code = meta.code[r];
        unit["group"] = code < 0 ? Json(nullptr) : Json(meta.group[static_cast<std::size_t>(code)]);
        unit["score_group"] = number(meta.own.score[r]);
        unit["status_group"] = std::string(name(meta.own.status[r]));
        unit["technology_gap"] = number(meta.gap[r]);
    }
    if (a.parts.slacks) unit["slack"] = by_variable(names, scores.slack, r);
    if (a.parts.targets) unit["target"] = by_variable(names, a.target, r);
    if (a.parts.peers) unit["peers"] = peers_json(a, r);
    if (a.parts.prices) {
        unit["price"] = by_variable(names, scores.multiplier, r);
        unit["returns_price"] =
            number(scores.multiplier(scores.multiplier.rows() - 1, static_cast<Eigen::Index>(r)));
        unit["shadow_price"] = by_variable(a.choice.variables.bad, a.shadow, r);
    }
    return unit;
}

/// The last multiplier of each row, that of returns to scale.
std::vector<double> returns_price(const Eigen::MatrixXd& multiplier) {
    const Eigen::VectorXd last = multiplier.row(multiplier.rows() - 1);
    return {last.begin(), last.end()};
}

/// Adds columns to the rows of a table that has one for each unit.
class Columns {
  public:
    Columns(const DeaAnswer& answer, io::Table& table, bool full) : a_(answer), table_(table), full_(full) {}

    void numbers(const std::string& title, const std::vector<double>& values) {
        table_.header.push_back(title);
        for (std::size_t k = 0; k < a_.order.size(); ++k)
            table_.rows[k].push_back(text(values[a_.order[k]], "{:.6f}"));
    }
    void texts(const std::string& title, const std::function<std::string(std::size_t)>& value) {
        table_.header.push_back(title);
        for (std::size_t k = 0; k < a_.order.size(); ++k) table_.rows[k].push_back(value(a_.order[k]));
    }
    void by_variable(const std::string& prefix, const Names& names, const Eigen::MatrixXd& values) {
        for (std::size_t v = 0; v < names.size(); ++v) {
            table_.header.push_back(prefix + "." + names[v]);
            for (std::size_t k = 0; k < a_.order.size(); ++k) {
                const double x = values(static_cast<Eigen::Index>(v), static_cast<Eigen::Index>(a_.order[k]));
                table_.rows[k].push_back(text(x, "{:.6g}"));
            }
        }
    }
    [[nodiscard]] std::string peers(std::size_t r) const {
        std::string all;
        for (std::size_t p = a_.first_peer[r]; p < a_.first_peer[r + 1]; ++p) {
            const PeerEntry& peer = a_.result.scores.peers[p];
            const Json time = time_of(a_.reference(), peer.peer_row);
            all += fmt::format("{}{}{}: {}", all.empty() ? "" : "; ", unit_of(a_.reference(), peer.peer_row),
                               time.is_null() ? "" : " " + time.dump(), text(peer.lambda, "{:.4g}"));
            if (peer.idle > 0) all += fmt::format(" idle {}", text(peer.idle, "{:.4g}"));
        }
        return all;
    }

  private:
    [[nodiscard]] std::string text(double value, const char* form) const {
        if (std::isnan(value)) return "";
        return full_ ? fmt::format("{}", value) : fmt::format(fmt::runtime(form), value);
    }

    const DeaAnswer& a_;
    io::Table& table_;
    bool full_;
};

/// "ddf, weak disposability" and the like: what decides the numbers.
std::string model_text(const DeaAnswer& a) {
    const auto& s = a.choice.settings;
    std::string text = name(s.model);
    if (s.super) text = "super-efficiency, " + text;
    if (a.choice.combine) text += " below 1, super-efficiency elsewhere";
    if (!a.choice.weights.empty()) text += ", weights " + a.choice.weights;
    if (a.choice.directional()) {
        text += fmt::format(", direction inputs {}, good {}, bad {}", a.choice.directions[0].word,
                            a.choice.directions[1].word, a.choice.directions[2].word);
        text += fmt::format(", {} disposability", name(s.disposability));
    }
    return text;
}

/// Whether super-efficiency has bad outputs above or below the line; oriented, they are limits only.
bool bads_in_ratio(const DeaAnswer& a) {
    return a.choice.super_sbm() && a.choice.settings.orientation == dea::Orientation::none &&
           !a.choice.variables.bad.empty();
}

void add_notes(const DeaAnswer& a, io::Table& table) {
    const auto& s = a.choice.settings;
    const auto& v = a.choice.variables;
    const bool limits = s.model == dea::Model::radial || s.model == dea::Model::fdh;
    if (limits && !v.bad.empty() && !v.bads_as_inputs) {
        table.notes.emplace_back(
            "Bad outputs are limits here; the score contracts or expands only the other side. "
            "Contract them with --bads-as-inputs, or use --model sbm.");
    }
    if (bads_in_ratio(a)) {
        const double cap = super_cap(a.choice);
        table.notes.push_back(fmt::format(
            "Bad outputs stand in the {}{}.",
            s.super_bads == dea::SuperBads::numerator || v.bads_as_inputs ? "numerator" : "denominator",
            std::isfinite(cap) ? fmt::format("; no score can exceed {:.6g}, what producing "
                                             "nothing costs",
                                             cap)
                               : std::string()));
    }
    if (s.model == dea::Model::fdh) return;  // no linear programs
    const auto& c = a.result.scores.certificate;
    const auto& work = a.result.scores.counters;
    table.notes.push_back(fmt::format(
        "{} programs, {} pivots, {} pricing passes, {} programs beyond the first attempt; least reduced cost "
        "{:.1e}, primal residual {:.1e}, gap {:.1e}",
        work.programs, work.pivots, work.pricing_passes, work.fallbacks, c.min_reduced_cost,
        c.primal_residual, c.gap));
}

}  // namespace

Json dea_json(const DeaAnswer& a) {
    const Names names = a.choice.variables.all();
    const auto& s = a.choice.settings;
    Json units = Json::array();
    for (const std::size_t r : a.order) units.push_back(unit_json(a, names, r));
    const auto& v = a.choice.variables;
    Json result{{"model", name(s.model)},
                {"orientation", name(s.orientation)},
                {"returns", name(s.returns)},
                {"reference", a.choice.reference},
                {"convention", "farrell"},
                {"inputs", v.inputs},
                {"good", v.good},
                {"bad", v.bad},
                {"bads_as_inputs", v.bads_as_inputs},
                {"super", s.super},
                {"combine", a.choice.combine}};
    if (a.result.meta) result["groups"] = a.choice.groups;
    if (!v.prices.empty()) result["prices"] = v.prices;
    if (!v.bad.empty() && !v.bads_as_inputs) result["disposability"] = name(s.disposability);
    if (s.super) result["super_leave"] = a.choice.leave_unit ? "unit" : "row";
    if (!a.choice.weights.empty()) result["weights"] = a.choice.weights;
    if (!a.choice.item_weights.empty()) result["item_weights"] = a.choice.item_weights;
    if (a.choice.directional()) {
        const char* const keys[] = {"direction_inputs", "direction_good", "direction_bad"};
        for (std::size_t g = 0; g < 3; ++g) result[keys[g]] = a.choice.directions[g].word;
    }
    if (bads_in_ratio(a)) {
        const bool numerator = s.super_bads == dea::SuperBads::numerator || a.choice.variables.bads_as_inputs;
        result["super_bads"] = numerator ? "numerator" : "denominator";
    }
    const auto& work = a.result.scores.counters;
    const auto& worst = a.result.scores.certificate;
    if (s.model != dea::Model::fdh) {  // no linear programs
        result["work"] = {{"programs", work.programs},
                          {"pivots", work.pivots},
                          {"pricing_passes", work.pricing_passes},
                          {"fallbacks", work.fallbacks}};
        result["certificate"] = {{"min_reduced_cost", worst.min_reduced_cost},
                                 {"primal_residual", worst.primal_residual},
                                 {"gap", worst.gap}};
    }
    result["units"] = std::move(units);
    return result;
}

io::Table dea_table(const DeaAnswer& a, bool full) {
    const Names names = a.choice.variables.all();
    const auto& scores = a.result.scores;
    io::Table table;
    table.title =
        fmt::format("Efficiency: {}, orientation {}, returns {}, reference {} (Farrell)", model_text(a),
                    name(a.choice.settings.orientation), name(a.choice.settings.returns), a.choice.reference);
    table.rows.resize(a.order.size());
    Columns columns(a, table, full);
    columns.texts("unit", [&](std::size_t r) { return unit_of(a.panel, r); });
    columns.texts("time", [&](std::size_t r) {
        return a.panel.has_time() ? time_of(a.panel, r).dump() : std::string();
    });
    columns.numbers("score", scores.score);
    columns.texts("status", [&](std::size_t r) { return std::string(name(scores.status[r])); });
    if (scores.beta.size() > 0) columns.by_variable("beta", names, scores.beta);
    if (a.choice.scale_efficiency) {
        columns.numbers("scale_efficiency", a.result.scale.ratio);
        columns.texts("returns_direction", [&](std::size_t r) {
            const auto d = a.result.scale.direction[r];
            return d < 0 ? std::string() : direction_names[static_cast<std::size_t>(d)];
        });
    }
    if (a.result.meta) {
        const Metafrontier& meta = *a.result.meta;
        columns.texts("group", [&](std::size_t r) {
            return meta.code[r] < 0 ? std::string() : meta.group[static_cast<std::size_t>(meta.code[r])];
        });
        columns.numbers("score_group", meta.own.score);
        columns.numbers("technology_gap", meta.gap);
    }
    if (a.parts.slacks) columns.by_variable("slack", names, scores.slack);
    if (a.parts.targets) columns.by_variable("target", names, a.target);
    if (a.parts.prices) {
        columns.by_variable("price", names, scores.multiplier);
        columns.numbers("returns_price", returns_price(scores.multiplier));
        columns.by_variable("shadow_price", a.choice.variables.bad, a.shadow);
    }
    if (a.parts.peers) columns.texts("peers", [&](std::size_t r) { return columns.peers(r); });
    add_notes(a, table);
    return table;
}

void dea_report(const DeaAnswer& a) {
    for (std::size_t r = 0; r < a.panel.rows(); ++r) {
        if (a.result.scores.status[r] != Status::failed) continue;
        exit_code() = 3;
        fmt::print(stderr,
                   "greenfront: dea: no certified score for {}{}; its data may span too many orders of "
                   "magnitude, or units differ in their last digits only\n",
                   unit_of(a.panel, r), a.panel.has_time() ? " " + time_of(a.panel, r).dump() : "");
    }
    for (const auto& warning : warnings_of(a.panel, a.choice, {}, a.usable, a.groups, a.result))
        fmt::print(stderr, "greenfront: dea: {}\n", warning);
}

}  // namespace greenfront::app
