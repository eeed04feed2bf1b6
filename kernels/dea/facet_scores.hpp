#pragma once
#include <memory>
#include <vector>

#include "kernels/dea/dea.hpp"

/// Radial scores of many units against one technology, and nothing else: for bootstraps, which have no use
/// for slacks, peers and multipliers.
///
/// Problem. The radial models of dea.hpp with strong disposability:
///     theta = min { theta : (theta x_o, y_o, b_o) in T },   phi = max { phi : (x_o, phi y_o, b_o) in T }.
/// T is the intersection of the half-spaces of its facets, so the score of a unit is that against the plane
/// which bounds it most (Farrell 1957); a technology of n units has far fewer facets than units on which
/// their rays end.
///
/// Method. Units are taken one after the other. On the plane of the facet found so far that bounds it best a
/// unit is scored and proved in O((m+s)^2) (kernels/lp/planes.hpp). Where the proof fails the facet is not
/// the unit's: its program is solved as evaluate() does, without what follows the score, over all columns;
/// the facet it ends on joins the others. Scores agree with those of evaluate() up to the certificate.
///
/// Symbols, units, statuses: as in dea.hpp. `programs` counts units, `pricing_passes` those of programs and
/// one a facet. Errors: as evaluate(). Cost for k units, F facets, n reference units: O((m+s) (k F + n F))
/// and F programs. Sets of more than `most_reference` units go through evaluate(), whose programs look at
/// efficient units only, and so do technologies that are wide (technology.hpp). One thread; memory
/// O((m+s) n + (m+s)^2 F), F at most 1,024.
namespace greenfront::dea {

/// Above this the passes over all columns cost more than the search for the efficient ones.
inline constexpr Eigen::Index most_reference = 8192;

struct RadialScores {
    Eigen::VectorXd score;       ///< k; NaN where the status is not `optimal`
    std::vector<Status> status;  ///< k
    Counters counters;
    Certificate certificate;
};

/// Units against themselves. `radial`: model radial, not super.
[[nodiscard]] RadialScores facet_scores(const Quantities& units, const Settings& radial);

/// A technology whose facets are found once, by scoring its own units, for units outside of it as well. What
/// is scored later adds nothing, so that answers do not depend on their order, and any number of threads may
/// ask.
class FacetTechnology {
  public:
    /// `reference` must outlive it.
    FacetTechnology(const Quantities& reference, const Settings& radial);
    ~FacetTechnology();
    FacetTechnology(const FacetTechnology&) = delete;
    FacetTechnology& operator=(const FacetTechnology&) = delete;
    [[nodiscard]] RadialScores score(const Quantities& evaluated) const;
    /// Of the reference units themselves.
    [[nodiscard]] const RadialScores& own() const { return own_; }

  private:
    struct Found;
    const Quantities& reference_;
    Settings radial_;
    std::unique_ptr<Found> found_;
    RadialScores own_;
};

}  // namespace greenfront::dea
