// The linear programming kernel: every rung of the ladder, and no allocation in a solve.
#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <new>

#include "kernels/dea/program.hpp"
#include "tests/dea/every_model.hpp"
#include "tests/dea/support.hpp"

namespace {

std::atomic<std::int64_t> allocations{0};

void* counted(std::size_t size, std::size_t alignment) {
    ++allocations;
    const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
    void* const p = std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
    if (p == nullptr) throw std::bad_alloc();
    return p;
}

}  // namespace

// Every allocation of this test program is counted.
void* operator new(std::size_t size) {
    return counted(size, alignof(std::max_align_t));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
    return counted(size, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort's buffer
    ++allocations;
    return std::malloc(size);
}
void operator delete(void* p) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::align_val_t) noexcept {
    std::free(p);
}
void operator delete(void* p, std::size_t, std::align_val_t) noexcept {
    std::free(p);
}

using namespace greenfront;
using namespace greenfront::dea;
using namespace greenfront::dea_test;

namespace {

/// One program over a whole technology.
struct Bench {
    Quantities evaluated, reference;
    Settings settings;
    Technology technology;
    std::vector<std::int32_t> self;
    Job job;
    ColumnSet whole;
    lp::Pool pool, face;
    Program program;
    Draft draft;
    Bench(Quantities evaluated_, Quantities reference_, const Settings& s, bool outside)
        : evaluated(std::move(evaluated_)),
          reference(std::move(reference_)),
          settings(s),
          technology(reference, s.returns,
                     s.disposability == Disposability::weak && s.returns == Returns::vrs),
          self(outside ? std::vector<std::int32_t>(static_cast<std::size_t>(evaluated.units()), -1)
                       : identity(evaluated.units())),
          job{evaluated, technology, settings, self, {}, {}},
          whole{&technology.columns, {}, {}},
          pool(technology.columns, lp::pool_capacity(technology.columns)),
          face(technology.columns, technology.columns.count),
          program(job, whole, pool, face),
          draft(program.shape()) {
        job.sample.spread = Spread(evaluated);
        job.sample.thirds = thirds(evaluated.X.rows(), evaluated.Y.rows(), evaluated.B.rows());
    }
    Bench(const Bench&) = delete;
    Bench& operator=(const Bench&) = delete;
};

}  // namespace

TEST_CASE("each rung of the ladder alone gives the certified score") {
    for (const Kind kind : {Kind::smooth, Kind::integers, Kind::duplicates, Kind::zeros}) {
        for (const Model model : {Model::radial, Model::sbm}) {
            for (const Returns returns : {Returns::crs, Returns::vrs, Returns::nirs, Returns::ndrs}) {
                Settings s;
                s.model = model;
                s.orientation = model == Model::radial ? Orientation::input : Orientation::none;
                s.returns = returns;
                const Quantities panel = random_panel(kind, 2, 1, 1, 40, 21);
                Bench first(panel, panel, s, false);
                for (int rung = 1; rung <= 3; ++rung) {
                    Bench b(panel, panel, s, false);
                    b.program.workspace().first_rung = rung;
                    int settled = 0;
                    for (Eigen::Index o = 0; o < b.evaluated.units(); ++o) {
                        first.program.solve(o, first.draft);
                        b.program.solve(o, b.draft);
                        CAPTURE(rung);
                        CAPTURE(o);
                        CAPTURE(static_cast<int>(kind));
                        CHECK(b.draft.status == first.draft.status);
                        CHECK(b.draft.proof.holds());
                        CHECK(b.draft.rung >= rung);
                        CHECK(std::abs(b.draft.score - first.draft.score) <= 1e-10);
                        settled += b.draft.rung == rung ? 1 : 0;
                    }
                    CHECK(settled >= 30);  // the rung itself does the work, not the next one
                }
            }
        }
    }
}

TEST_CASE("infeasibility is found on every rung") {
    Settings s;
    for (int rung = 0; rung <= 3; ++rung) {
        const Quantities reference = random_panel(Kind::smooth, 2, 1, 1, 20, 22);
        Quantities evaluated = reference;
        evaluated.Y *= 50.0;
        Bench b(evaluated, reference, s, true);
        b.program.workspace().first_rung = rung;
        for (Eigen::Index o = 0; o < 20; ++o) {
            b.program.solve(o, b.draft);
            CHECK(b.draft.status == Status::infeasible);
            CHECK(b.draft.rung == rung);
        }
    }
}

