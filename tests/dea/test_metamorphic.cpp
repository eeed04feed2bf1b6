// What must hold between scores of different tasks, for every model.
#include <oneapi/tbb/global_control.h>

#include <cstring>
#include <map>
#include <numeric>

#include "tests/dea/every_model.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

constexpr double hair = 1e-10;

struct Panel {
    Quantities q;
    Kind kind;
};

/// More than 64 units, so that frames are at work.
std::vector<Panel> panels() {
    return {{random_panel(Kind::smooth, 3, 1, 2, 90, 101), Kind::smooth},
            {random_panel(Kind::duplicates, 2, 2, 1, 72, 102), Kind::duplicates},
            {random_panel(Kind::integers, 2, 1, 1, 80, 103), Kind::integers},
            {random_panel(Kind::smooth, 2, 2, 0, 30, 104), Kind::smooth}};
}

/// Same statuses, scores within `tolerance` relative to max(1, |score|).
void same(const Scores& a, const Scores& b, double tolerance) {
    REQUIRE(a.status.size() == b.status.size());
    double largest = 0;
    for (std::size_t o = 0; o < a.status.size(); ++o) {
        CAPTURE(o);
        CHECK(a.status[o] == b.status[o]);
        if (a.status[o] != Status::optimal || b.status[o] != Status::optimal) continue;
        const auto at = static_cast<Eigen::Index>(o);
        largest =
            std::max(largest, std::abs(a.score[at] - b.score[at]) / std::max(1.0, std::abs(a.score[at])));
    }
    CHECK(largest <= tolerance);
}

Scores score(const Quantities& q, const Settings& s) {
    const Quantities priced = with_prices(q, s);
    return evaluate(priced, priced, identity(q.units()), s);
}

template <class Visit>
void for_all(const Visit& visit) {
    for (const Panel& panel : panels()) {
        for (const Named& model : every_model()) {
            CAPTURE(model.name);
            CAPTURE(static_cast<int>(panel.kind));
            CAPTURE(panel.q.B.rows());
            visit(panel, model);
        }
    }
}

}  // namespace

TEST_CASE("every model: certified answers, and the same from all columns as from the frame") {
    for_all([](const Panel& panel, const Named& model) {
        const Scores scores = score(panel.q, model.settings);
        check_certificate(scores);
        for (const Status status : scores.status) CHECK(status != Status::failed);
        Settings all = model.settings;
        all.price_all_columns = true;
        same(scores, score(panel.q, all), 1e-12);
    });
}

TEST_CASE("every model: a change of units changes nothing") {
    for_all([](const Panel& panel, const Named& model) {
        if (!model.invariant) return;
        const Scores before = score(panel.q, model.settings);
        Numbers random(7);
        Quantities scaled = panel.q;
        for (Eigen::MatrixXd* group : {&scaled.X, &scaled.Y, &scaled.B}) {
            for (Eigen::Index i = 0; i < group->rows(); ++i)
                group->row(i) *= std::pow(10.0, 18 * random.uniform() - 9);
        }
        same(before, score(scaled, model.settings), hair);
    });
}

TEST_CASE("every model: the order of the units does not matter") {
    for_all([](const Panel& panel, const Named& model) {
        const Eigen::Index n = panel.q.units();
        std::vector<Eigen::Index> order(static_cast<std::size_t>(n));
        std::iota(order.begin(), order.end(), Eigen::Index{0});
        Numbers random(8);
        for (std::size_t k = order.size(); k > 1; --k)
            std::swap(order[k - 1], order[static_cast<std::size_t>(random.below(static_cast<int>(k)))]);
        const Scores before = score(panel.q, model.settings);
        Scores after = score(columns(panel.q, order), model.settings), sorted = after;
        for (std::size_t k = 0; k < order.size(); ++k) {
            sorted.score[order[k]] = after.score[static_cast<Eigen::Index>(k)];
            sorted.status[static_cast<std::size_t>(order[k])] = after.status[k];
        }
        same(before, sorted, hair);
    });
}

TEST_CASE("every model: 1, 2 and 8 threads give the same bits") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 2, 600, 105);
    const auto bits = [](const Eigen::MatrixXd& a, const Eigen::MatrixXd& b) {
        return a.size() == b.size() &&
               (a.size() == 0 ||
                std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(double)) == 0);
    };
    for (const Named& model : every_model()) {
        CAPTURE(model.name);
        std::vector<Scores> results;
        for (const std::size_t threads : {1u, 2u, 8u}) {
            const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
            results.push_back(score(q, model.settings));
        }
        for (const std::size_t k : {1u, 2u}) {
            const Scores &a = results[0], &b = results[k];
            CHECK(bits(a.score, b.score));
            CHECK(bits(a.multiplier, b.multiplier));
            CHECK(bits(a.input_slack, b.input_slack));
            CHECK(bits(a.beta, b.beta));
            CHECK((a.status == b.status && a.unique == b.unique && a.peer == b.peer && a.lambda == b.lambda &&
                   a.idle == b.idle && a.peer_start == b.peer_start));
        }
    }
}

