#include "engine/verify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/verify_parts.hpp"
#include "engine/verify_stored.hpp"
#include "kernels/dea/proof.hpp"

namespace greenfront {
namespace {

using verify::damaged;
using verify::Stored;

/// A stored array by row and variable, in the kernel's order; empty where the file has none.
class ByVariable {
  public:
    ByVariable(const Stored& stored, const char* name) : name_(name) {
        const auto& variables = stored.choice.variables;
        const std::size_t n = variables.all().size();
        for (std::size_t v = 0; v < n; ++v) row_.push_back(variables.kernel_row(v));
        if (stored.group.has(name)) values_ = &stored.group.values<double>(name, stored.cells * n);
    }
    [[nodiscard]] const char* name() const { return name_; }
    [[nodiscard]] bool any_number(std::size_t cell) const {
        for (std::size_t v = 0; values_ != nullptr && v < row_.size(); ++v)
            if (!std::isnan((*values_)[cell * row_.size() + v])) return true;
        return false;
    }
    [[nodiscard]] Eigen::VectorXd at(std::size_t cell) const {
        Eigen::VectorXd result(values_ == nullptr ? 0 : static_cast<Eigen::Index>(row_.size()));
        for (std::size_t v = 0; values_ != nullptr && v < row_.size(); ++v)
            result[row_[v]] = (*values_)[cell * row_.size() + v];
        return result;
    }

  private:
    const char* name_;
    std::vector<Eigen::Index> row_;
    const std::vector<double>* values_ = nullptr;
};

/// Checks the rows of one analysis.
class Verifier {
  public:
    Verifier(const Results& results, const ResultGroup& source)
        : results_(results),
          stored_(results, source),
          score_(stored_.group.values<double>("score", stored_.cells)),
          status_(stored_.group.values<std::int8_t>("status", stored_.cells)),
          unique_(stored_.group.values<std::int8_t>("unique", stored_.cells)),
          slack_(stored_, "slack"),
          target_(stored_, "target"),
          beta_(stored_, "beta"),
          multiplier_(stored_, "multiplier") {
        const auto model = stored_.choice.settings.model;
        const bool hull = model == dea::Model::fdh, steps = model == dea::Model::nddf;
        if (!hull) returns_ = &stored_.group.values<double>("returns_multiplier", stored_.cells);
        // What a proof needs is there, and what the model always stores.
        const bool second_stage = model == dea::Model::radial || model == dea::Model::ddf;
        for (const auto& [name, needed] :
             {std::pair{"multiplier", !hull}, {"beta", steps}, {"slack", !second_stage}})
            if (needed) (void)stored_.group.values<double>(name);
        found_.group = source.path;
        found_.model = stored_.group.attribute<std::string>("model");
    }

    Verification run() {
        usable_ = verify::check_used(stored_, found_.faults);
        for (std::size_t c = 0; c < stored_.cells; ++c)
            if (stored_.row_at[c] < 0) check_no_row(c);
        for (std::size_t r = 0; r < usable_.size(); ++r)
            if (usable_[r] == 0) check_left_out(r);
        const Panel* const other = stored_.has_other ? &stored_.other : nullptr;
        for (const auto& group : groups_of(stored_.choice, stored_.panel, usable_, other, Fault::data))
            check_group(group);
        verify::check_combined(stored_, usable_, found_);
        verify::check_winsorized(stored_, found_);
        verify::check_scale(results_, stored_, usable_, found_);
        if (doubtful_ > 0)
            found_.unchecked.push_back(
                fmt::format("{} rows are infeasible or failed: the file has no proof of that", doubtful_));
        return std::move(found_);
    }

  private:
    [[nodiscard]] std::string place(std::size_t row) const { return stored_.place(stored_.panel, row); }
    void fault(std::size_t row, const std::string& what) {
        found_.faults.push_back(place(row) + ": " + what);
    }

    void check_no_row(std::size_t cell) {
        if (status_[cell] < 0 && unique_[cell] < 0 && std::isnan(score_[cell])) return;
        found_.faults.push_back(
            fmt::format("place {} of unit x time: a score or status without a row of the panel", cell));
    }

    /// A row that is not used has no results at all.
    void check_left_out(std::size_t row) {
        const std::size_t cell = stored_.cell[row];
        if (!std::isnan(score_[cell]) || status_[cell] != static_cast<std::int8_t>(Status::undefined))
            fault(row,
                  fmt::format("score {}, status {} although the row is not used", score_[cell], word(cell)));
        check_nothing(row);
    }

    /// Without a score all other numbers are missing, too.
    void check_nothing(std::size_t row) {
        const std::size_t cell = stored_.cell[row];
        for (const ByVariable* array : {&slack_, &target_, &beta_, &multiplier_})
            if (array->any_number(cell)) fault(row, fmt::format("{} without a score", array->name()));
        const bool returns = returns_ != nullptr && !std::isnan((*returns_)[cell]);
        if (returns || unique_[cell] >= 0 || !stored_.peers[row].row.empty())
            fault(row, "peers, returns_multiplier or unique without a score");
    }

    [[nodiscard]] std::string word(std::size_t cell) const {
        const auto at = static_cast<std::size_t>(status_[cell]);
        return at < status_names.size() ? std::string(status_names[at]) : fmt::format("{}", status_[cell]);
    }

