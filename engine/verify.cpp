#include "engine/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/efficiency.hpp"
#include "kernels/dea/proof.hpp"
#include "kernels/error.hpp"

namespace greenfront {
namespace {

/// A group of a result file, read by name; what is missing is an error that names it.
class Reader {
  public:
    explicit Reader(const ResultGroup& group) : group_(group) {}

    template <class T>
    [[nodiscard]] const std::vector<T>& values(const std::string& name) const {
        const Variable* variable = group_.find(name);
        if (variable == nullptr) throw missing(name);
        const auto* values = std::get_if<std::vector<T>>(&variable->values);
        if (values == nullptr) throw missing(name);
        return *values;
    }
    [[nodiscard]] bool has(const std::string& name) const { return group_.find(name) != nullptr; }
    template <class T>
    [[nodiscard]] T attribute(const std::string& name) const {
        const AttributeValue* value = group_.attribute(name);
        if (value == nullptr || !std::holds_alternative<T>(*value)) throw missing(name);
        return std::get<T>(*value);
    }
    template <class T>
    [[nodiscard]] T attribute_or(const std::string& name, T otherwise) const {
        const AttributeValue* value = group_.attribute(name);
        return value != nullptr && std::holds_alternative<T>(*value) ? std::get<T>(*value) : otherwise;
    }