TEST_CASE("every model with strong disposability: a dominated unit in the reference set changes nothing") {
    for_all([](const Panel& panel, const Named& model) {
        if (model.settings.disposability != Disposability::strong) return;
        const Quantities q = with_prices(panel.q, model.settings);
        const Eigen::Index n = q.units();
        // Worse than both of two units, so that one may be left out.
        const std::vector<Eigen::Index> one{3, 11, 20}, other{24, 25, 26};
        std::vector<Eigen::Index> which(static_cast<std::size_t>(n));
        std::iota(which.begin(), which.end(), Eigen::Index{0});
        which.insert(which.end(), one.begin(), one.end());
        Quantities more = columns(q, which);
        more.X.rightCols(3) = 1.5 * q.X(Eigen::all, one).cwiseMax(q.X(Eigen::all, other));
        more.Y.rightCols(3) = 0.75 * q.Y(Eigen::all, one).cwiseMin(q.Y(Eigen::all, other));
        more.B.rightCols(3) = 1.25 * q.B(Eigen::all, one).cwiseMax(q.B(Eigen::all, other));
        const Scores before = evaluate(q, q, identity(n), model.settings);
        same(before, evaluate(q, more, identity(n), model.settings), hair);
    });
}

TEST_CASE("every model: contemporaneous, sequential and global reference sets are nested") {
    const Quantities all = random_panel(Kind::smooth, 2, 1, 1, 120, 106);  // three periods of 40
    std::vector<Eigen::Index> second(40);
    std::iota(second.begin(), second.end(), Eigen::Index{40});
    for (const Named& model : every_model()) {
        CAPTURE(model.name);
        const Quantities q = with_prices(all, model.settings), period = columns(q, second);
        std::vector<Scores> results;
        const std::pair<Eigen::Index, Eigen::Index> sets[]{{40, 80}, {0, 80}, {0, 120}};
        for (const auto& [first, last] : sets) {
            std::vector<Eigen::Index> members(static_cast<std::size_t>(last - first));
            std::iota(members.begin(), members.end(), first);
            std::vector<std::int32_t> self(40);
            std::iota(self.begin(), self.end(), static_cast<std::int32_t>(40 - first));
            results.push_back(evaluate(period, columns(q, members), self, model.settings));
        }
        for (Eigen::Index o = 0; o < 40; ++o) {
            CAPTURE(o);
            for (std::size_t k = 1; k < 3; ++k) {
                const auto at = static_cast<std::size_t>(o);
                if (results[k - 1].status[at] != Status::optimal) continue;
                CHECK(results[k].status[at] == Status::optimal);
                const double gain = results[k - 1].score[o] - results[k].score[o];
                CHECK(model.sense * gain >= -hair);
            }
        }
    }
}

TEST_CASE("every model: technologies with fewer limits on intensities are larger") {
    const Quantities q = random_panel(Kind::smooth, 2, 1, 1, 90, 107);
    std::map<Returns, std::vector<Named>> models;
    for (const Returns r : {Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs})
        models[r] = EveryModel(r).list;
    const auto find = [&](Returns returns, const std::string& name) -> const Named* {
        for (const Named& model : models[returns]) {
            if (model.name == name + " " + name_of(returns)) return &model;
        }
        return nullptr;
    };
    int compared = 0;
    for (const Named& vrs : models[Returns::vrs]) {
        const std::string name = vrs.name.substr(0, vrs.name.size() - 4);
        CAPTURE(name);
        const Scores small = score(q, vrs.settings);
        for (const Returns returns : {Returns::nirs, Returns::ndrs, Returns::crs}) {
            const Named* model = find(returns, name);
            if (model == nullptr) continue;  // Kuosmanen's technology has no nirs and ndrs forms
            const Scores large = score(q, model->settings);
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                if (small.status[static_cast<std::size_t>(o)] != Status::optimal) continue;
                CAPTURE(o);
                CHECK(large.status[static_cast<std::size_t>(o)] == Status::optimal);
                CHECK(vrs.sense * (small.score[o] - large.score[o]) >= -hair);
                ++compared;
            }
        }
    }
    CHECK(compared > 5000);
}
