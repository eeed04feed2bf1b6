#include <doctest/doctest.h>

#include <cmath>
#include <initializer_list>
#include <limits>

#include "kernels/limited/truncated_normal.hpp"

using namespace greenfront::limited;

namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// |got / want - 1|, and the difference itself where want is next to nothing.
double error(double got, double want) {
    return std::abs(want) < 1e-60 ? std::abs(got - want) : std::abs(got / want - 1);
}

// 60-digit arithmetic: erfc and, beyond 50, 400 terms of the continued fraction.
struct Tail {
    double h, log_probability, lambda, excess;
};
const Tail tails[] = {
    {-10.0, -7.6198530241605261e-24, 7.6945986267064193e-23, 10.0},
    {-3.0, -0.0013508099647481938, 0.0044378390421256638, 3.0044378390421257},
    {-1.0, -0.17275377902344989, 0.28759997093917836, 1.2875999709391784},
    {0.0, -0.69314718055994531, 0.79788456080286536, 0.79788456080286536},
    {1.0, -1.8410216450092635, 1.5251352761609812, 0.52513527616098121},
    {1.99, -3.7594964544896892, 2.3643612982025203, 0.37436129820252032},
    {2.0, -3.7831843336820319, 2.3732155328228409, 0.37321553282284087},
    {2.01, -3.8069607849314811, 2.3820757030535396, 0.37207570305353978},
    {5.0, -15.064998393988726, 5.1865039671258421, 0.18650396712584212},
    {30.0, -454.3212439563432, 30.033259667433677, 0.033259667433677037},
    {1000.0, -500007.82669481218, 1000.000999998, 0.00099999800000999993},
    {1e8, -5000000000000019.3, 100000000.00000001, 9.999999999999998e-9},
};

// Moments of the truncated normal by 60-digit quadrature, about the origin that the header names.
struct Moments {
    double a, b, log_mass, mean, m2, m3, m4;
};
const Moments moments[] = {
    {-8.0, inf, 0.91893853320467212, 5.0522710835368954e-15, 0.99999999999995958, 3.1829307826282502e-13,
     2.999999999997292},
    {-3.0, inf, 0.91758772323992455, 0.0044378390421256638, 0.98666678845825919, 0.035680136876570471,
     2.8394878323244237},
    {-0.5, inf, 0.54999211791601635, 0.50916043383703349, 0.4861754356963671, 0.27099012446870783,
     0.79726746475285471},
    {0.0, inf, 0.22579135264472743, 0.79788456080286536, 0.36338022763241866, 0.21801361414499016,
     0.51090625155678406},
    {1.0, inf, -0.42208311180459076, 0.52513527616098121, 0.19909766557034879, 0.11693119540604883,
     0.19809462498743298},
    {1.9999, inf, -0.86420847835267153, 0.37322696102966815, 0.11428503619732523, 0.059359803636450782,
     0.078608112363635743},
    {2.0, inf, -0.86424580047735921, 0.37321553282284087, 0.11427910041408126, 0.059355861291565813,
     0.078601132240301814},
    {3.5, inf, -1.3221267751394202, 0.25139126485769973, 0.056933004951296804, 0.023500827274448545,
     0.023038676107356191},
    {10.0, inf, -2.3123466173077978, 0.098093233962511963, 0.0094453778256562612, 0.0017864003921165069,
     0.00076549930918763716},
    {1000.0, inf, -6.9077562789796371, 0.00099999800000999993, 9.9999400004999948e-7, 1.9999760002999959e-9,
     8.9998440025079578e-12},
    {1e6, inf, -13.815510557965274, 9.99999999998e-7, 9.99999999994e-13, 1.999999999976e-18,
     8.999999999844e-24},
    {-inf, -7.0, -1.9653689656064025, -0.13754561322650328, 0.018261911696622231, -0.0046885396641473409,
     0.0027477670365444454},
    {-inf, 0.5, 0.54999211791601635, -0.50916043383703349, 0.4861754356963671, -0.27099012446870783,
     0.79726746475285471},
    {-3.0, 4.0, 0.91755600868445309, 0.0043039644111576564, 0.98613147501582825, 0.033672596835007669,
     2.829358252719355},
    {0.5, 0.501, -6.9080054352112921, 0.00049995829166823152, 8.3333329511804805e-8, 4.1708328531909327e-15,
     1.2499999379910734e-14},
    {2.0, 2.5, -1.1830068448263521, 0.2044520781676749, 0.019434066747448838, 0.001037919755165157,
     0.00076030998751509306},
    {20.0, 20.03, -3.7917307137396526, 0.013507862794711954, 7.366493994805618e-5, 1.3129639857714678e-7,
     1.009162595431059e-8},
    {-9.0, 2.0, 0.89592562387570925, -0.055247862678989958, 0.88645194831142354, -0.18439481503247751,
     2.1695364843837457},
    {-0.01, 9.5, 0.23373840364755727, 0.79152928288636718, 0.36556610150452964, 0.21916107352843136,
     0.5156343521098637},
    {-6.0, -5.0, -1.6495075633247806, -0.18314709047717352, 0.029452430768483057, -0.0077228256369806653,
     0.0047638987155292162},
    {-12.0, 3.0, 0.91758772323992455, -0.0044378390421256638, 0.98666678845825919, -0.035680136876570471,
     2.8394878323244237},
    {10000.0, 10000.00001, -11.562508857056592, 4.9166804301064625e-6, 8.329167898880779e-12,
     8.3267222104477096e-19, 1.2499002791403078e-22},
};

}  // namespace

