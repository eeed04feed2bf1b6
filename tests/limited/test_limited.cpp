#include <doctest/doctest.h>

#include <Eigen/Dense>
#include <cmath>
#include <cstdint>
#include <numeric>
#include <string>

#include "kernels/error.hpp"
#include "kernels/limited/limited.hpp"
#include "kernels/panel/sample.hpp"

using namespace greenfront;
using limited::Fit;
using limited::Model;
using limited::Settings;

namespace {

/// splitmix64: the tests need numbers that are the same everywhere, not good ones.
struct Numbers {
    std::uint64_t state;
    double uniform() {
        std::uint64_t z = (state += 0x9E3779B97F4A7C15ULL);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
        return (static_cast<double>((z ^ (z >> 31)) >> 11) + 0.5) * 0x1p-53;
    }
    double normal() { return std::sqrt(-2 * std::log(uniform())) * std::cos(6.283185307179586 * uniform()); }
};

Settings settings(Model model, panel::Variance variance = panel::Variance::iid) {
    Settings s;
    s.model = model;
    s.variance = variance;
    if (model != Model::fractional_logit) s.lower = 1;
    return s;
}

/// y = 1.3 + 0.4 x1 - 0.3 x2 + 0.5 e, made fit for the model with a limit at 1 (or a share).
panel::Design make_design(Model model, std::uint64_t seed, Eigen::Index n = 180) {
    Numbers random{seed};
    panel::Design design;
    design.formula = "y ~ x1 + x2";
    design.y_name.assign(1, 'y');  // assigning "y" sets off a false warning of GCC 12
    design.x_name = {"x1", "x2"};
    design.y.resize(n);
    design.X.resize(n, 2);
    panel::Factor cluster{"g", {}, static_cast<std::int32_t>((n + 5) / 6), {}};
    for (Eigen::Index i = 0; i < n;) {
        const double x1 = random.normal(), x2 = random.uniform() * 2;
        double y = 1.3 + 0.4 * x1 - 0.3 * x2 + 0.5 * random.normal();
        if (model == Model::truncated && y <= 1) continue;
        if (model == Model::tobit) y = std::max(y, 1.0);
        if (model == Model::fractional_logit) y = std::round(8 / (1 + std::exp(-2 * y + 2))) / 8;
        design.y[i] = y;
        design.X.row(i) << x1, x2;
        cluster.code.push_back(static_cast<std::int32_t>(i / 6));
        design.row.push_back(i);
        ++i;
    }
    design.clusters = {cluster};
    design.n_read = n;
    return design;
}

std::string refusal(const panel::Design& design, const Settings& s) {
    try {
        (void)limited::fit(design, s);
    } catch (const Error& error) {
        CHECK(error.fault() == Fault::data);
        return error.what();
    }
    FAIL_CHECK("no Error was thrown");
    return "";
}

bool has(const std::string& text, const std::string& part) {
    const bool found = text.find(part) != std::string::npos;
    if (!found) MESSAGE(text);
    return found;
}

bool near(double a, double b, double tolerance = 1e-9) {
    return std::abs(a - b) <= tolerance * std::max(std::abs(a), std::abs(b));
}

constexpr Model models[] = {Model::truncated, Model::tobit, Model::fractional_logit};
constexpr panel::Variance variances[] = {panel::Variance::iid, panel::Variance::robust,
                                         panel::Variance::cluster};

panel::FixedEffect effect(const panel::Factor& factor, Eigen::Index n) {
    return {factor, true, {}, Eigen::MatrixXd(n, 0)};
}

}  // namespace