  private:
    [[nodiscard]] Error missing(const std::string& name) const {
        return Error(Fault::data,
                     fmt::format("/{}: no \"{}\" of the right kind; the file is from another version of "
                                 "the program, run the study again",
                                 group_.path, name));
    }
    const ResultGroup& group_;
};

using Words = std::vector<std::string>;

/// The words of the stage as they stand in the attributes.
DeaStage words_of(const Reader& group) {
    DeaStage words;
    words.model = group.attribute<std::string>("model");
    words.orientation = group.attribute<std::string>("orientation");
    words.returns = group.attribute<std::string>("returns");
    words.disposability = group.attribute<std::string>("disposability");
    words.reference = group.attribute<std::string>("reference");
    words.inputs = group.attribute<Words>("inputs");
    words.good = group.attribute<Words>("good");
    words.bad = group.attribute_or<Words>("bad", {});
    words.bads_as_inputs = group.attribute<std::int64_t>("bads_as_inputs") != 0;
    words.combine = group.attribute<std::int64_t>("combine") != 0;
    words.super = group.attribute<std::int64_t>("super") != 0 && !words.combine;
    words.super_bads = group.attribute_or<std::string>("super_bads", "");
    words.super_leave = group.attribute_or<std::string>("super_leave", "");
    words.zeros = group.attribute_or<std::string>("zeros", "");
    const auto prices = group.attribute_or<Words>("prices", {});
    (words.model == "cost" ? words.prices_inputs : words.prices_good) = prices;
    const auto name = group.attribute_or<std::string>("weights", "");
    if (name == "given") {
        words.weights.numbers = group.attribute<std::vector<double>>("item_weights");
    } else {
        words.weights.word = name;
    }
    const auto direction = [&](const char* key, WordOrNumbers& words_or_numbers) {
        const auto word = group.attribute_or<std::string>(key, "");
        const auto numbers = group.attribute_or<std::vector<double>>(std::string(key) + "_values", {});
        if (numbers.empty()) {
            words_or_numbers.word = word;
        } else {
            words_or_numbers.numbers = numbers;  // ones and means, too
        }
    };
    direction("direction_inputs", words.direction_inputs);
    direction("direction_good", words.direction_good);
    direction("direction_bad", words.direction_bad);
    return words;
}

/// The rows of one analysis as a panel, in the file's order of units and times.
struct Stored {
    Panel panel;
    std::vector<char> usable;
    std::vector<std::size_t> cell;     ///< of each panel row its place on the grid unit x time
    std::vector<std::int64_t> row_at;  ///< of each place its panel row, or -1
};

Stored stored_panel(const Results& results, const Reader& group, const DeaVariables& variables) {
    const ResultGroup* const root = results.find("");
    const ResultGroup* const data = results.find("panel");
    if (root == nullptr || data == nullptr)
        throw Error(Fault::data, "the file has no /panel; nothing can be checked");
    const auto& unit = Reader(*root).values<std::string>("unit");
    const auto& time = Reader(*root).values<std::int64_t>("time");
    const auto& used = group.values<std::int8_t>("used");
    Stored s;
    s.row_at.assign(used.size(), -1);
    Column units{"unit", true, {}, {}, {}}, times{"time", false, {}, {}, {}};
    for (std::size_t c = 0; c < used.size(); ++c) {
        if (used[c] < 0) continue;
        s.row_at[c] = static_cast<std::int64_t>(s.cell.size());
        s.cell.push_back(c);
        units.label.push_back(unit.at(c / time.size()));
        times.number.push_back(static_cast<double>(time.at(c % time.size())));
    }
    std::vector<Column> table{units, times};
    for (const auto& name : variables.columns()) {
        if (std::any_of(table.begin(), table.end(), [&](const Column& c) { return c.name == name; }))
            continue;
        Column column{name, false, {}, {}, {}};
        const auto& values = Reader(*data).values<double>(name);
        for (const std::size_t c : s.cell) column.number.push_back(values.at(c));
        table.push_back(std::move(column));
    }
    s.panel = Panel::from_table("/panel", table, "unit", "time");
    // The grid is sorted by unit and time, and so is a panel; its rows are the cells in their order.
    for (std::size_t r = 0; r < s.panel.rows(); ++r) {
        const auto place = s.cell.at(static_cast<std::size_t>(s.panel.file_row[r]) - 1);
        s.row_at[place] = static_cast<std::int64_t>(r);
    }
    std::vector<std::size_t> sorted(s.panel.rows());
    for (std::size_t c = 0; c < s.row_at.size(); ++c) {
        if (s.row_at[c] >= 0) sorted[static_cast<std::size_t>(s.row_at[c])] = c;
    }
    s.cell = sorted;
    s.usable.assign(s.panel.rows(), 0);
    for (std::size_t r = 0; r < s.panel.rows(); ++r) s.usable[r] = used[s.cell[r]] > 0 ? 1 : 0;
    return s;
}

/// The rows of a reference panel, where the analysis has one; they were stored in a panel's order.
Panel stored_reference(const Reader& group, const std::vector<std::string>& names) {
    const auto& unit = group.values<std::string>("reference_unit");
    const auto& time = group.values<std::int64_t>("reference_time");
    const auto& value = group.values<double>("reference_value");
    std::vector<Column> table{{"unit", true, {}, unit, {}}, {"time", false, {}, {}, {}}};
    table[1].number.assign(time.begin(), time.end());
    for (std::size_t v = 0; v < names.size(); ++v) {
        Column column{names[v], false, {}, {}, {}};
        for (std::size_t r = 0; r < unit.size(); ++r) column.number.push_back(value.at(r * names.size() + v));
        table.push_back(std::move(column));
    }
    return Panel::from_table("reference_value", table, "unit", "time");
}

/// Peers of all rows, by row of the reference panel.
struct Peers {
    std::vector<std::vector<std::size_t>> row;
    std::vector<std::vector<double>> lambda, idle;
};

Peers stored_peers(const Reader& group, const Stored& stored, std::size_t periods) {
    Peers peers;
    peers.row.resize(stored.panel.rows());
    peers.lambda.resize(stored.panel.rows());
    peers.idle.resize(stored.panel.rows());
    const auto& of_unit = group.values<std::int64_t>("peer_of_unit");
    const auto& of_time = group.values<std::int64_t>("peer_of_time");
    const bool other = group.has("reference_row");
    const auto& unit = group.values<std::int64_t>(other ? "peer_row" : "peer_unit");
    const auto& time = group.values<std::int64_t>(other ? "peer_row" : "peer_time");
    const auto& lambda = group.values<double>("lambda");
    const bool twofold = group.has("idle");
    const auto row = [&](std::int64_t u, std::int64_t t) {
        const auto at = stored.row_at.at(static_cast<std::size_t>(u) * periods + static_cast<std::size_t>(t));
        if (at < 0) throw Error(Fault::data, "a stored peer is not a row of the panel");
        return static_cast<std::size_t>(at);
    };
    for (std::size_t e = 0; e < lambda.size(); ++e) {
        const std::size_t r = row(of_unit[e], of_time[e]);
        peers.row[r].push_back(other ? static_cast<std::size_t>(unit[e]) : row(unit[e], time[e]));
        peers.lambda[r].push_back(lambda[e]);
        if (twofold) peers.idle[r].push_back(group.values<double>("idle")[e]);
    }
    return peers;
}

/// Checks the rows of one analysis.
class Verifier {
  public:
    Verifier(const Results& results, const ResultGroup& source)
        : group_(source), choice_(choose_dea(words_of(group_), Fault::data)) {
        const ResultGroup* const root = results.find("");
        stored_ = stored_panel(results, group_, choice_.variables);
        periods_ = Reader(*root).values<std::int64_t>("time").size();
        peers_ = stored_peers(group_, stored_, periods_);
        has_other_ = group_.has("reference_row");
        if (has_other_) other_ = stored_reference(group_, choice_.variables.all());
        found_.group = source.path;
        found_.model = group_.attribute<std::string>("model");
    }

