#pragma once
#include <Eigen/Core>
#include <vector>

#include "kernels/resample/moments.hpp"
#include "kernels/resample/uniform.hpp"
#include "kernels/resample/wild_system.hpp"

/// The linear algebra of the WRE bootstrap (kernels/resample/wre.hpp): columns, residuals at a null value,
/// and sixteen replicates at a time.
namespace greenfront::resample {

/// Columns of the model, rows ordered by cluster position, all partialled.
struct WreColumns {
    Eigen::VectorXd y;
    Eigen::MatrixXd W, Y, Z;
    Eigen::Index term = 0;  ///< j in [W, Y]
    [[nodiscard]] bool exogenous() const { return term < W.cols(); }
};

/// What does not depend on the null value.
class WreModel {
  public:
    /// `moments` have [W, Z] as their regressors and must outlive this object.
    WreModel(const ClusterMoments& moments, WreColumns columns);

    /// u1 and u2 at a null value, with the fit of the first stage.
    struct Residuals {
        Eigen::VectorXd u1;
        Eigen::MatrixXd u2;   ///< n x K1
        Eigen::MatrixXd fit;  ///< l x K1: Y^ = Q fit
    };
    [[nodiscard]] Residuals residuals(double null) const;

    /// Sums over the clusters, ready to be multiplied with weights.
    struct Store {
        Eigen::MatrixXd fit;             ///< l x K1
        Eigen::MatrixXd a;               ///< (K1 + 1) l x G
        std::vector<Eigen::MatrixXd> m;  ///< of each run of clusters: (K1 + 1) rank x clusters
        Eigen::MatrixXd own;             ///< (K1 + 1) d x G: D_g'[u1, u2]
    };
    [[nodiscard]] Store store(const Residuals& residuals) const;

    /// delta_j (NaN where the rank condition fails) and the sum of c_g^2 of sixteen replicates; `size` is
    /// what a sum without any variance would be rounding of. `weights`: [position][16].
    struct Sums {
        double numerator[strip];
        double squares[strip];
        double size[strip];
    };
    void operator()(const Store& store, const double* weights, Sums& sums) const;

  private:
    /// Clusters of one block, or a stretch of clusters that no effect touches (rank 0).
    struct Run {
        Eigen::Index begin = 0, clusters = 0, rank = 0;
        Eigen::MatrixXd load;  ///< clusters d x (rank + l): [Z^e in coordinates of m | Q]'D of each cluster
    };
    struct Replicate;
    [[nodiscard]] Replicate estimate(const Store& store, const Eigen::VectorXd& a) const;
    void make_runs();

    const ClusterMoments& moments_;
    WreColumns columns_;
    Eigen::MatrixXd Q_;     ///< n x l
    Eigen::MatrixXd D_;     ///< n x d: [Q_w h |] Q_z
    Eigen::VectorXd h_;     ///< R11^-T e_j, for an exogenous j
    Eigen::VectorXd norm_;  ///< of each column of Y
    std::vector<WildMap::BlockBasis> basis_;
    std::vector<Run> run_;
};

}  // namespace greenfront::resample