TEST_CASE("z does not change with units of measurement") {
    for (const Model model : models) {
        const panel::Design design = make_design(model, 1);
        for (const panel::Variance variance : variances) {
            const Settings s = settings(model, variance);
            const Fit base = limited::fit(design, s);
            for (const double factor : {1e9, 1e-9}) {
                panel::Design scaled = design;
                scaled.X.col(0) *= factor;
                scaled.X.col(1).array() += 1e5;  // a new origin
                const Fit fit = limited::fit(scaled, s);
                CHECK(near(fit.terms[0].estimate * factor, base.terms[0].estimate));
                for (std::size_t j = 0; j < 2; ++j)
                    CHECK(near(fit.terms[j].statistic, base.terms[j].statistic, 1e-7));
                CHECK(near(fit.log_likelihood, base.log_likelihood, 1e-11));
                CHECK(near(fit.marginal.back().terms[0].statistic, base.marginal.back().terms[0].statistic,
                           1e-7));
            }
            if (model == Model::fractional_logit) continue;
            panel::Design scaled = design;
            scaled.y *= 1e9;
            Settings limits = s;
            limits.lower *= 1e9;
            const Fit fit = limited::fit(scaled, limits);
            CHECK(near(fit.sigma.estimate, 1e9 * base.sigma.estimate));
            CHECK(near(fit.sigma.std_error, 1e9 * base.sigma.std_error, 1e-8));
            CHECK(near(fit.terms[1].statistic, base.terms[1].statistic, 1e-8));
            const auto densities = static_cast<double>(fit.inside);
            CHECK(near(fit.log_likelihood, base.log_likelihood - densities * std::log(1e9), 1e-11));
        }
    }
}

TEST_CASE("right limits are left limits seen from the other side") {
    for (const Model model : {Model::truncated, Model::tobit}) {
        const panel::Design design = make_design(model, 2);
        const Fit left = limited::fit(design, settings(model, panel::Variance::robust));
        panel::Design mirrored = design;
        mirrored.y = -design.y;
        Settings s = settings(model, panel::Variance::robust);
        s.upper = -s.lower;
        s.lower = -std::numeric_limits<double>::infinity();
        const Fit right = limited::fit(mirrored, s);
        for (std::size_t j = 0; j < 3; ++j) {
            CHECK(near(right.terms[j].estimate, -left.terms[j].estimate));
            CHECK(near(right.terms[j].std_error, left.terms[j].std_error));
        }
        CHECK(right.at_upper == left.at_lower);
        CHECK(near(right.log_likelihood, left.log_likelihood, 1e-12));
        // A second limit that nothing reaches changes nothing.
        Settings both = settings(model, panel::Variance::robust);
        both.upper = 100;
        const Fit wide = limited::fit(design, both);
        CHECK(near(wide.terms[0].estimate, left.terms[0].estimate));
        CHECK(near(wide.terms[0].std_error, left.terms[0].std_error));
    }
}

TEST_CASE("the variance says what it is") {
    panel::Design design = make_design(Model::tobit, 15);
    design.clusters.push_back(design.clusters[0]);
    design.clusters[1].name = "year";
    for (std::size_t i = 0; i < design.clusters[1].code.size(); ++i)
        design.clusters[1].code[i] = static_cast<std::int32_t>(i % 12);
    design.clusters[1].levels = 12;
    CHECK(limited::fit(design, settings(Model::tobit)).vcov == "iid");
    CHECK(limited::fit(design, settings(Model::tobit, panel::Variance::robust)).vcov == "robust");
    CHECK(limited::fit(design, settings(Model::tobit, panel::Variance::cluster)).vcov == "cluster:g+year");
}

TEST_CASE("order of rows, and every row twice in its own cluster") {
    for (const Model model : models) {
        const panel::Design design = make_design(model, 3);
        const Eigen::Index n = design.y.size();
        std::vector<std::int64_t> order(static_cast<std::size_t>(n));
        for (std::size_t i = 0; i < order.size(); ++i)
            order[i] = static_cast<std::int64_t>((i * 77) % order.size());
        for (const panel::Variance variance : variances) {
            const Settings s = settings(model, variance);
            const Fit base = limited::fit(design, s),
                      shuffled = limited::fit(panel::take_rows(design, order), s);
            for (std::size_t j = 0; j < 3; ++j) {
                CHECK(near(shuffled.terms[j].estimate, base.terms[j].estimate));
                CHECK(near(shuffled.terms[j].std_error, base.terms[j].std_error));
            }
        }
        std::vector<std::int64_t> twice;
        for (std::int64_t i = 0; i < n; ++i) twice.insert(twice.end(), {i, i});
        const Settings s = settings(model, panel::Variance::cluster);
        const Fit base = limited::fit(design, s), doubled = limited::fit(panel::take_rows(design, twice), s);
        for (std::size_t j = 0; j < 3; ++j) {
            CHECK(near(doubled.terms[j].estimate, base.terms[j].estimate));
            CHECK(near(doubled.terms[j].std_error, base.terms[j].std_error));
        }
        CHECK(near(doubled.marginal.back().terms[0].std_error, base.marginal.back().terms[0].std_error));
        CHECK(near(doubled.log_likelihood, 2 * base.log_likelihood, 1e-12));
    }
}

