// Every score of every model is proved from its peers and multipliers alone, and a wrong one is not.
#include <algorithm>
#include <cmath>

#include "kernels/dea/proof.hpp"
#include "tests/dea/support.hpp"

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

Claim claim_of(const Scores& s, Eigen::Index o) {
    const auto first = static_cast<std::size_t>(s.peer_start[static_cast<std::size_t>(o)]);
    const auto count = static_cast<std::size_t>(s.peer_start[static_cast<std::size_t>(o) + 1]) - first;
    Claim c;
    c.score = s.score[o];
    c.multiplier = s.multiplier.col(o);
    if (s.beta.size() > 0) c.beta = s.beta.col(o);
    c.peer = {s.peer.data() + first, count};
    c.lambda = {s.lambda.data() + first, count};
    if (!s.idle.empty()) c.idle = {s.idle.data() + first, count};
    return c;
}

/// Every combination of model and options that makes sense.
std::vector<Settings> everything() {
    std::vector<Settings> list;
    for (const Returns returns : {Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs}) {
        Settings base;
        base.returns = returns;
        for (const Orientation orientation : {Orientation::none, Orientation::input, Orientation::output}) {
            Settings s = base;
            s.orientation = orientation;
            for (const bool super : {false, true}) {
                s.super = super;
                s.model = Model::sbm;
                list.push_back(s);
                s.model = Model::radial;
                if (orientation != Orientation::none) list.push_back(s);
            }
            s.super = false;
            s.model = Model::fdh;
            if (orientation != Orientation::none) list.push_back(s);
            s.model = Model::additive;
            for (int w = 0; w < 5; ++w) {
                s.additive_weights = static_cast<AdditiveWeights>(w);
                list.push_back(s);
            }
        }
        for (const Model model : {Model::ddf, Model::nddf}) {
            for (const Disposability d :
                 {Disposability::strong, Disposability::weak, Disposability::weak_naive}) {
                if (d == Disposability::weak && returns != Returns::crs && returns != Returns::vrs) continue;
                Settings s = base;
                s.model = model;
                s.disposability = d;
                list.push_back(s);
                s.super = true;
                list.push_back(s);
                s.super = false;
                s.direction_inputs = {Direction::Kind::observed, {}};
                list.push_back(s);
                s.direction_goods = {Direction::Kind::given, Eigen::VectorXd::Constant(1, 2.5)};
                list.push_back(s);
            }
        }
        for (const Model model : {Model::cost, Model::revenue}) {
            Settings s = base;
            s.model = model;
            list.push_back(s);
        }
        Settings numerator = base;
        numerator.super = true;
        numerator.super_bads = SuperBads::numerator;
        list.push_back(numerator);
    }
    return list;
}

}  // namespace

TEST_CASE("peers and multipliers prove every score") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::duplicates, Kind::collinear, Kind::scales}) {
        const Quantities panel = random_panel(kind, 2, 1, 2, 90, 81);
        for (const Settings& s : everything()) {
            Quantities q = panel;
            if (s.model == Model::cost) q.price = random_panel(Kind::smooth, 2, 1, 0, 90, 82).X;
            if (s.model == Model::revenue) q.price = random_panel(Kind::smooth, 1, 1, 0, 90, 83).X;
            const Scores scores = evaluate_all(q, s);
            const Checker checker(q, q, s);
            CAPTURE(static_cast<int>(kind));
            CAPTURE(static_cast<int>(s.model));
            CAPTURE(static_cast<int>(s.returns));
            CAPTURE(static_cast<int>(s.orientation));
            CAPTURE(static_cast<int>(s.disposability));
            CAPTURE(static_cast<int>(s.additive_weights));
            CAPTURE(static_cast<int>(s.super_bads));
            CAPTURE(s.super);
            check_certificate(scores);
            for (Eigen::Index o = 0; o < q.units(); ++o) {
                const Status status = scores.status[static_cast<std::size_t>(o)];
                CAPTURE(o);
                CHECK(status != Status::failed);
                if (!s.super) CHECK(status == Status::optimal);
                if (status != Status::optimal) continue;
                const auto at = static_cast<std::int32_t>(o);
                const ColumnRange hole = s.super ? ColumnRange{at, at + 1} : ColumnRange{};
                Claim claim = claim_of(scores, o);
                const Finding f = checker.check(o, claim, hole, !s.super);
                CAPTURE(claim.score);
                CAPTURE(f.primal);
                CAPTURE(f.dual);
                CAPTURE(f.min_reduced_cost);
                CAPTURE(f.infeasibility);
                CAPTURE(f.multiplier_fault);
                CHECK(f.proves(claim.score, 1e-8));
                claim.score += 1e-6 * (f.scale + std::abs(claim.score));  // another score is not
                CHECK(!checker.check(o, claim, hole, !s.super).proves(claim.score, 1e-8));
            }
        }
    }
}