TEST_CASE("tails of the normal against 60-digit arithmetic") {
    for (const Tail& want : tails) {
        CAPTURE(want.h);
        const UpperTail got = upper_tail(want.h);
        CHECK(error(got.log_probability, want.log_probability) < 2e-14);
        CHECK(error(got.lambda, want.lambda) < 3e-15);
        CHECK(error(got.excess, want.excess) < 2e-14);
    }
    CHECK(upper_tail(-40).lambda < 1e-300);
    CHECK(std::isfinite(upper_tail(1e150).log_probability));
}

TEST_CASE("moments of the truncated normal against 60-digit quadrature") {
    for (const Moments& want : moments) {
        CAPTURE(want.a);
        CAPTURE(want.b);
        const TruncatedNormal got = truncated_normal(want.a, want.b);
        CHECK(std::abs(got.log_mass - want.log_mass) < 2e-14 * (1 + std::abs(want.log_mass)));
        CHECK(error(got.mean, want.mean) < 1e-13);
        CHECK(error(got.m2, want.m2) < 1e-13);
        // The third moment of a nearly symmetric piece is small beside m2^1.5, to which it is exact.
        CHECK(std::abs(got.m3 - want.m3) < 1e-13 * std::abs(want.m3) + 1e-14 * std::pow(want.m2, 1.5));
        CHECK(error(got.m4, want.m4) < 3e-13);
    }
}

TEST_CASE("methods meet where they change") {
    // One-sided: recursion below 2, continued fraction from 2. Two-sided: quadrature up to 10 deviations.
    const auto close = [](const TruncatedNormal& s, const TruncatedNormal& t, double tolerance) {
        CHECK(std::abs(s.log_mass - t.log_mass) < tolerance);
        CHECK(std::abs(s.mean - t.mean) < tolerance);
        CHECK(std::abs(s.m2 - t.m2) < tolerance);
        CHECK(std::abs(s.m3 - t.m3) < tolerance);
        CHECK(std::abs(s.m4 - t.m4) < tolerance);
    };
    close(truncated_normal(std::nextafter(2.0, 0.0), inf), truncated_normal(2, inf), 1e-13);
    for (const double a : {-9.9, -4.0, -0.3}) {
        CAPTURE(a);
        close(truncated_normal(a, std::nextafter(10.0, 0.0)), truncated_normal(a, 10), 1e-13);
    }
    for (const double a : {0.0, 0.7, 3.0, 40.0}) {
        CAPTURE(a);
        const double far = 100 / (std::sqrt(a * a + 100) + a);
        close(truncated_normal(a, a + far * 0.999999), truncated_normal(a, a + far * 1.000001), 1e-13);
    }
    const TruncatedNormal whole = truncated_normal(-inf, inf);
    CHECK(whole.mean == 0);
    CHECK(whole.m2 == 1);
    CHECK(whole.m4 == 3);
}

TEST_CASE("probability between two bounds") {
    CHECK(error(normal_between(-1, 1), 0.68268949213708590) < 1e-15);
    CHECK(error(normal_between(8, 9), 6.2198319858658303e-16) < 1e-13);
    CHECK(error(normal_between(-9, -8), 6.2198319858658303e-16) < 1e-13);
    CHECK(normal_between(-inf, inf) == 1);
}