TEST_CASE("without a row at a limit the tobit is least squares") {
    panel::Design design = make_design(Model::truncated, 4);
    Settings s = settings(Model::tobit);
    s.lower = -1e6;
    const Fit fit = limited::fit(design, s);
    Eigen::MatrixXd X(design.y.size(), 3);
    X << design.X, Eigen::VectorXd::Ones(design.y.size());
    const Eigen::VectorXd b = X.householderQr().solve(design.y), u = design.y - X * b;
    const double sigma2 = u.squaredNorm() / static_cast<double>(u.size());
    const Eigen::MatrixXd V = sigma2 * (X.transpose() * X).inverse();
    for (Eigen::Index j = 0; j < 3; ++j) {
        CHECK(near(fit.terms[static_cast<std::size_t>(j)].estimate, b[j]));
        CHECK(near(fit.terms[static_cast<std::size_t>(j)].std_error, std::sqrt(V(j, j))));
    }
    CHECK(near(fit.sigma.estimate, std::sqrt(sigma2)));
    CHECK(near(fit.sigma.std_error, std::sqrt(sigma2 / (2 * static_cast<double>(u.size())))));
    CHECK(near(fit.marginal.back().terms[0].estimate, b[0]));  // nothing is censored: both means are one
    // The same with a truncation that is far away.
    Settings far = settings(Model::truncated);
    far.lower = -1e6;
    const Fit truncated = limited::fit(design, far);
    CHECK(near(truncated.terms[0].estimate, b[0]));
    CHECK(near(truncated.sigma.estimate, std::sqrt(sigma2)));
}

TEST_CASE("rows at a truncation bound are left out and counted, rounding included") {
    panel::Design design = make_design(Model::truncated, 5);
    const Fit base = limited::fit(design, settings(Model::truncated));
    panel::Design more = make_design(Model::truncated, 5, 186);  // the same first 180 rows
    more.y.tail(6) << 1, 1 + 1e-12, 1 - 1e-12, 1, 1, 1;
    const Fit fit = limited::fit(more, settings(Model::truncated));
    CHECK(fit.at_lower == 6);
    CHECK(fit.n == 180);
    CHECK(fit.n_complete == 186);
    CHECK(near(fit.terms[0].estimate, base.terms[0].estimate, 1e-12));
    more.y[185] = 0.999;
    CHECK(limited::first_outside(more.y, settings(Model::truncated)) == 185);
    CHECK(has(refusal(more, settings(Model::truncated)), "row 186"));
}

TEST_CASE("collinear and absorbed regressors go, the later first, and effects are dummies") {
    for (const Model model : models) {
        panel::Design design = make_design(model, 6);
        const Fit base = limited::fit(design, settings(model));
        const Eigen::Index n = design.y.size();
        design.X.conservativeResize(n, 4);
        design.X.col(2) = 2 * design.X.col(0) - 3 * design.X.col(1);
        design.X.col(3).setConstant(7);
        design.x_name = {"x1", "x2", "copy", "seven"};
        const Fit fit = limited::fit(design, settings(model));
        REQUIRE(fit.omitted.size() == 2);
        CHECK(fit.omitted[0].name == "seven");
        CHECK(fit.omitted[1].name == "copy");
        CHECK(has(fit.omitted[1].reason, "x1, x2"));
        CHECK(near(fit.terms[0].estimate, base.terms[0].estimate, 1e-12));

        panel::Design grouped = make_design(model, 6);
        panel::Factor third{"t", {}, 3, {"a", "b", "c"}};
        Eigen::MatrixXd explicit_dummies = Eigen::MatrixXd::Zero(n, 2);
        for (Eigen::Index i = 0; i < n; ++i) {
            third.code.push_back(static_cast<std::int32_t>(i % 3));
            if (i % 3 > 0) explicit_dummies(i, i % 3 - 1) = 1;
        }
        panel::Design written = grouped;
        grouped.effects = {effect(third, n)};
        grouped.X.conservativeResize(n, 3);
        grouped.X.col(2) = explicit_dummies.col(1);  // absorbed
        grouped.x_name.emplace_back("is_c");
        written.X.conservativeResize(n, 4);
        written.X.rightCols(2) = explicit_dummies;
        written.x_name.insert(written.x_name.end(), {"t=b", "t=c"});
        const Fit a = limited::fit(grouped, settings(model)), b = limited::fit(written, settings(model));
        REQUIRE(a.omitted.size() == 1);
        CHECK(has(a.omitted[0].reason, "absorbed"));
        REQUIRE(a.effects.size() == 1);
        CHECK(a.effects[0].dummies == 2);
        CHECK(near(a.terms[1].estimate, b.terms[1].estimate));
        CHECK(near(a.terms[1].std_error, b.terms[1].std_error));
        CHECK(near(a.terms[2].std_error, b.terms[4].std_error));  // the constant of level a
        CHECK(near(a.log_likelihood, b.log_likelihood, 1e-12));
    }
}