    void check_group(const ReferenceGroup& group) {
        const auto evaluated = quantities(stored_.panel, stored_.choice.variables, group.evaluated_rows);
        const auto reference =
            quantities(stored_.reference(), stored_.choice.variables.amounts(), group.reference_rows);
        const dea::Settings& settings = stored_.choice.settings;
        dea::Settings plain = settings;
        plain.super = false;
        // Combined scores: only the rows that are efficient have a super-efficiency.
        const bool combine = stored_.choice.combine;
        const std::vector<double>* const rho =
            combine ? &stored_.group.values<double>("rho", stored_.cells) : nullptr;
        std::vector<dea::Checker> checkers;
        if (!group.reference_rows.empty()) {
            checkers.emplace_back(evaluated, reference, plain);
            if (settings.super) checkers.emplace_back(evaluated, reference, settings);
        }
        for (std::size_t j = 0; j < group.evaluated_rows.size(); ++j) {
            const std::size_t row = group.evaluated_rows[j], cell = stored_.cell[row];
            const bool super = settings.super && (!combine || (*rho)[cell] >= 1 - efficiency_tolerance);
            const bool inside = !super && group.self[j] >= 0;
            const std::string wrong =
                verify::status_fault(stored_.choice.settings, evaluated, reference,
                                     static_cast<Eigen::Index>(j), inside, status_[cell], score_[cell]);
            if (!wrong.empty()) {
                fault(row, wrong);
                found_.unproved += !std::isnan(score_[cell]);
            }
            if (std::isnan(score_[cell])) {
                ++found_.without_score;
                doubtful_ += status_[cell] == static_cast<std::int8_t>(Status::infeasible) ||
                             status_[cell] == static_cast<std::int8_t>(Status::failed);
                check_nothing(row);
            } else if (wrong.empty()) {
                const dea::ColumnRange hole = super ? group.left_out[j] : dea::ColumnRange{};
                check_score(checkers.at(super ? 1 : 0), group, j, hole, inside);
            }
        }
    }

    void check_score(const dea::Checker& checker, const ReferenceGroup& group, std::size_t j,
                     dea::ColumnRange hole, bool inside) {
        const std::size_t row = group.evaluated_rows[j], cell = stored_.cell[row];
        const verify::RowPeers& peers = stored_.peers[row];
        std::vector<std::int32_t> peer;
        for (const std::size_t r : peers.row) peer.push_back(position(group, row, r));
        dea::Claim claim;
        claim.score = score_[cell];
        claim.peer = peer;
        claim.lambda = peers.lambda;
        claim.idle = peers.idle;
        claim.slack = slack_.at(cell);
        claim.target = target_.at(cell);
        claim.beta = beta_.at(cell);
        if (returns_ != nullptr) {
            const Eigen::VectorXd rows = multiplier_.at(cell);
            claim.multiplier.resize(rows.size() + 1);
            claim.multiplier << rows, (*returns_)[cell];
        }
        note(checker.check(static_cast<Eigen::Index>(j), claim, hole, inside), claim.score, row);
    }

    [[nodiscard]] std::int32_t position(const ReferenceGroup& group, std::size_t row,
                                        std::size_t peer) const {
        const auto at = std::lower_bound(group.reference_rows.begin(), group.reference_rows.end(), peer);
        if (at == group.reference_rows.end() || *at != peer)
            throw damaged(fmt::format("{}: its peer {} is not in its reference set", place(row),
                                      stored_.place(stored_.reference(), peer)));
        return static_cast<std::int32_t>(at - group.reference_rows.begin());
    }

    void note(const dea::Finding& f, double score, std::size_t row) {
        if (!f.places(verification_tolerance))
            fault(row, fmt::format("slacks or targets are not what the peers leave (by {:.1e}, relative)",
                                   f.projection_fault));
        if (!f.proves(score, verification_tolerance)) {
            ++found_.unproved;
            fault(row, fmt::format("score {} is not proved: peers attain {}, multipliers bound {}, least "
                                   "reduced cost {:.1e}, infeasibility {:.1e}, fault of multipliers {:.1e}",
                                   score, f.primal, f.dual, f.min_reduced_cost, f.infeasibility,
                                   f.multiplier_fault));
            return;
        }
        ++found_.proved;
        found_.worst_gap =
            std::max(found_.worst_gap, std::abs(f.primal - f.dual) / std::max(f.scale, std::abs(score)));
        found_.min_reduced_cost = std::min(found_.min_reduced_cost, f.min_reduced_cost);
        found_.infeasibility = std::max(found_.infeasibility, f.infeasibility);
    }

    const Results& results_;
    Stored stored_;
    const std::vector<double>& score_;
    const std::vector<std::int8_t>&status_, &unique_;
    ByVariable slack_, target_, beta_, multiplier_;
    const std::vector<double>* returns_ = nullptr;  ///< fdh has none
    std::vector<char> usable_;
    std::int64_t doubtful_ = 0;
    Verification found_;
};

}  // namespace

std::vector<Verification> verify_scores(const Results& results) {
    std::vector<Verification> all;
    const auto verify = [&](const ResultGroup& group) {
        try {
            all.push_back(Verifier(results, group).run());
        } catch (const Error& error) {
            throw Error(Fault::data, fmt::format("/{}: {}", group.path, error.what()));
        }
    };
    for (const ResultGroup* group : results.under("dea")) {
        verify(*group);
        // The programs of scale efficiency under the returns that are not the analysis' own.
        for (const ResultGroup* programs : results.under(group->path)) verify(*programs);
    }
    return all;
}

}  // namespace greenfront
