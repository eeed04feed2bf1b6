// Every score of every model is proved from its peers and multipliers alone, and a wrong one is not.
#include <algorithm>
#include <cmath>
#include <limits>

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
    c.slack.resize(c.multiplier.size() - 1);
    c.slack << s.input_slack.col(o), s.good_slack.col(o), s.bad_slack.col(o);
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
                CAPTURE(f.projection_fault);
                CHECK(f.proves(claim.score, 1e-8));
                CHECK(f.places(1e-8));
                claim.score += 1e-6 * (f.scale + std::abs(claim.score));  // another score is not
                CHECK(!checker.check(o, claim, hole, !s.super).proves(claim.score, 1e-8));
            }
        }
    }
}

namespace {

/// One settings object for each model, with all that it stores.
std::vector<Settings> one_of_each() {
    std::vector<Settings> list;
    const auto add = [&](Model model, Orientation orientation) -> Settings& {
        Settings s;
        s.model = model;
        s.orientation = orientation;
        s.returns = Returns::vrs;
        s.slacks = true;
        return list.emplace_back(s);
    };
    add(Model::radial, Orientation::input);
    add(Model::radial, Orientation::output);
    add(Model::sbm, Orientation::none);
    add(Model::sbm, Orientation::none).super = true;
    add(Model::additive, Orientation::none).additive_weights = AdditiveWeights::ram;
    add(Model::ddf, Orientation::none);
    add(Model::nddf, Orientation::none).disposability = Disposability::weak;
    add(Model::fdh, Orientation::input);
    add(Model::fdh, Orientation::output).returns = Returns::crs;
    add(Model::cost, Orientation::none);
    add(Model::revenue, Orientation::none);
    return list;
}

/// A claim with its intensities in hand, so that they can be changed.
struct Owned {
    std::vector<double> lambda, idle;
    Claim claim;
    explicit Owned(const Claim& from)
        : lambda(from.lambda.begin(), from.lambda.end()),
          idle(from.idle.begin(), from.idle.end()),
          claim(from) {
        claim.lambda = lambda;
        claim.idle = idle;
    }
};

}  // namespace

TEST_CASE("what is not a number, or not quite the number, proves nothing") {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    Quantities q = random_panel(Kind::smooth, 2, 1, 2, 40, 84);
    for (const Settings& s : one_of_each()) {
        q.price = s.model == Model::cost      ? random_panel(Kind::smooth, 2, 1, 0, 40, 85).X
                  : s.model == Model::revenue ? random_panel(Kind::smooth, 1, 1, 0, 40, 86).X
                                              : Eigen::MatrixXd();
        const Scores scores = evaluate_all(q, s);
        const Checker checker(q, q, s);
        CAPTURE(static_cast<int>(s.model));
        CAPTURE(static_cast<int>(s.orientation));
        int tried = 0;
        for (Eigen::Index o = 0; o < q.units(); ++o) {
            if (scores.status[static_cast<std::size_t>(o)] != Status::optimal) continue;
            ++tried;
            const auto at = static_cast<std::int32_t>(o);
            const ColumnRange hole = s.super ? ColumnRange{at, at + 1} : ColumnRange{};
            const auto proved = [&](const Claim& c) {
                return checker.check(o, c, hole, !s.super).proves(c.score, 1e-8);
            };
            const Claim claim = claim_of(scores, o);
            CHECK(proved(claim));
            for (const double wrong : {nan, 77.0, -1.0}) {  // every intensity
                Owned changed(claim);
                std::fill(changed.lambda.begin(), changed.lambda.end(), wrong);
                CHECK(!proved(changed.claim));
            }
            for (const double wrong : {nan, claim.score + 2e-8 * std::max(1.0, claim.score),
                                       claim.score - 2e-8 * std::max(1.0, claim.score)}) {
                Claim changed = claim;
                changed.score = wrong;
                if (s.model != Model::additive) CHECK(!proved(changed));
            }
            if (s.model != Model::fdh) {
                Claim changed = claim;
                changed.multiplier.setConstant(nan);
                CHECK(!proved(changed));
            }
            Claim none = claim;
            none.peer = {};
            none.lambda = none.idle = {};
            CHECK(!proved(none));
            Claim moved = claim;
            for (Eigen::Index i = 0; i < moved.slack.size(); ++i) moved.slack[i] += 1e-6 * 1e3;
            if (!claim.slack.array().isNaN().all())
                CHECK(!checker.check(o, moved, hole, !s.super).places(1e-8));
            Claim blank = claim;
            blank.slack[0] = nan;
            if (!std::isnan(claim.slack[0])) CHECK(!checker.check(o, blank, hole, !s.super).places(1e-8));
        }
        CHECK(tried > 30);
    }
}

TEST_CASE("the intensity of a free disposal hull is the peer's") {
    Settings s;
    s.model = Model::fdh;
    s.orientation = Orientation::input;
    s.returns = Returns::crs;
    const Quantities q = quantities({{2, 8}}, {{1, 2}}, {});  // unit 1 does with 2 times unit 0
    const Checker checker(q, q, s);
    const std::int32_t peer = 0;
    const auto with = [&](double lambda) {
        Claim claim;
        claim.score = 0.5;
        claim.multiplier = Eigen::VectorXd::Constant(3, std::numeric_limits<double>::quiet_NaN());
        claim.peer = {&peer, 1};
        claim.lambda = {&lambda, 1};
        return checker.check(1, claim, {}, true).proves(0.5, 1e-8);
    };
    CHECK(with(2.0));
    CHECK(!with(1.9));  // too little output
    CHECK(!with(2.1));  // more input than the score says
    s.returns = Returns::nirs;
    CHECK(!Checker(q, q, s).check(1, {}, {}, true).proves(0.5, 1e-8));
}

TEST_CASE("a constant column has no deviation, whatever the rounding of its mean") {
    for (const double constant : {0.7, 1.1, 0.1}) {
        for (const int n : {6, 7, 11, 13}) {
            Rows inputs(2);
            Rows outputs(1);
            for (int j = 0; j < n; ++j) {
                inputs[0].push_back(constant);
                inputs[1].push_back(1.0 + (j * 5) % n);
                outputs[0].push_back(2.0 + (j * 3) % n);
            }
            const Quantities q = quantities(inputs, outputs, {});
            Settings s;
            s.model = Model::additive;
            s.returns = Returns::vrs;
            s.additive_weights = AdditiveWeights::normalized;
            const Scores scores = evaluate_all(q, s);
            const Checker checker(q, q, s);
            CAPTURE(constant);
            CAPTURE(n);
            for (Eigen::Index o = 0; o < n; ++o) {
                const Claim claim = claim_of(scores, o);
                CHECK(checker.check(o, claim, {}, true).proves(claim.score, 1e-8));
            }
        }
    }
}