TEST_CASE("perfect prediction is an error that names the regressor") {
    panel::Design shares = make_design(Model::fractional_logit, 7);
    for (Eigen::Index i = 0; i < shares.y.size(); ++i) {
        shares.X(i, 1) = i % 9 == 0 ? 1 : 0;
        if (i % 9 == 0) shares.y[i] = 1;
    }
    const std::string logit = refusal(shares, settings(Model::fractional_logit));
    CHECK(has(logit, "perfect prediction"));
    CHECK(has(logit, "along x2"));

    panel::Design scores = make_design(Model::tobit, 7);
    for (Eigen::Index i = 0; i < scores.y.size(); ++i) {
        scores.X(i, 1) = i % 9 == 0 ? 1 : 0;
        if (i % 9 == 0) scores.y[i] = 1;
    }
    const std::string tobit = refusal(scores, settings(Model::tobit));
    CHECK(has(tobit, "perfect prediction"));
    CHECK(has(tobit, "along x2"));
    // One such row that differs, and there is an estimate.
    scores.y[0] = 1.2;
    CHECK(std::isfinite(limited::fit(scores, settings(Model::tobit)).terms[1].std_error));
    shares.y[0] = 0.5;
    CHECK(std::isfinite(limited::fit(shares, settings(Model::fractional_logit)).terms[1].std_error));

    // Rows between 0 and 1 all alike in x2, those at 0 and 1 on either side: separation without a dummy.
    panel::Design line = make_design(Model::fractional_logit, 8, 60);
    for (Eigen::Index i = 0; i < 60; ++i) {
        line.X(i, 1) = static_cast<double>(i) - 29.5;
        line.y[i] = i < 30 ? 0 : 1;
    }
    CHECK(has(refusal(line, settings(Model::fractional_logit)), "perfect prediction"));
}

TEST_CASE("sigma to 0 and sigma without bound") {
    panel::Design exact = make_design(Model::tobit, 9);
    exact.y = (1 + exact.X.col(0).array()).cwiseMax(1.0);  // between the limits exactly linear
    CHECK(has(refusal(exact, settings(Model::tobit)), "sigma goes to 0"));
    exact.y = 50 + exact.X.col(0).array();
    CHECK(has(refusal(exact, settings(Model::tobit)), "fitted perfectly"));
    CHECK(has(refusal(exact, settings(Model::truncated)), "fitted perfectly"));

    // Exponential and heavier tails: the truncated normal flattens without end.
    panel::Design heavy = make_design(Model::truncated, 10, 600);
    Numbers random{11};
    for (double& y : heavy.y) y = 1 + std::pow(-std::log(random.uniform()), 2);
    CHECK(has(refusal(heavy, settings(Model::truncated)), "sigma grows without end"));
    for (double& y : heavy.y) y = 1 + random.uniform() / 2;  // uniform: no hump between two bounds either
    for (Eigen::Index i = 0; i < heavy.y.size(); i += 2) heavy.y[i] = i % 4 == 0 ? 1.001 : 1.499;
    Settings both = settings(Model::truncated);
    both.upper = 1.5;
    CHECK(has(refusal(heavy, both), "sigma grows without end"));
}