// Three units whose bads are all but the same, and one whose bads (1, 1 + delta/2, 1 + delta + gap) are the
// middle of the first two but for the gap, away from the third: with a gap of a last digit no intensities
// produce them exactly. Forgiving the gap moves the distance by 3 gap / delta, more than its certificate may.
TEST_CASE("outside by the last digit: where that digit decides the distance, there is none") {
    constexpr double delta = 0x1p-28;
    Quantities reference, evaluated;
    reference.X = Eigen::MatrixXd::Ones(1, 3);
    reference.Y.resize(1, 3);
    reference.Y << 1, 3, 5;
    reference.B.resize(3, 3);
    reference.B << 1, 1, 1, 1, 1 + delta, 1 + delta / 2, 1, 1 + 2 * delta, 1;
    evaluated.X = evaluated.Y = Eigen::MatrixXd::Ones(1, 1);
    evaluated.B.resize(3, 1);
    Settings s;
    s.model = Model::ddf;
    s.disposability = Disposability::weak_naive;
    s.direction_goods.kind = Direction::Kind::observed;
    s.direction_inputs.kind = s.direction_bads.kind = Direction::Kind::zeros;
    for (const double gap : {-0x1p-52, 0.0, 0x1p-52, 0x1p-40}) {
        evaluated.B << 1, 1 + delta / 2, 1 + delta + gap;
        Bench b(evaluated, reference, s, true);
        b.program.solve(0, b.draft);
        CAPTURE(gap);
        CHECK(b.draft.status == (gap > 0 ? Status::infeasible : Status::optimal));
        CHECK(b.draft.proof.holds());
        // The third unit, which makes 5, takes the share -gap / delta of the first two, which make 2.
        if (gap <= 0) CHECK(std::abs(b.draft.score - (1 - 3 * gap / delta)) <= 1e-13);
    }
}

/// Solves that need more digits than a double has may allocate, and are left out; `counted` says how many
/// were not.
void solve_without_allocating(Bench& b, int& counted) {
    std::vector<std::int32_t> codes(static_cast<std::size_t>(b.program.shape().rows()));
    for (Eigen::Index o = 0; o < b.evaluated.units(); ++o) {
        const std::int64_t before = allocations;
        b.program.solve(o, b.draft);
        if (b.draft.status == Status::optimal && o % 3 == 0) {  // again from its own basis
            b.program.save_basis(codes.data());
            b.program.load_basis(codes.data(), o);
            b.program.solve(o, b.draft);
        }
        if (b.draft.rung == 3) continue;
        CHECK(allocations == before);
        ++counted;
    }
}

TEST_CASE("a solve allocates nothing once the workspace exists") {
    for (const Named& model : every_model()) {
        if (model.settings.model == Model::fdh) continue;
        for (const bool outside : {false, true}) {
            CAPTURE(model.name);
            CAPTURE(outside);
            Settings s = model.settings;
            s.slacks = true;
            const Quantities plain = random_panel(Kind::duplicates, 3, 1, 2, 60, 23);
            Bench b(with_prices(plain, s), plain, s, outside);
            int counted = 0;
            solve_without_allocating(b, counted);
            CHECK(counted >= 50);
        }
    }
}

TEST_CASE("programs that share a pass allocate nothing") {
    Settings s;
    const Quantities panel = random_panel(Kind::smooth, 3, 1, 2, 600, 24);
    Bench a(panel, panel, s, false), b(panel, panel, s, false), c(panel, panel, s, false),
        d(panel, panel, s, false);
    std::array<Bench*, lp::batch> four{&a, &b, &c, &d};
    std::array<lp::Pass, lp::batch> passes;
    const std::int64_t before = allocations;
    for (Eigen::Index o = 0; o + 3 < panel.units(); o += 4) {
        std::array<const double*, lp::batch> multipliers{};
        bool all = true;
        for (std::size_t p = 0; p < lp::batch; ++p) {
            all = four[p]->program.begin(o + static_cast<Eigen::Index>(p), four[p]->draft) && all;
            multipliers[p] = four[p]->program.multipliers();
        }
        REQUIRE(all);
        lp::price_batch(a.technology.columns, multipliers, lp::face_tolerance, passes);
        for (std::size_t p = 0; p < lp::batch; ++p) {
            four[p]->program.end(passes[p], four[p]->draft);
            REQUIRE(four[p]->draft.rung == 0);
        }
    }
    CHECK(allocations == before);
}
