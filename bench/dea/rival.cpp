#include "bench/dea/rival.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <limits>

namespace greenfront::bench {
namespace {

constexpr double open = std::numeric_limits<double>::infinity();

Statement empty(const Data& data, bool vrs, int more_rows, int extras) {
    Statement s;
    s.data = &data;
    s.vrs = vrs;
    const int rows = data.variables() + (vrs ? 1 : 0) + more_rows;
    s.extra = Eigen::MatrixXd::Zero(rows, extras);
    s.cost = Eigen::VectorXd::Zero(extras);
    s.free.assign(static_cast<std::size_t>(extras), false);
    s.lower = Eigen::VectorXd::Zero(rows);
    s.upper = Eigen::VectorXd::Zero(rows);
    return s;
}

/// X lambda <= value, Y lambda >= value, B lambda <= value.
void bound(Statement& s, int i, double value) {
    s.lower[i] = s.data->is_good(i) ? value : -open;
    s.upper[i] = s.data->is_good(i) ? open : value;
}

void write_radial(Statement& s, Eigen::Index o) {
    for (const auto& cell : s.cells) s.extra(cell.row, cell.extra) = -s.data->a(cell.row, o);
    for (const int i : s.sides) bound(s, i, s.data->a(i, o));
}

void write_sbm(Statement& s, Eigen::Index o) {
    const Data& d = *s.data;
    const int normalisation = s.rows() - 1;
    for (int i = 0; i < d.variables(); ++i) {
        s.extra(i, 0) = -d.a(i, o);
        if (i < d.m)
            s.cost[1 + i] = -1.0 / (d.m * d.a(i, o));
        else
            s.extra(normalisation, 1 + i) = 1.0 / ((d.s1 + d.s2) * d.a(i, o));
    }
}

void write_membership(Statement& s, Eigen::Index o) {
    const double size = s.size(o);
    for (const int i : s.sides) bound(s, i, s.data->a(i, o) / size);
}

}  // namespace

Data::Data(const dea::Quantities& q)
    : m(static_cast<int>(q.X.rows())), s1(static_cast<int>(q.Y.rows())), s2(static_cast<int>(q.B.rows())) {
    a.resize(variables(), q.units());
    a << q.X, q.Y, q.B;
    const Eigen::VectorXd mean = a.rowwise().mean();
    for (int i = 0; i < variables(); ++i) a.row(i) /= mean[i];
}

double Statement::size(Eigen::Index j) const {
    return relative ? data->a.col(j).head(data->m).sum() + data->a.col(j).tail(data->s2).sum() : 1.0;
}

void Statement::column(Eigen::Index j, std::vector<double>& values) const {
    const int n = data->variables(), rows = vrs ? n + 1 : n;
    values.resize(static_cast<std::size_t>(rows));
    const double by = size(j);
    for (int i = 0; i < n; ++i) values[static_cast<std::size_t>(i)] = data->a(i, j) / by;
    if (vrs) values.back() = 1.0;
}

void Statement::write(Eigen::Index o) {
    write_unit(*this, o);
}

Statement state_model(const Data& data, const dea::Settings& settings) {
    const bool vrs = settings.returns == dea::Returns::vrs;
    const int n = data.variables();
    if (settings.model == dea::Model::radial) {
        Statement s = empty(data, vrs, 0, 1);
        s.cost[0] = 1.0;
        for (int i = 0; i < n; ++i) {
            bound(s, i, 0.0);
            if (i < data.m)
                s.cells.push_back({i, 0});
            else
                s.sides.push_back(i);
        }
        if (vrs) s.lower[n] = s.upper[n] = 1.0;
        s.changed_extras = {0};
        s.write_unit = write_radial;
        return s;
    }
    Statement s = empty(data, vrs, 1, 1 + n);  // t, then the slacks
    const int normalisation = s.rows() - 1;
    s.cost[0] = 1.0;
    s.extra(normalisation, 0) = 1.0;
    s.lower[normalisation] = s.upper[normalisation] = 1.0;
    if (vrs) s.extra(n, 0) = -1.0;
    s.changed_extras = {0};
    for (int i = 0; i < n; ++i) {
        s.extra(i, 1 + i) = data.is_good(i) ? -1.0 : 1.0;
        s.cells.push_back({i, 0});
        if (i < data.m) {
            s.costs.push_back(1 + i);
        } else {
            s.cells.push_back({normalisation, 1 + i});
            s.changed_extras.push_back(1 + i);
        }
    }
    s.write_unit = write_sbm;
    return s;
}

Statement state_membership(const Data& data, bool vrs) {
    Statement s = empty(data, vrs, 0, 1);
    const int n = data.variables();
    s.relative = !vrs;
    s.cost[0] = 1.0;
    s.free[0] = true;
    for (int i = 0; i < n; ++i) {
        s.extra(i, 0) = data.is_good(i) ? 1.0 : -1.0;
        bound(s, i, 0.0);
        s.sides.push_back(i);
    }
    if (vrs) s.lower[n] = s.upper[n] = 1.0;
    s.write_unit = write_membership;
    return s;
}

std::string Rule::name(Library library) const {
    const std::string common =
        fmt::format("{}, {}, {}", dual ? "dual" : "primal", scaled ? "scaled" : "unscaled",
                    steepest ? "steepest edge"
                    : devex  ? "devex"
                             : "Dantzig");
    if (library == Library::clp)
        return fmt::format("{}, perturbation {}, keep {}", common, perturbation, keep);
    if (library == Library::lp_solve)
        return dual ? fmt::format("{}, then {}", common, dual_to_the_end ? "dual" : "primal") : common;
    constexpr const char* tests[] = {"textbook", "Harris", "long step"};
    return fmt::format("{}, {}, by {}", common, tests[ratio_test], by_rows ? "rows" : "columns");
}

const char* name_of(Library library) {
    switch (library) {
        case Library::clp:
            return "CLP";
        case Library::glpk:
            return "GLPK";
        case Library::lp_solve:
            break;
    }
    return "lp_solve";
}

std::unique_ptr<Rival> make_rival(Library library, const Statement& statement,
                                  std::span<const std::int32_t> columns, Rule rule) {
    switch (library) {
        case Library::clp:
            return make_clp(statement, columns, rule);
        case Library::glpk:
            return make_glpk(statement, columns, rule);
        case Library::lp_solve:
            break;
    }
    return make_lp_solve(statement, columns, rule);
}

Rule best_rule(Library library, Order order, dea::Model model) {
    Rule rule;
    if (library == Library::clp) {
        // Its scaling makes more of its SBM scores wrong.
        rule.dual = order == Order::neighbours;
        return rule;
    }
    // Primal and warm it is wrong, with status optimal, or crashes, by `--tune`, in all four models.
    if (library == Library::lp_solve) return rule;
    rule.dual = order == Order::neighbours && model == dea::Model::radial;
    rule.scaled = order == Order::neighbours;
    return rule;
}

Rule best_membership_rule(Library library, Order order) {
    Rule rule;
    rule.dual = order == Order::neighbours || library == Library::lp_solve;
    return rule;
}

namespace {

std::vector<Rule> rules_of_lp_solve() {
    std::vector<Rule> rules;
    for (const bool scaled : {false, true}) {
        for (const bool steepest : {true, false}) {
            for (const bool devex : {true, false}) {
                if (steepest && devex) continue;
                Rule rule{.scaled = scaled, .steepest = steepest, .devex = devex};
                rules.push_back(rule);
                rule.dual_to_the_end = true;
                rules.push_back(rule);
                rule.dual = rule.dual_to_the_end = false;
                rules.push_back(rule);
            }
        }
    }
    return rules;
}

}  // namespace

std::vector<Rule> all_rules(Library library) {
    if (library == Library::lp_solve) return rules_of_lp_solve();
    std::vector<Rule> rules;
    for (const bool dual : {true, false}) {
        for (const bool scaled : {false, true}) {
            for (const bool steepest : {true, false}) {
                Rule rule{.dual = dual, .scaled = scaled, .steepest = steepest};
                if (library == Library::clp) {
                    for (const int perturbation : {50, 100, 102}) {
                        for (const int keep : {0, 1, 5}) {
                            rule.perturbation = perturbation;
                            rule.keep = keep;
                            rules.push_back(rule);
                        }
                    }
                    continue;
                }
                for (int test = 0; test < (dual ? 3 : 2); ++test) {
                    for (const bool by_rows : {true, false}) {
                        rule.ratio_test = test;
                        rule.by_rows = by_rows;
                        rules.push_back(rule);
                    }
                }
            }
        }
    }
    return rules;
}

double cpu_seconds() {
    return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

}  // namespace greenfront::bench