TEST_CASE("what cannot be estimated is refused with its reason") {
    panel::Design design = make_design(Model::tobit, 12);
    Settings s = settings(Model::tobit);
    panel::Design changed = design;
    changed.y.setOnes();
    CHECK(has(refusal(changed, s), "no uncensored row"));
    CHECK(has(refusal(changed, settings(Model::truncated)), "no untruncated row"));
    changed.y.setConstant(0.5);
    CHECK(has(refusal(changed, settings(Model::fractional_logit)), "constant"));
    changed.y.setOnes();
    changed.y[3] = 1 - 8e-10;
    CHECK(has(refusal(changed, settings(Model::fractional_logit)), "is 1 in all 180 rows"));
    changed.y.setConstant(0.5);
    changed.y[3] = 1.5;
    CHECK(has(refusal(changed, settings(Model::fractional_logit)), "[0, 1]"));
    changed = panel::take_rows(design, {0, 1, 2});
    CHECK(has(refusal(changed, s), "too few"));
    changed = design;
    changed.X.col(0).setConstant(2);
    changed.X.col(1).setConstant(3);
    CHECK(has(refusal(changed, s), "every regressor is omitted"));
    changed = design;
    changed.y[7] = std::nan("");
    CHECK(has(refusal(changed, s), "not finite"));
    changed = design;
    for (auto& code : changed.clusters[0].code) code = 0;
    changed.clusters[0].levels = 1;
    CHECK(has(refusal(changed, settings(Model::tobit, panel::Variance::cluster)), "only one cluster"));
    changed = design;
    changed.effects = {effect(design.clusters[0], design.y.size())};
    changed.effects[0].slope = design.X.leftCols(1);
    CHECK(has(refusal(changed, s), "slopes that vary"));
    changed = design;
    changed.instruments = design.X.leftCols(1);
    CHECK(has(refusal(changed, s), "instruments"));
    s.upper = 1;
    CHECK(has(refusal(design, s), "not below"));
    s.upper = s.lower = std::numeric_limits<double>::quiet_NaN();
    CHECK(has(refusal(design, s), "not below"));
}

TEST_CASE("far out in the tail the truncated regression is still exact") {
    // Nearly exponential above 1: the bound lies many sigma above the mean before truncation.
    panel::Design design = make_design(Model::truncated, 13, 4000);
    Numbers random{14};
    for (Eigen::Index i = 0; i < design.y.size(); ++i) {
        const double v = -std::log(random.uniform());
        design.y[i] = 1 + (0.5 + 0.05 * design.X(i, 1)) * (v - v * v * 0.02 * random.uniform());
    }
    design.y = design.y.cwiseMax(1.0001);
    const Fit fit = limited::fit(design, settings(Model::truncated));
    CHECK((1 - fit.terms[2].estimate) / fit.sigma.estimate > 3);
    CHECK(fit.scaled_gradient < 1e-16);
    CHECK(fit.terms[1].std_error > 0);
    CHECK(std::isfinite(fit.marginal[0].terms[1].std_error));
}

TEST_CASE("the likelihood of shares near 0 and 1 keeps its digits") {
    // Two groups of rows with one share each are told apart by a dummy variable: their means are the shares.
    for (const auto& [a, b] : {std::pair{1e-13, 0.3}, {1e-6, 1 - 1e-8}, {0.5, 0.5000001}, {0.02, 1 - 1e-7}}) {
        CAPTURE(a);
        panel::Design design = make_design(Model::fractional_logit, 9, 40);
        design.X = design.X.leftCols(1).eval();
        design.x_name.resize(1);
        for (Eigen::Index i = 0; i < 40; ++i) {
            design.X(i, 0) = i < 25 ? 0 : 1;
            design.y[i] = i < 25 ? a : b;
        }
        const auto part = [](long double share) {
            return share * std::log(share) + (1 - share) * std::log1p(-share);
        };
        const auto right = static_cast<double>(25 * part(a) + 15 * part(b));
        const double found = limited::fit(design, settings(Model::fractional_logit)).log_likelihood;
        CHECK(std::abs(found / right - 1) < 1e-13);
    }
}
