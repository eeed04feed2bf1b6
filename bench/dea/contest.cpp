#include "bench/dea/contest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "bench/dea/proved.hpp"

namespace greenfront::bench {

std::vector<Stretch> stretches(Eigen::Index units, Eigen::Index wanted) {
    if (wanted >= units) return {{0, units}};
    const Eigen::Index length = std::min<Eigen::Index>(30, wanted), count = wanted / length;
    std::vector<Stretch> result;
    for (Eigen::Index k = 0; k < count; ++k) result.push_back({k * (units - length) / count + 1, length});
    return result;
}

void Comparison::add(double theirs, double ours, Eigen::Index o) {
    compared.insert(o);
    if (std::isnan(theirs)) {
        unanswered.insert(o);
        return;
    }
    const double difference = std::abs(theirs - ours);
    largest = std::max(largest, difference);
    if (difference > agreement) wrong.insert(o);
}

std::string Comparison::summary() const {
    if (compared.empty()) return {};
    std::string text = fmt::format("largest difference {:.0e}", largest);
    if (!wrong.empty()) text += fmt::format(", {} of {} wrong", wrong.size(), compared.size());
    if (!unanswered.empty()) text += fmt::format(", {} unanswered", unanswered.size());
    return text;
}

Timing time_sample(Rival& rival, Statement& statement, const std::vector<Stretch>& sample,
                   const Eigen::VectorXd* scores, Comparison& comparison) {
    Timing timing;
    double programs = 0;
    for (const Stretch& stretch : sample) {
        if (stretch.first > 0) {
            statement.write(stretch.first - 1);
            (void)rival.solve();
        }
        const std::int64_t pivots = rival.pivots();
        std::vector<double> answers(static_cast<std::size_t>(stretch.count));
        const double begin = cpu_seconds();
        for (Eigen::Index k = 0; k < stretch.count; ++k) {
            statement.write(stretch.first + k);
            answers[static_cast<std::size_t>(k)] = rival.solve();
        }
        timing.seconds += cpu_seconds() - begin;
        timing.pivots += static_cast<double>(rival.pivots() - pivots);
        programs += static_cast<double>(stretch.count);
        for (Eigen::Index k = 0; scores != nullptr && k < stretch.count; ++k) {
            const Eigen::Index o = stretch.first + k;
            comparison.add(answers[static_cast<std::size_t>(k)], (*scores)[o], o);
        }
    }
    timing.seconds /= programs;
    timing.pivots /= programs;
    return timing;
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    const std::size_t half = values.size() / 2;
    return values.size() % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
}

double quantile(std::vector<double> values, double share) {
    std::sort(values.begin(), values.end());
    const double at = std::ceil(share * static_cast<double>(values.size())) - 1;
    return values[static_cast<std::size_t>(std::max(at, 0.0))];
}

bool judge(const std::string& rival, const dea::Quantities& q, const dea::Settings& settings,
           const Eigen::VectorXd& scores, const Comparison& comparison) {
    std::vector<std::int32_t> units;
    for (const Eigen::Index o : comparison.wrong) units.push_back(static_cast<std::int32_t>(o));
    for (const Eigen::Index o : comparison.unanswered) units.push_back(static_cast<std::int32_t>(o));
    if (units.empty()) return true;
    const auto k = static_cast<Eigen::Index>(units.size());
    dea::Quantities part{Eigen::MatrixXd(q.X.rows(), k), Eigen::MatrixXd(q.Y.rows(), k),
                         Eigen::MatrixXd(q.B.rows(), k)};
    for (Eigen::Index i = 0; i < k; ++i) {
        const auto o = units[static_cast<std::size_t>(i)];
        part.X.col(i) = q.X.col(o);
        part.Y.col(i) = q.Y.col(o);
        part.B.col(i) = q.B.col(o);
    }
    const dea::Scores again = dea::evaluate(part, q, units, settings);
    const dea::Checker checker(part, q, settings);
    bool right = true;
    int named = 0;
    for (Eigen::Index i = 0; i < k; ++i) {
        const auto o = units[static_cast<std::size_t>(i)];
        const bool same = std::abs(again.score[i] - scores[o]) <= proof_tolerance;
        const bool ours = same && proved(checker, again, i);
        right = right && ours;
        if (ours && ++named > 5) continue;
        fmt::print(stderr, "{}: unit {} {}; our score {:.12f} {}\n", rival, o + 1,
                   comparison.wrong.contains(o) ? "has another score" : "has no answer", scores[o],
                   ours ? "is proved from the data" : "IS NOT PROVED");
    }
    if (named > 5) fmt::print(stderr, "{}: the same for {} units more\n", rival, named - 5);
    return right;
}

}  // namespace greenfront::bench
