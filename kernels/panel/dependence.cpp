#include "kernels/panel/dependence.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "kernels/error.hpp"

namespace greenfront::panel {
namespace {

constexpr double radians = std::numbers::pi / 180;

/// Level codes in the order of their time value.
std::vector<std::int32_t> in_time(const std::vector<std::int64_t>& time) {
    std::vector<std::int32_t> order(time.size());
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](auto a, auto b) {
        return time[static_cast<std::size_t>(a)] < time[static_cast<std::size_t>(b)];
    });
    return order;
}

/// Adds b_l (a b' + b a') for the rows of `scores` (one a column, ascending in `time`) that are l <= L apart.
void add_lags(const Eigen::MatrixXd& scores, const std::vector<std::int64_t>& time, std::int64_t lags,
              Eigen::MatrixXd& S) {
    const auto width = static_cast<double>(lags) + 1;
    for (std::size_t t = 0; t < time.size(); ++t) {
        const auto now = scores.col(static_cast<Eigen::Index>(t));
        S += now * now.transpose();
        for (std::size_t s = t; s-- > 0 && time[t] - time[s] <= lags;) {
            const double weight = 1 - static_cast<double>(time[t] - time[s]) / width;
            const Eigen::MatrixXd product =
                weight * now * scores.col(static_cast<Eigen::Index>(s)).transpose();
            S += product + product.transpose();
        }
    }
}

/// Rows of every level, levels ascending, rows within a level in their own order.
std::vector<std::vector<Eigen::Index>> rows_of(const Factor& factor, Eigen::Index rows) {
    std::vector<std::vector<Eigen::Index>> result(
        static_cast<std::size_t>(std::max<std::int32_t>(factor.levels, 1)));
    for (Eigen::Index i = 0; i < rows; ++i) {
        const std::int32_t level = factor.levels > 0 ? factor.code[static_cast<std::size_t>(i)] : 0;
        result[static_cast<std::size_t>(level)].push_back(i);
    }
    return result;
}

}  // namespace

Eigen::MatrixXd driscoll_kraay(const Eigen::Ref<const Eigen::MatrixXd>& psi, const Factor& period,
                               const std::vector<std::int64_t>& time, std::int64_t lags) {
    const auto order = in_time(time);
    std::vector<std::size_t> position(order.size());
    std::vector<std::int64_t> sorted(order.size());
    for (std::size_t t = 0; t < order.size(); ++t) {
        position[static_cast<std::size_t>(order[t])] = t;
        sorted[t] = time[static_cast<std::size_t>(order[t])];
    }
    Eigen::MatrixXd h = Eigen::MatrixXd::Zero(psi.cols(), static_cast<Eigen::Index>(order.size()));
    for (Eigen::Index i = 0; i < psi.rows(); ++i) {
        const auto code = static_cast<std::size_t>(period.code[static_cast<std::size_t>(i)]);
        h.col(static_cast<Eigen::Index>(position[code])) += psi.row(i).transpose();
    }
    Eigen::MatrixXd S = Eigen::MatrixXd::Zero(psi.cols(), psi.cols());
    add_lags(h, sorted, lags, S);
    return S;
}

Eigen::MatrixXd newey_west(const Eigen::Ref<const Eigen::MatrixXd>& psi, const Factor& unit,
                           const Factor& period, const std::vector<std::int64_t>& time, std::int64_t lags) {
    const auto when = [&](Eigen::Index row) {
        return time[static_cast<std::size_t>(period.code[static_cast<std::size_t>(row)])];
    };
    Eigen::MatrixXd S = Eigen::MatrixXd::Zero(psi.cols(), psi.cols());
    std::int32_t level = -1;
    for (auto& rows : rows_of(unit, psi.rows())) {
        ++level;
        std::sort(rows.begin(), rows.end(), [&](auto a, auto b) { return when(a) < when(b); });
        Eigen::MatrixXd scores(psi.cols(), static_cast<Eigen::Index>(rows.size()));
        std::vector<std::int64_t> times;
        for (const Eigen::Index row : rows) {
            if (!times.empty() && times.back() == when(row)) {
                throw Error(
                    Fault::data,
                    fmt::format("nw: {} {} has the period {} twice; Newey-West needs one row for each "
                                "unit and period",
                                unit.name,
                                unit.level_name.empty() ? fmt::to_string(level)
                                                        : unit.level_name[static_cast<std::size_t>(level)],
                                when(row)));
            }
            scores.col(static_cast<Eigen::Index>(times.size())) = psi.row(row).transpose();
            times.push_back(when(row));
        }
        add_lags(scores, times, lags, S);
    }
    return S;
}

double great_circle_km(double latitude_a, double longitude_a, double latitude_b, double longitude_b) {
    const double a = std::sin((latitude_b - latitude_a) * radians / 2);
    const double b = std::sin((longitude_b - longitude_a) * radians / 2);
    const double h = a * a + std::cos(latitude_a * radians) * std::cos(latitude_b * radians) * b * b;
    return 2 * earth_radius_km * std::asin(std::min(1.0, std::sqrt(h)));
}

Conley conley(const Eigen::Ref<const Eigen::MatrixXd>& psi, const Factor& period,
              const Eigen::MatrixXd& place, double radius_km) {
    Conley result;
    result.S = Eigen::MatrixXd::Zero(psi.cols(), psi.cols());
    // Points farther apart in latitude alone are no neighbours; a little more, for rounding.
    const double reach = radius_km / (earth_radius_km * radians) * (1 + 1e-9) + 1e-9;
    for (auto& rows : rows_of(period, psi.rows())) {
        std::stable_sort(rows.begin(), rows.end(), [&](auto a, auto b) { return place(a, 0) < place(b, 0); });
        for (std::size_t p = 0; p < rows.size(); ++p) {
            const Eigen::Index i = rows[p];
            Eigen::VectorXd before = Eigen::VectorXd::Zero(psi.cols());
            for (std::size_t q = p; q-- > 0 && place(i, 0) - place(rows[q], 0) <= reach;) {
                const Eigen::Index j = rows[q];
                if (great_circle_km(place(i, 0), place(i, 1), place(j, 0), place(j, 1)) > radius_km) continue;
                before += psi.row(j).transpose();
                ++result.neighbours;
            }
            const Eigen::MatrixXd product = psi.row(i).transpose() * before.transpose();
            result.S += psi.row(i).transpose() * psi.row(i) + product + product.transpose();
        }
    }
    return result;
}

}  // namespace greenfront::panel