    Verification run() {
        const Panel* const other = has_other_ ? &other_ : nullptr;
        for (const auto& group : groups_of(choice_, stored_.panel, stored_.usable, other, Fault::data))
            check_group(group);
        return found_;
    }

  private:
    void check_group(const ReferenceGroup& group) {
        const auto evaluated = quantities(stored_.panel, choice_.variables, group.evaluated_rows);
        const auto reference = quantities(has_other_ ? other_ : stored_.panel, choice_.variables.amounts(),
                                          group.reference_rows);
        dea::Settings plain = choice_.settings;
        plain.super = false;
        const dea::Checker super_checker(evaluated, reference, choice_.settings);
        const dea::Checker plain_checker(evaluated, reference, plain);
        const auto& score = group_.values<double>("score");
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const std::size_t row = group.evaluated_rows[j], cell = stored_.cell[row];
            if (std::isnan(score[cell])) {
                ++found_.without_score;
                continue;
            }
            // Combined scores: only the rows that are efficient have a super-efficiency.
            const bool super = choice_.settings.super &&
                               (!choice_.combine || !std::isnan(group_.values<double>("delta")[cell]));
            const dea::ColumnRange hole = super ? group.left_out[j] : dea::ColumnRange{};
            check_row(super ? super_checker : plain_checker, group, j, hole, !super && group.self[j] >= 0);
        }
    }

    void check_row(const dea::Checker& checker, const ReferenceGroup& group, std::size_t j,
                   dea::ColumnRange hole, bool inside) {
        const std::size_t row = group.evaluated_rows[j], cell = stored_.cell[row];
        std::vector<std::int32_t> peer;
        for (const std::size_t r : peers_.row[row]) peer.push_back(position(group, r));
        dea::Claim claim;
        claim.score = group_.values<double>("score")[cell];
        claim.peer = peer;
        claim.lambda = peers_.lambda[row];
        claim.idle = peers_.idle[row];
        read_claim(cell, claim);
        note(checker.check(static_cast<Eigen::Index>(j), claim, hole, inside), claim.score, row);
    }

    [[nodiscard]] static std::int32_t position(const ReferenceGroup& group, std::size_t row) {
        const auto at = std::lower_bound(group.reference_rows.begin(), group.reference_rows.end(), row);
        if (at == group.reference_rows.end() || *at != row)
            throw Error(Fault::data, "a stored peer is not in the reference set of its unit");
        return static_cast<std::int32_t>(at - group.reference_rows.begin());
    }

    /// Multipliers and betas in the kernel's order of variables.
    void read_claim(std::size_t cell, dea::Claim& claim) const {
        const std::size_t n = choice_.variables.all().size();
        const auto by_variable = [&](const std::string& name, Eigen::VectorXd& into) {
            const auto& values = group_.values<double>(name);
            for (std::size_t v = 0; v < n; ++v)
                into[choice_.variables.kernel_row(v)] = values.at(cell * n + v);
        };
        claim.multiplier = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(n) + 1);
        claim.beta = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(n));
        if (choice_.settings.model == dea::Model::fdh) return;
        by_variable("multiplier", claim.multiplier);
        claim.multiplier[static_cast<Eigen::Index>(n)] = group_.values<double>("returns_multiplier").at(cell);
        if (choice_.settings.model == dea::Model::nddf) by_variable("beta", claim.beta);
    }

    void note(const dea::Finding& f, double score, std::size_t row) {
        if (f.proves(score, verification_tolerance)) {
            ++found_.proved;
            found_.worst_gap =
                std::max(found_.worst_gap, std::abs(f.primal - f.dual) / std::max(f.scale, std::abs(score)));
            found_.min_reduced_cost = std::min(found_.min_reduced_cost, f.min_reduced_cost);
            found_.infeasibility = std::max(found_.infeasibility, f.infeasibility);
            return;
        }
        const Panel& panel = stored_.panel;
        found_.unproved.push_back({panel.unit_name[static_cast<std::size_t>(panel.unit[row])],
                                   panel.time_value[static_cast<std::size_t>(panel.time[row])], score,
                                   f.primal, f.dual, f.min_reduced_cost, f.infeasibility,
                                   f.multiplier_fault});
    }

    Reader group_;
    DeaChoice choice_;
    Stored stored_;
    std::size_t periods_ = 0;
    bool has_other_ = false;
    Panel other_;  ///< the reference rows, where they are not the panel's
    Peers peers_;
    Verification found_;
};

}  // namespace

std::vector<Verification> verify_scores(const Results& results) {
    std::vector<Verification> all;
    for (const ResultGroup* group : results.under("dea")) all.push_back(Verifier(results, *group).run());
    return all;
}

}  // namespace greenfront
