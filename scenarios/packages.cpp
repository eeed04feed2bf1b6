#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "kernels/error.hpp"
#include "scenarios/levers.hpp"

namespace greenfront {
namespace {

[[noreturn]] void fail(const Package& package, std::size_t entry, const std::string& what) {
    throw Error(Fault::study, fmt::format("package {}, lever {} ({}): {}", package.name, entry,
                                          package.levers[entry].lever, what));
}

double full_intensity(const Package& package, std::size_t entry, const Lever& lever) {
    const PackageLever& one = package.levers[entry];
    if (one.intensity.has_value() == one.share.has_value()) {
        fail(package, entry,
             one.share ? "intensity and share exclude each other; keep one"
                       : "give it an intensity, or a share of the lever's range");
    }
    const double full = one.intensity ? *one.intensity : *one.share * lever.intensity_high;
    if (!std::isfinite(full)) fail(package, entry, "its intensity is not a number");
    return full;
}

std::string both(const std::string& first, const std::string& second) {
    if (first.empty() || second.empty()) return first + second;
    return fmt::format("({}) and ({})", first, second);
}

}  // namespace

std::vector<AppliedLever> expand_package(const Package& package, const LeverLookup& find,
                                         const std::string& where, const Path& path) {
    if (package.levers.empty())
        throw Error(Fault::study, fmt::format("package {}: it has no lever; add [[package.{}.levers]]",
                                              package.name, package.name));
    std::vector<AppliedLever> result;
    for (std::size_t l = 0; l < package.levers.size(); ++l) {
        const PackageLever& one = package.levers[l];
        const Lever* lever = find(one.lever);
        if (lever == nullptr)
            fail(package, l, "neither the study nor the catalogue has this lever; see \"greenfront levers\"");
        for (std::size_t other = 0; other < l; ++other) {
            if (package.levers[other].lever == one.lever && package.levers[other].where == one.where)
                fail(package, l, "it stands twice for the same rows; join the two");
        }
        result.push_back({*lever, full_intensity(package, l, *lever), both(one.where, where),
                          one.path == Path{} ? path : one.path});
        result.back().lever.name = one.lever;
    }
    return result;
}

}  // namespace greenfront
