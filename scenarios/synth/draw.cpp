#include <algorithm>
#include <cmath>

#include "kernels/rng/philox.hpp"
#include "kernels/stats/percentile.hpp"
#include "scenarios/synth/published.hpp"
#include "scenarios/synth/series.hpp"

// The data-generating process. Latent traits of a city (quality Q, capacity in each of the three dimensions),
// growth of its own and AR(1) shocks give a score z for each indicator; the indicator is a Box-Cox curve of
// z whose curvature is found so that the entropy method gives it the published weight.
namespace greenfront::synth {
namespace {

// Purposes (draw numbers) of a city's streams.
enum Purpose : std::uint64_t {
    draw_missing = 1,
    draw_quality = 2000,
    draw_growth,
    draw_volatility,
    draw_digital_capacity,
    draw_level,
    draw_price,
    draw_dimension = 2100,             // + dimension
    draw_dimension_growth = 2110,      // + dimension
    draw_dimension_volatility = 2120,  // + dimension
    draw_own = 2200,                   // + indicator
    draw_control = 2300,               // + control
    draw_mediator = 2400,              // + mediator
    draw_series_common = 3000,
    draw_series_outcome,
    draw_series_internet,
    draw_series_volume,
    draw_series_dimension = 3100,  // + dimension
    draw_series_own = 3200,        // + indicator
    draw_series_control = 3300,    // + control
    draw_series_mediator = 3400    // + mediator
};

/// One dimension of the index; found by least squares against Tables 2 and 3, the first stage of Table 6 and
/// the size of the outcome that Tables 4 to 7 ask for.
struct Dimension {
    double together;      ///< correlation of the indicators' city levels with the dimension's capacity
    double with_quality;  ///< correlation of that capacity with Q
    double stretch;       ///< of scores above 1.5
    double trend;         ///< multiple of the indicators' trends
    double own_growth;    ///< sd of a city's own growth, a year
    double capital_growth, resource_growth;
    double shock;       ///< sd of the AR(1) shocks
    double volatility;  ///< sd of the logarithm of a city's shock size
    double persistence;
};
constexpr std::array<Dimension, 3> dimensions{{
    {.843, .820, 3.704, .437, .036, .025, -.006, .063, .364, .735},
    {.687, .592, 2.830, .614, .036, .024, .008, .537, .319, .877},
    {.812, .662, 1.074, .503, .029, .026, -.005, .172, .664, .684},
}};
constexpr double volatility_resource = -.198, volatility_capital = -.039;
/// Divergence 1 - entropy of all indicators together; a weight is the indicator's part of it.
constexpr double total_divergence = .570;
constexpr std::array<double, n_indicators> trend_of{.03, .01, .3,  .10, .09, .01, .03, .10,
                                                    .15, .17, .05, .15, .15, .10, .30};
/// Part of Dimension::together.
constexpr std::array<double, n_indicators> shared_of{1, 1, .6, 1, 1, 1, 1, 0, 0, 0, 1, .8, .6, 1, .6};

/// ((exp(c z) - 1) / c) moved to 0..1.
VectorXd curve(const VectorXd& z, double c) {
    const VectorXd x = std::abs(c) < 1e-9 ? z : VectorXd(((c * z.array()).exp() - 1) / c);
    const double low = x.minCoeff(), high = x.maxCoeff();
    return (x.array() - low) / (high - low);
}

/// 1 + sum p ln p / ln n, p = x / sum x.
double divergence(const VectorXd& x) {
    const double sum = x.sum();
    double plogp = 0;
    for (const double v : x) plogp += v > 0 ? v / sum * std::log(v / sum) : 0;
    return 1 + plogp / std::log(static_cast<double>(x.size()));
}

/// The curve with the divergence asked for, by bisection: divergence grows with the curvature.
VectorXd curve_of_divergence(const VectorXd& z, double aim) {
    double low = -3, high = 4;
    for (int k = 0; k < 24; ++k) {
        const double middle = (low + high) / 2;
        (divergence(curve(z, middle)) < aim ? low : high) = middle;
    }
    return curve(z, (low + high) / 2);
}

VectorXd flags(const Draft& draft, bool resource) {
    VectorXd v(static_cast<Index>(draft.city.size()));
    for (Index i = 0; i < v.size(); ++i) {
        const City& c = draft.city[static_cast<std::size_t>(i)];
        v(i) = resource ? c.resource_based : c.municipality || c.capital;
    }
    return v;
}

VectorXd quality(const Draft& draft) {
    VectorXd q = 0.9 * city_scores(draft, draw_quality, true);
    for (Index i = 0; i < q.size(); ++i) {
        const City& c = draft.city[static_cast<std::size_t>(i)];
        q(i) += c.municipality ? 1.6 : c.capital ? 1.12 : c.resource_based ? -0.3 : 0;
    }
    return standardised(q);
}

/// Scores of one dimension's indicators.
struct DimensionDraw {
    VectorXd capacity, growth, size;  // by city
    VectorXd common, shared;          // rows: shocks common to all dimensions, and to this one
};

DimensionDraw draw_of(const Draft& draft, int d, const VectorXd& q) {
    const Dimension& m = dimensions[static_cast<std::size_t>(d)];
    const auto purpose = static_cast<std::uint64_t>(d);
    const VectorXd capitals = flags(draft, false), resource = flags(draft, true);
    DimensionDraw x;
    x.capacity = m.with_quality * q + std::sqrt(1 - m.with_quality * m.with_quality) *
                                          city_scores(draft, draw_dimension + purpose, false);
    x.growth = m.own_growth * (0.6 * city_scores(draft, draw_growth, true) +
                               0.8 * city_scores(draft, draw_dimension_growth + purpose, true)) +
               m.capital_growth * capitals + m.resource_growth * resource;
    const VectorXd volatility = 0.7 * city_scores(draft, draw_volatility, true) +
                                0.7 * city_scores(draft, draw_dimension_volatility + purpose, true);
    x.size =
        m.shock * (m.volatility * volatility + volatility_resource * resource + volatility_capital * capitals)
                      .array()
                      .exp();
    x.common = autoregression(draft, draw_series_common, m.persistence);
    x.shared = autoregression(draft, draw_series_dimension + purpose, m.persistence);
    return x;
}

/// Environmental indicators (green cover, waste treatment, sulphur): levels of their own, little weight.
VectorXd plain_score(const Draft& draft, std::size_t j, const VectorXd& q) {
    const auto purpose = static_cast<std::uint64_t>(j);
    return spread(draft, 0.3 * q + city_scores(draft, draw_own + purpose, false)) +
           trend_of[j] * years(draft) + 0.3 * autoregression(draft, draw_series_own + purpose, 0.5);
}

VectorXd score(const Draft& draft, std::size_t j, const DimensionDraw& x) {
    const Dimension& m = dimensions[static_cast<std::size_t>(dimension_of[j])];
    const auto purpose = static_cast<std::uint64_t>(j);
    const double l = std::min(0.98, m.together * shared_of[j]);
    const VectorXd level =
        l * x.capacity + std::sqrt(1 - l * l) * city_scores(draft, draw_own + purpose, false);
    const VectorXd growth = x.growth.array() + trend_of[j] * m.trend;
    VectorXd z = spread(draft, level) + spread(draft, growth).cwiseProduct(years(draft)) +
                 spread(draft, x.size)
                     .cwiseProduct(0.45 * x.common + 0.7 * x.shared +
                                   0.55 * autoregression(draft, draw_series_own + purpose, m.persistence));
    for (double& v : z) v = v > 1.5 ? 1.5 + (v - 1.5) * m.stretch : v;
    return z;
}

void draw_indicators(Draft& draft, const VectorXd& q) {
    draft.indicator.resize(draft.rows(), n_indicators);
    double sum = 0;
    for (const double w : published_weight) sum += w;
    const std::array<DimensionDraw, 3> dimension{draw_of(draft, 0, q), draw_of(draft, 1, q),
                                                 draw_of(draft, 2, q)};
    for (std::size_t j = 0; j < n_indicators; ++j) {
        if (j == digital_finance) continue;
        const bool plain = j == green_cover || j == waste_treatment || j == so2_intensity;
        const VectorXd z = plain ? plain_score(draft, j, q)
                                 : score(draft, j, dimension[static_cast<std::size_t>(dimension_of[j])]);
        draft.indicator.col(static_cast<Index>(j)) =
            curve_of_divergence(z, total_divergence * published_weight[j] / sum);
    }
}

/// Moves a variable to a mean and sd that it has after winsorising at 1 and 99 %.
VectorXd scaled(const VectorXd& v, const Moments& aim, double floor) {
    VectorXd x = v;
    for (int k = 0; k < 8; ++k) {
        const VectorXd w = winsorised(x, 1);
        const double mean = w.mean();
        const double sd = std::sqrt((w.array() - mean).square().mean());
        x = ((x.array() - mean) * (aim.sd / sd) + aim.mean).max(floor);
    }
    return x;
}

/// Controls: a level of the city, a drift of its own, a trend of all and AR(1) shocks; gov, fdi and finan as
/// exponentials.
void draw_controls(Draft& draft, const VectorXd& q) {
    struct Model {
        double quality, level, drift, trend, shock, floor;
        bool exponential;
    };
    static constexpr std::array<Model, n_controls> models{{
        {0.28, 0.36, 0.010, 0.068, 0.13, 8.5, false},
        {-0.16, 0.34, 0.008, 0.000, 0.13, 0.05, true},
        {0.30, 0.80, 0.020, -0.050, 0.42, 0, true},
        {0.20, 0.30, 0.008, 0.030, 0.14, 0.8, true},
        {0.15, 0.75, 0.012, 0.003, 0.10, 2.5, false},
    }};
    draft.control.resize(draft.rows(), n_controls);
    for (std::size_t k = 0; k < n_controls; ++k) {
        const Model& m = models[k];
        const auto purpose = static_cast<std::uint64_t>(k);
        const VectorXd level = m.quality * q + m.level * city_scores(draft, draw_control + purpose, false);
        const VectorXd growth =
            (m.drift * city_scores(draft, draw_control + 50 + purpose, false)).array() + m.trend;
        VectorXd x = spread(draft, level) + spread(draft, growth).cwiseProduct(years(draft)) +
                     m.shock * autoregression(draft, draw_series_control + purpose, 0.7);
        if (m.exponential) x = x.array().exp();
        draft.control.col(static_cast<Index>(k)) = scaled(x, published_controls()[k], m.floor);
    }
}

/// Starts of the mediators: level, common path, shocks; calibrate() adds what nqp does.
void draw_mediators(Draft& draft, const VectorXd& q) {
    struct Model {
        double mean, level, quality, trend, shock;
    };
    static constexpr std::array<Model, n_mediators> models{{
        {0.55, 0.16, -0.02, -0.004, 0.07},
        {2.20, 0.24, -0.06, -0.020, 0.10},
        {4.70, 0.85, 0.55, 0.160, 0.20},
        {4.30, 0.90, 0.60, 0.170, 0.26},
        {2.05, 0.08, 0.08, 0.000, 0.03},
    }};
    draft.mediator.resize(draft.rows(), n_mediators);
    for (std::size_t k = 0; k < n_mediators; ++k) {
        const Model& m = models[k];
        const auto purpose = static_cast<std::uint64_t>(k);
        const VectorXd level = m.quality * q + m.level * city_scores(draft, draw_mediator + purpose, false);
        VectorXd x = spread(draft, level) + m.trend * years(draft) +
                     m.shock * autoregression(draft, draw_series_mediator + purpose, 0.4);
        // Digital finance began from little in 2011 and rose everywhere, fast at first.
        if (k == finance) x.array() += 2.7 / (1 + (-(years(draft).array() + 2) / 2.6).exp()) - 1.75;
        draft.mediator.col(static_cast<Index>(k)) = x.array() + m.mean;
    }
    for (Index r = 0; r < draft.rows(); ++r) {
        double &electricity = draft.mediator(r, electricity_gdp), &coal = draft.mediator(r, coal_gdp);
        electricity = std::max(electricity, 0.12);
        coal = std::max(coal, 1.0);
        if (draft.city_of(r).leader) {  // the thriftiest: winsorising cuts them
            electricity = 0.02;
            coal = 0.10;
        }
    }
}

/// Efficiency: skewed levels of cities, an effect of nqp where there is digital capacity and no dependence on
/// resources, and shocks that are larger where more moves. Leaders stand above all.
void draw_efficiency(Draft& draft, const VectorXd& q) {
    const bool effect = !draft.settings.null_effect;
    VectorXd level = 0.75 * city_scores(draft, draw_level, false) + (effect ? 0.45 : 0.0) * q;
    level += 0.3 * flags(draft, false);
    VectorXd base = spread(draft, (0.55 * level).array().exp());
    base = 0.022 + base.array() * (0.040 / base.mean());
    VectorXd index = VectorXd::Zero(draft.rows());
    for (std::size_t j = 0; j < n_indicators; ++j) {
        index += published_weight[j] * draft.indicator.col(static_cast<Index>(j));
    }
    const double middle = stats::percentile_stata({index.begin(), index.end()}, 50);
    const VectorXd shocks = autoregression(draft, draw_series_outcome, 0.4);
    draft.efficiency.resize(draft.rows());
    for (Index first = 0; first < draft.rows(); first += draft.periods) {
        const double own = index.segment(first, draft.periods).mean();
        for (Index r = first; r < first + draft.periods; ++r) {
            const City& c = draft.city_of(r);
            const double move = index(r) - own;
            const bool digital = r - first >= c.low_digital_years;
            double size = digital ? 0.020 : 0.006;
            if (c.resource_based) size *= 0.6;
            size *= index(r) <= middle ? 0.6 : 1.1;
            if (!digital && draft.pilot(r)) size *= 0.6;
            size *=
                (0.5 + 0.3 * std::min(std::abs(move) / 0.006, 6.0)) * std::clamp(base(r) / 0.055, 0.6, 2.5);
            const double slope = effect && digital && !c.resource_based ? 0.6 : 0;
            const double e = base(r) + slope * move + 0.6 * size * shocks(r);
            // The leaders get better from year to year, a municipality first and a capital second.
            const double leading = (c.municipality ? 0.8 : 0.6) + 0.01 * static_cast<double>(r - first);
            draft.efficiency(r) = c.leader ? leading : std::clamp(e, 0.015, 0.45);
        }
    }
}

/// A few missing cells, never in a city's first or last year, where interpolation could not fill them.
void draw_holes(Draft& draft) {
    draft.hole.assign(static_cast<std::size_t>(draft.rows()), {});
    for (std::size_t i = 0; i < draft.city.size(); ++i) {
        rng::Stream stream(draft.settings.seed, rng::stage_synth, i, draw_missing);
        for (std::size_t h = 0; h < n_holes; ++h) {
            for (Index t = 0; t < draft.periods; ++t) {
                const bool hole = stream.uniform() < 0.008;
                const auto r = static_cast<std::size_t>(static_cast<Index>(i) * draft.periods + t);
                if (hole && t > 0 && t + 1 < draft.periods) draft.hole[r][h] = true;
            }
        }
    }
    // Energy is natural gas, LPG and electricity: one of the first two must be there to close the sum.
    for (auto& holes : draft.hole) holes[hole_lpg] = holes[hole_lpg] && !holes[hole_natural_gas];
}

/// Foreign investment over GDP where the amount itself will be a straight line between its neighbours.
void close_investment(Draft& draft) {
    const VectorXd gdp = (draft.control.col(econ) + draft.control.col(lnpd)).array().exp() *
                         draft.price.array();  // up to the city's area
    VectorXd amount = draft.control.col(fdi).cwiseProduct(gdp);
    fill_holes(draft, hole_fdi, amount);
    draft.control.col(fdi) = amount.cwiseQuotient(gdp);
}

void draw_prices(Draft& draft) {
    draft.price.resize(draft.rows());
    const VectorXd shocks = autoregression(draft, draw_price, 0.6);
    for (Index r = 0; r < draft.rows(); ++r) {
        draft.price(r) = r % draft.periods == 0
                             ? 1
                             : draft.price(r - 1) * (1.02 + 0.006 * std::clamp(shocks(r), -3.0, 3.0));
    }
}

/// Mobile subscribers belong to both indices: where there are many, digital infrastructure is good early.
VectorXd digital_capacity(const Draft& draft) {
    VectorXd mobile(static_cast<Index>(draft.city.size()));
    for (Index i = 0; i < mobile.size(); ++i) {
        mobile(i) = draft.indicator.col(mobile_subscribers).segment(i * draft.periods, draft.periods).mean();
    }
    return standardised(mobile) + 0.6 * city_scores(draft, draw_digital_capacity, false);
}

/// Internet users and telecommunications volume rise with a city's digital capacity, which passes the middle
/// of the panel after `low_digital_years`.
void draw_digital(Draft& draft) {
    const VectorXd a = autoregression(draft, draw_series_internet, 0.6),
                   b = autoregression(draft, draw_series_volume, 0.6);
    VectorXd internet(draft.rows()), volume(draft.rows());
    for (Index r = 0; r < draft.rows(); ++r) {
        const double capacity =
            static_cast<double>(r % draft.periods - draft.city_of(r).low_digital_years) + 0.5;
        internet(r) = 0.16 * capacity + 0.15 * a(r);
        volume(r) = 0.16 * capacity + 0.10 * b(r);
    }
    draft.internet = curve(internet, 0.1);
    draft.telecom_volume = curve(volume, 0.9);
}

}  // namespace

bool is_calibrated(const SynthSettings& settings) {
    return settings.cities == 242 && settings.first_year == 2011 && settings.last_year == 2022 &&
           !settings.null_effect;
}

Draft draw(const SynthSettings& settings) {
    Draft draft;
    draft.settings = settings;
    draft.city = structure(settings);
    draft.periods = static_cast<Index>(settings.last_year - settings.first_year + 1);
    const VectorXd q = quality(draft);
    draw_holes(draft);
    draw_prices(draft);
    draw_indicators(draft, q);
    assign_digital_years(draft.city, digital_capacity(draft), draft.periods);
    draw_controls(draft, q);
    close_investment(draft);
    draw_mediators(draft, q);
    // Digital finance is a mediator and an indicator at once.
    draft.indicator.col(digital_finance) = curve(draft.mediator.col(finance), 0);
    draw_efficiency(draft, q);
    draw_digital(draft);
    return draft;
}

}  // namespace greenfront::synth
