// Bases of programs, carried from one set of columns to another and from unit to unit.
#include "kernels/dea/program.hpp"

namespace greenfront::dea {

void Program::save_basis(std::int32_t* codes) const {
    const lp::Problem& problem = workspace_->problem;
    for (int r = 0; r < shape_.rows(); ++r) {
        std::int32_t code = workspace_->core.basis[static_cast<std::size_t>(r)];
        if (code >= problem.extra_width) {
            code = problem.extra_width + columns_->origin_of(code - problem.extra_width);
        } else if (shape_.own_column && code == shape_.own()) {
            code = problem.extra_width + job_->self[static_cast<std::size_t>(at_)];
        }
        codes[r] = code;
    }
}

void Program::offer_basis(const std::int32_t* codes, Eigen::Index o, lp::Facets& facets) {
    const Status status =
        read_unit(shape_, job_->technology, job_->settings, job_->sample, job_->evaluated, o, unit_);
    if (status != Status::optimal) return;
    write_unit(shape_, unit_, place_of(o), workspace_->problem);
    load_basis(codes, o);
    (void)lp::offer_start(*workspace_, facets);
    workspace_->warm.clear();
    workspace_->loaded = false;
}

void Program::load_basis(const std::int32_t* codes, Eigen::Index o) {
    const lp::Problem& problem = workspace_->problem;
    workspace_->warm.clear();
    workspace_->loaded = true;
    for (int r = 0; r < shape_.rows(); ++r) {
        std::int32_t code = codes[r];
        if (code >= problem.extra_width) {
            const std::int32_t j = code - problem.extra_width, here = columns_->place_of(j);
            if (here >= 0) {
                code = problem.extra_width + here;
            } else if (shape_.own_column && j == job_->self[static_cast<std::size_t>(o)]) {
                code = shape_.own();
            } else {
                workspace_->warm.clear();  // a column that is not here: begin elsewhere
                return;
            }
        }
        workspace_->warm.push_back(code);
    }
}

}  // namespace greenfront::dea
