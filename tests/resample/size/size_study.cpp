// Size of the tests of a coefficient that is zero, at a nominal level of 5 %.
//
//     size_study [--panels N] [--seed S]
//
// Each panel has G clusters, 12 periods, unit and period effects, and the regression y ~ x + w of the first
// regressor, whose coefficient is zero; the errors follow an autoregression (0.6) within clusters. Three
// kinds:
//     even      x varies by cluster and period, clusters are alike
//     uneven    the spread of x and of the errors differs between clusters (log-normal, correlated)
//     policy    x is a policy that a tenth of the clusters adopt, in period 6 and for good; errors are alike
// With 2,000 panels a share of 5 % has a Monte-Carlo standard error of 0.49 points. Prints a table (percent),
// and fails where a share lies outside the band written below; with fewer than 1,000 panels it fails only
// where a test has no answer.
#include <fmt/format.h>
#include <oneapi/tbb/parallel_for.h>

#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/error.hpp"
#include "kernels/resample/placebo.hpp"
#include "kernels/resample/resample.hpp"
#include "kernels/resample/wild.hpp"
#include "kernels/rng/philox.hpp"
#include "tests/arguments.hpp"

namespace {

using namespace greenfront;
using Eigen::Index;
using test_arguments::number_after;

constexpr std::int32_t periods = 12;
constexpr std::int64_t replicates = 399;  ///< 0.05 (399 + 1) is whole
enum class Kind : std::uint8_t { even, uneven, policy };
constexpr std::array kinds{Kind::even, Kind::uneven, Kind::policy};
constexpr std::array<const char*, 3> kind_names{"even", "uneven", "policy"};
constexpr std::array<std::int32_t, 3> sizes{20, 50, 242};
constexpr std::array<const char*, 8> test_names{"t, clustered", "t, CV3", "WCR 11",  "WCR 33",
                                                "WCR 31",       "WCU 11", "pairs-t", "placebo t"};
constexpr std::size_t tests = test_names.size();

/// Where the shares must lie, percent; from 1,000 panels on. Standard error of a share of 5 %: 0.5 points
/// with 2,000 panels. Clustered t rejects too often with few or uneven clusters, CV3 and pairs less so,
/// restricted wild bootstraps hardly (Cameron, Gelbach and Miller 2008; MacKinnon, Nielsen and Webb 2023);
/// with two treated clusters restricted ones hardly ever reject and unrestricted ones too often (MacKinnon
/// and Webb 2017). The permutation of trajectories is exact where clusters are exchangeable, and is not where
/// they are uneven.
struct Band {
    double low = 3.2, high = 7;
};
constexpr Band usual{}, often{8, 45}, rarely{0, 1.5}, above{5, 20}, anything{0, 100};
using Bands = std::array<Band, tests>;
constexpr std::array<std::array<Bands, 3>, 3> bands{{
    {{{usual, usual, usual, usual, usual, usual, usual, usual},
      {usual, usual, usual, usual, usual, usual, usual, usual},
      {usual, usual, usual, usual, usual, usual, usual, usual}}},
    {{{often, often, {3.2, 9}, {3.2, 9}, {3.2, 9}, often, above, often},
      {often, above, usual, usual, usual, above, above, often},
      {often, above, usual, usual, usual, above, usual, often}}},
    {{{often, often, rarely, rarely, rarely, often, often, usual},
      {often, above, {2.5, 8}, {2.5, 8}, {2.5, 8}, above, anything, usual},
      {usual, usual, usual, usual, usual, {2.5, 7}, {2.5, 7}, usual}}},
}};

panel::FixedEffect effect(const panel::Factor& factor) {
    return {factor, true, {}, Eigen::MatrixXd(static_cast<Index>(factor.code.size()), 0)};
}

struct Panel {
    panel::Design design;
    panel::Factor unit, period;
};

Panel make_panel(Kind kind, std::int32_t G, std::uint64_t seed, std::uint64_t number) {
    // 900: a stage that the program itself never uses.
    rng::Stream random(seed, 900 + static_cast<std::uint64_t>(kind), number, static_cast<std::uint64_t>(G));
    Panel made;
    made.unit = {"unit", {}, G, {}};
    made.period = {"period", {}, periods, {}};
    panel::Design& d = made.design;
    const Index n = static_cast<Index>(G) * periods;
    d.y.resize(n);
    d.X.resize(n, 2);
    const std::int32_t treated = std::max(2, G / 10);
    for (std::int32_t g = 0; g < G; ++g) {
        const double own = random.normal();
        const double spread = kind == Kind::uneven ? std::exp(random.normal()) : 1;
        double error = random.normal(), x = random.normal();
        for (std::int32_t t = 0; t < periods; ++t) {
            const Index i = static_cast<Index>(g) * periods + t;
            error = 0.6 * error + 0.8 * random.normal();
            x = 0.6 * x + 0.8 * random.normal();
            const double w = random.normal();
            d.X(i, 0) = kind == Kind::policy ? (g < treated && t >= 6 ? 1 : 0) : spread * x + 0.5 * own;
            d.X(i, 1) = w;
            d.y(i) = own + 0.05 * t + 0.3 * w + spread * error;
            made.unit.code.push_back(g);
            made.period.code.push_back(t);
            d.row.push_back(i);
        }
    }
    d.y_name = "y";
    d.x_name = {"x", "w"};
    d.effects = {effect(made.unit), effect(made.period)};
    d.clusters = {made.unit};
    d.n_read = n;
    return made;
}

double wild_p(const Panel& p, const panel::Options& options, int residuals, int variance, bool restricted,
              std::uint64_t number) {
    resample::WildOptions wild;
    wild.term = "x";
    wild.type = {residuals, variance};
    wild.impose_null = restricted;
    wild.replicates = replicates;
    wild.seed = number;
    wild.interval = false;
    return summarise(resample::wild_cluster(p.design, options, wild)).p_value;
}

/// Whether each test rejects. A test without an answer ends the program: it would count as one that accepts.
std::array<char, tests> rejections(const Panel& p, std::uint64_t number) {
    panel::Options options;
    options.variance = panel::Variance::cluster;
    panel::Options jackknife = options;
    jackknife.variance = panel::Variance::jackknife;
    resample::PairsOptions pairs;
    pairs.replicates = replicates;
    pairs.seed = number;
    resample::PlaceboOptions placebo;
    placebo.treatment = "x";
    placebo.replicates = replicates;
    placebo.seed = number;
    const std::array<double, tests> p_values{
        panel::fit(p.design, options).terms[0].p_value,
        panel::fit(p.design, jackknife).terms[0].p_value,
        wild_p(p, options, 1, 1, true, number),
        wild_p(p, options, 3, 3, true, number),
        wild_p(p, options, 3, 1, true, number),
        wild_p(p, options, 1, 1, false, number),
        summarise(resample::pairs_cluster(p.design, options, pairs), 0, 0, 0.95).p_value,
        resample::placebo(p.design, options, p.unit, p.period, placebo).test.p_value};
    std::array<char, tests> rejects{};
    for (std::size_t t = 0; t < tests; ++t) {
        if (!(p_values[t] >= 0 && p_values[t] <= 1))
            throw Error(Fault::data, fmt::format("panel {}: {} has no p value", number, test_names[t]));
        rejects[t] = p_values[t] <= 0.05 ? 1 : 0;
    }
    return rejects;
}

std::array<double, tests> shares(Kind kind, std::int32_t G, std::int64_t panels, std::uint64_t seed) {
    std::vector<std::array<char, tests>> rejects(static_cast<std::size_t>(panels));
    tbb::parallel_for(std::size_t{0}, rejects.size(),
                      [&](std::size_t i) { rejects[i] = rejections(make_panel(kind, G, seed, i), i); });
    std::array<double, tests> share{};
    for (const auto& one : rejects)
        for (std::size_t t = 0; t < tests; ++t) share[t] += 100.0 * one[t] / static_cast<double>(panels);
    return share;
}

}  // namespace

