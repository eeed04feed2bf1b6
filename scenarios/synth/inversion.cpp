#include "scenarios/synth/inversion.hpp"

#include <algorithm>
#include <cmath>

#include "scenarios/synth/series.hpp"

// The efficiency analysis is inverted. One city-year F produces most from least: no other has less of any
// input or bad output per unit of output. Then the non-oriented SBM score of every city-year o that is no
// leader has F as its only peer, and with r_i = (x_iF/y_F) / (x_io/y_o) and q_b likewise for the bad outputs
//     theta = (r_K + r_L + r_E)/3 / (1 + (2 - q_C - q_P)/3)
// (method: Tone 2001 with undesirable outputs; the good output has no slack because more of F would cost
// inputs in proportion and raise the denominator less). Energy is given by the mediator, PM2.5 by the climate
// of the place; capital follows from investment, which cannot be negative; labour takes what is left, so that
// theta is met.
namespace greenfront::synth {
namespace {

/// Per unit of output of the best city-year: capital (years of output), labour (10 000 persons per 10 000
/// yuan), energy (tonnes of coal equivalent per 10 000 yuan), carbon dioxide (tonnes per 10 000 yuan).
constexpr double best_capital = 0.25, best_labour = 3.2e-7, best_energy = 0.10, best_carbon = 0.35;
constexpr double depreciation_rate = 0.15;

enum Purpose : std::uint64_t { draw_area = 2500, draw_pm, draw_depreciation, draw_pm_series = 2504 };

Index best_row(const Draft& draft) {
    Index best = 0;
    draft.efficiency.maxCoeff(&best);
    return best;
}

/// Output and population from the controls; a city's area is its own, the first leader's as large as it takes
/// to have the least PM2.5 per unit of output.
void write_size(const Draft& draft, Quantities& x) {
    const Index best = best_row(draft), leader = best / draft.periods;
    const VectorXd scores = city_scores(draft, draw_area, false), own = city_scores(draft, draw_pm, false);
    const VectorXd dirt = autoregression(draft, draw_pm_series, 0.5);
    x.area.resize(draft.rows());
    x.pm25.resize(draft.rows());
    for (Index r = 0; r < draft.rows(); ++r) {
        const City& c = draft.city_of(r);
        x.area(r) = std::exp(9.1 + 0.5 * scores(r / draft.periods) - (c.municipality ? 0.2 : 0.0));
        x.pm25(r) =
            std::exp(3.68 - 0.045 * (static_cast<double>(draft.year_of(r)) - 2016.5) +
                     0.25 * own(r / draft.periods) + (c.resource_based ? 0.15 : 0.0) + 0.04 * dirt(r));
    }
    const VectorXd density = draft.control.col(lnpd).array().exp();
    const VectorXd per_head = draft.control.col(econ).array().exp();
    const auto output = [&](Index r) { return density(r) * x.area(r) / 10000 * per_head(r); };
    double needed = 0;
    for (Index r = 0; r < draft.rows(); ++r) {
        if (r / draft.periods != leader) needed = std::max(needed, output(r) / x.pm25(r));
    }
    const double larger = std::max(1.0, 1.25 * needed * x.pm25(best) / output(best));
    x.area.segment(leader * draft.periods, draft.periods) *= larger;
    x.population = density.cwiseProduct(x.area) / 10000;
    x.output = x.population.cwiseProduct(per_head);
}

/// Room of the capital stock in one city and year.
struct Room {
    double least, most, wanted;
};

/// Stocks between their bounds that no more than depreciate; the lowest bound of later years counts already
/// now.
std::vector<double> stocks(std::vector<Room> room, const std::vector<double>& kept) {
    for (std::size_t t = room.size() - 1; t-- > 0;) {
        room[t].most = std::min(room[t].most, room[t + 1].most / kept[t + 1]);
    }
    std::vector<double> stock;
    for (std::size_t t = 0; t < room.size(); ++t) {
        double k = std::max(room[t].wanted, room[t].least);
        if (t > 0) k = std::max(k, kept[t] * stock[t - 1]);
        stock.push_back(std::min(k, room[t].most));
    }
    return stock;
}

/// I_0 with I_0 / (g + delta) = K_0, g = (I_last / I_0)^(1/(T-1)) - 1: the rule by which the study makes the
/// first stock. The left side grows with I_0, so that bisection finds it.
double first_investment(double stock, double last, double depreciation, double periods) {
    double low = 1e-12 * last, high = 1e12 * last;
    for (int k = 0; k < 200; ++k) {
        const double middle = std::sqrt(low * high);
        const double rate = std::pow(last / middle, 1 / periods) - 1 + depreciation;
        (rate > 0 && middle / rate < stock ? low : high) = middle;
    }
    return std::sqrt(low * high);
}

/// One city: capital and labour so that every year has its efficiency. `sum` is r_K + r_L of each year,
/// `best` the row of F.
void write_city(const Draft& draft, Index first, Index best, const std::vector<double>& sum, Quantities& x) {
    const auto T = static_cast<std::size_t>(draft.periods);
    std::vector<Room> room;
    std::vector<double> kept;
    for (std::size_t t = 0; t < T; ++t) {
        const Index r = first + static_cast<Index>(t);
        const double unit = best_capital * x.output(r), s = sum[t];
        // Neither share of the sum vanishes, and neither is better than F's.
        const double most = r == best ? 1 : 0.97;
        const double least_ratio = std::max(s - most, 0.04 * s), most_ratio = std::min(0.96 * s, most);
        room.push_back({unit / most_ratio, unit / least_ratio, unit / std::min(0.45 * s, most)});
        kept.push_back(1 - x.depreciation(r) + 0.001);
    }
    const auto stock = stocks(room, kept);
    for (std::size_t t = 0; t < T; ++t) {
        const Index r = first + static_cast<Index>(t);
        x.capital(r) = stock[t];
        double left = sum[t] - best_capital * x.output(r) / stock[t];
        if (left < 0.03 * sum[t] || left > 1 + 1e-12) {
            // The efficiency gives way to what capital allows.
            const double given = std::clamp(left, 0.03 * sum[t], 1.0);
            x.achieved(r) *= 1 + (given - left) / (sum[t] + x.energy_ratio(r));
            left = given;
        }
        x.labour(r) = best_labour * x.output(r) / left;
        if (t > 0) x.investment(r) = stock[t] - (1 - x.depreciation(r)) * stock[t - 1];
    }
    x.investment(first) = first_investment(stock[0], x.investment(first + draft.periods - 1),
                                           x.depreciation(first), static_cast<double>(T - 1));
}

/// The second leader in its last year: less carbon dioxide per output than even F, so that it is efficient
/// too. It is no peer of others, because its inputs are about half as much again as F's.
bool cleaner(const Draft& draft, Index row) {
    const City& c = draft.city_of(row);
    return c.leader && !c.municipality && row % draft.periods == draft.periods - 1;
}

void invert_all(const Draft& draft, Quantities& x) {
    const Index n = draft.rows(), best = best_row(draft);
    for (auto* v :
         {&x.energy, &x.energy_ratio, &x.capital, &x.labour, &x.carbon, &x.investment, &x.depreciation}) {
        v->resize(n);
    }
    x.achieved = draft.efficiency;
    const VectorXd own = city_scores(draft, draw_depreciation, false);
    const double cleanest = x.pm25(best) / x.output(best);
    for (Index first = 0; first < n; first += draft.periods) {
        std::vector<double> sum;
        for (Index r = first; r < first + draft.periods; ++r) {
            x.depreciation(r) = depreciation_rate + 0.004 * std::tanh(own(r / draft.periods));
            const double theta = r == best ? 1 : draft.efficiency(r);
            const double q_carbon = r == best           ? 1
                                    : cleaner(draft, r) ? 1.15
                                                        : std::clamp(3 * theta, 0.06, 0.98);
            const double q_pm = cleanest / (x.pm25(r) / x.output(r));
            const double inputs = 3 * theta * (1 + (2 - q_carbon - q_pm) / 3);
            // A leader is alike in all inputs; elsewhere energy is what the mediator says.
            const double r_energy = draft.city_of(r).leader ? std::min(inputs / 3, 1.0)
                                                            : best_energy / draft.mediator(r, coal_gdp);
            x.energy_ratio(r) = r_energy;
            x.energy(r) = best_energy / r_energy * x.output(r);
            x.carbon(r) = best_carbon / q_carbon * x.output(r);
            sum.push_back(inputs - r_energy);
        }
        write_city(draft, first, best, sum, x);
    }
}

}  // namespace

Quantities invert(const Draft& draft) {
    Quantities x;
    write_size(draft, x);
    invert_all(draft, x);
    return x;
}

}  // namespace greenfront::synth