int main(int argc, char** argv) {
    const std::int64_t panels = number_after("--panels", argc, argv, 2000);
    const auto seed = static_cast<std::uint64_t>(number_after("--seed", argc, argv, 1));
    std::vector<std::string> outside;
    fmt::print("| panels | clusters |");
    for (const char* name : test_names) fmt::print(" {} |", name);
    fmt::print("\n|---|---|---|---|---|---|---|---|---|---|\n");
    for (std::size_t k = 0; k < kinds.size(); ++k) {
        for (std::size_t size = 0; size < sizes.size(); ++size) {
            const std::int32_t G = sizes[size];
            const auto share = shares(kinds[k], G, panels, seed);
            fmt::print("| {} | {} |", kind_names[k], G);
            for (std::size_t t = 0; t < tests; ++t) {
                const Band& band = bands[k][size][t];
                fmt::print(" {:.1f} |", share[t]);
                if (panels >= 1000 && (share[t] < band.low || share[t] > band.high)) {
                    outside.push_back(fmt::format("{}, {} clusters, {}: {:.2f} % is outside {} to {}",
                                                  kind_names[k], G, test_names[t], share[t], band.low,
                                                  band.high));
                }
            }
            fmt::print("\n");
            std::fflush(stdout);
        }
    }
    for (const auto& what : outside) fmt::print(stderr, "size_study: {}\n", what);
    return outside.empty() ? 0 : 1;
}
